"""Who may come in: the sign-in page, its throttle, and the end of a session. The one file a second factor replaces."""

import datetime as dt
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import BaseThrottle

SEEN, SIGNED_IN = "seen_at", "signed_in_at"
SEEN_STEP = dt.timedelta(minutes=1)  # how exactly the last sign of life is kept; each step is a write


class SignInForm(AuthenticationForm):
    """One sentence for a wrong name, a wrong password and a disabled account alike."""

    error_messages = {
        "invalid_login": _("This username and password do not fit together. Check both and try again."),
        "inactive": _("This username and password do not fit together. Check both and try again."),
        "throttled": _("Too many attempts. Wait five minutes, then try again."),
    }

    throttled = False

    def clean(self) -> dict[str, Any]:
        allowed, _window = settings.THROTTLES["login"]
        self.throttled = count_attempt(self.request, self.cleaned_data.get("username", "")) > allowed
        if self.throttled:
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        return super().clean()


class SignIn(LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        cache.delete(_attempts_key(self.request, form.cleaned_data["username"]))
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        throttled = isinstance(form, SignInForm) and form.throttled
        return self.render_to_response(self.get_context_data(form=form), status=429 if throttled else 400)


def count_attempt(request: HttpRequest | None, username: str) -> int:
    """Counts this attempt to sign in to an account from an address; how many there were in the window."""
    key = _attempts_key(request, username)
    _allowed, window = settings.THROTTLES["login"]
    try:
        return 1 if cache.add(key, 1, window) else cache.incr(key)
    except ValueError:  # the window ended between the two
        return 1


def _attempts_key(request: HttpRequest | None, username: str) -> str:
    address = BaseThrottle().get_ident(request) if request else ""  # type: ignore[arg-type]
    return "login:" + sha256(f"{address}\0{username.strip().casefold()}".encode()).hexdigest()


class IdleLogoffMiddleware:
    """Ends a session after `IDLE_LOGOFF_SECONDS` without a person, and `SESSION_COOKIE_AGE` after it began.

    What a page asks for by itself (htmx) does not count as a person.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = timezone.now()
            if self.is_over(request, now):
                logout(request)
            else:
                self.note_life(request, now)
        return self.get_response(request)

    def is_over(self, request: HttpRequest, now: dt.datetime) -> bool:
        idle = now - _moment(request, SEEN, now)
        age = now - _moment(request, SIGNED_IN, now)
        return idle.total_seconds() > settings.IDLE_LOGOFF_SECONDS or age.total_seconds() > settings.SESSION_COOKIE_AGE

    def note_life(self, request: HttpRequest, now: dt.datetime) -> None:
        request.session.setdefault(SIGNED_IN, now.isoformat())
        by_itself = request.method == "GET" and "HX-Request" in request.headers
        if SEEN not in request.session or (not by_itself and now - _moment(request, SEEN, now) >= SEEN_STEP):
            request.session[SEEN] = now.isoformat()


def _moment(request: HttpRequest, key: str, otherwise: dt.datetime) -> dt.datetime:
    kept = request.session.get(key)
    return dt.datetime.fromisoformat(kept) if kept else otherwise
