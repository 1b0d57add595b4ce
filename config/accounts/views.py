"""Where allauth's pages answer differently here."""

from typing import Any, cast

from allauth.account.views import LoginView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from config.accounts.second_factor import has_one, is_required
from inquiries.models import StaffMember


class SignIn(LoginView):
    """What was refused is answered as such: 400, and 429 where it was too often."""

    def form_invalid(self, form: Any) -> HttpResponse:
        throttled = form.has_error("__all__", "too_many_login_attempts")
        status = 429 if throttled else 400
        return cast(HttpResponse, self.render_to_response(self.get_context_data(form=form), status=status))


class RemoveKey(RemoveWebAuthnView):
    """The last second step of somebody who has to have one stays."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.object):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        return cast(HttpResponse, super().form_valid(form))


class YourAccount(IndexView):
    """One's own account: second steps, password, sessions."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = cast(StaffMember, self.request.user)
        context = super().get_context_data(**kwargs)
        sessions = UserSession.objects.purge_and_list(member)
        needs_second_step = is_required(member) and not has_one(member)
        return {**context, "needs_second_step": needs_second_step, "sessions": sessions, "now": timezone.now()}
