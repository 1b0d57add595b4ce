"""Who has to have a second step, and the way there for those who have none yet."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django_htmx.http import HttpResponseClientRedirect

from inquiries.models import StaffMember

MAIN_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
HAS_ONE = "has_second_factor"
GUARDED = ("/desk/", "/admin/")


def is_required(member: StaffMember) -> bool:
    return bool(settings.REQUIRE_MFA and member.is_manager)


def has_one(member: StaffMember) -> bool:
    return bool(Authenticator.objects.filter(user=member, type__in=MAIN_FACTORS).exists())


def forget(request: HttpRequest) -> None:
    """Look again, at the next request, whether they have one."""
    request.session.pop(HAS_ONE, None)


class SecondFactorMiddleware:
    """Managers without a second step come no further than the page where they add one; and that in their language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/accounts/") and request.user.is_authenticated:
            translation.activate(request.user.language)
        if request.path.startswith(GUARDED) and request.user.is_authenticated and self.lacks_one(request):
            if "HX-Request" in request.headers:
                return HttpResponseClientRedirect("/accounts/2fa/")
            return redirect("mfa_index")
        return self.get_response(request)

    def lacks_one(self, request: HttpRequest) -> bool:
        """One query, until they have one."""
        member = request.user
        if not isinstance(member, StaffMember) or not is_required(member) or request.session.get(HAS_ONE):
            return False
        found = has_one(member)
        if found:
            request.session[HAS_ONE] = True
        return not found
