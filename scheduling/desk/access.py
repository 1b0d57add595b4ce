"""The desk's door: signed-in staff, each in their own language."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from inquiries.models import StaffMember

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """What a page of the desk is asked with; `htmx` is true when the page itself asks for a part of it."""

    user: StaffMember
    htmx: HtmxDetails


def for_everybody(view: View) -> View:
    """Lets all staff in, practitioners too; others are sent to sign in, a page that refreshes itself included.

    What such a view shows and changes starts at `scheduling.policy`.
    """

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        with translation.override(request.user.language):
            response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def for_staff(view: View) -> View:
    """Lets coordinators and managers in; a practitioner is refused, others are sent to sign in."""

    @wraps(view)
    def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_practitioner:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return for_everybody(guarded)


def for_managers(view: View) -> View:
    """Lets managers in; other staff are refused, those not signed in are sent to sign in."""

    @wraps(view)
    def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_manager:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return for_everybody(guarded)


def _to_sign_in(request: StaffRequest) -> HttpResponse:
    if request.htmx:
        page = request.htmx.current_url_abs_path or reverse("desk")
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("desk"))
