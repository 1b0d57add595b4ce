"""Who calls the desk's API: a staff member by a bearer token (RFC 6750)."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from inquiries.models import ApiToken, StaffMember


class BearerAuthentication(BaseAuthentication):
    """Unknown, revoked and a disabled person's tokens are one answer: 401."""

    def authenticate(self, request: Request) -> tuple[StaffMember, ApiToken] | None:
        scheme, _space, token = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        found = ApiToken.objects.for_bearer(token.strip().decode("latin-1"))
        if found is None:
            raise AuthenticationFailed(_("This token is not valid. Make a new one."), code="invalid_token")
        return found.staff_member, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="desk"'


class IsStaff(BasePermission):
    """Staff who can sign in; practitioners only where the view says `for_practitioners`."""

    message = _("This is not for this account. Ask a manager of the clinic.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = request.user
        if not isinstance(member, StaffMember) or not member.is_active:
            return False
        return not member.is_practitioner or getattr(view, "for_practitioners", False)


class ManagersChange(IsStaff):
    """Staff read; managers change."""

    message = _("Only a manager of the clinic can change this.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = request.user
        if not isinstance(member, StaffMember) or not super().has_permission(request, view):
            return False
        return request.method in SAFE_METHODS or member.is_manager


class IsManager(ManagersChange):
    """Managers alone, to read as to change."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = request.user
        return super().has_permission(request, view) and isinstance(member, StaffMember) and member.is_manager


class ManagersAndOneself(ManagersChange):
    """As above, and a practitioner changes their own, which the view looks up in `scheduling.policy`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        member = request.user
        if isinstance(member, StaffMember) and member.is_active and member.is_practitioner:
            return True
        return super().has_permission(request, view)
