"""The end of a session: after a while without a person, after twelve hours, or because somebody ends it."""

import datetime as dt
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.accounts.drafts import forget_sent, keep_unsent
from inquiries.models import StaffMember

SEEN, SIGNED_IN = "seen_at", "signed_in_at"
SEEN_STEP = dt.timedelta(minutes=1)  # how exactly the last sign of life is kept; each step is a write


def end_sessions(member: StaffMember, *, but: str | None = None) -> int:
    """Ends the person's sessions, all or all but one; how many there were."""
    ended = 0
    for session in UserSession.objects.filter(user=member).exclude(session_key=but or ""):
        session.end()
        ended += 1
    return ended


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
                keep_unsent(request)
                logout(request)
            else:
                self.note_life(request, now)
        response = self.get_response(request)
        forget_sent(request, response)
        return response

    def is_over(self, request: HttpRequest, now: dt.datetime) -> bool:
        idle = now - _moment(request, SEEN, now)
        age = now - _moment(request, SIGNED_IN, now)
        return idle.total_seconds() > settings.IDLE_LOGOFF_SECONDS or age.total_seconds() > settings.SESSION_COOKIE_AGE

    def note_life(self, request: HttpRequest, now: dt.datetime) -> None:
        request.session.setdefault(SIGNED_IN, now.isoformat())
        beats = request.headers.get("HX-Trigger") == "presence"
        by_itself = "HX-Request" in request.headers and (request.method == "GET" or beats)
        if SEEN not in request.session or (not by_itself and now - _moment(request, SEEN, now) >= SEEN_STEP):
            request.session[SEEN] = now.isoformat()
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=now)


def _moment(request: HttpRequest, key: str, otherwise: dt.datetime) -> dt.datetime:
    kept = request.session.get(key)
    return dt.datetime.fromisoformat(kept) if kept else otherwise
