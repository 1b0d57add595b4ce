"""Counts what one visitor asks for, by address, in windows; while Redis is dead nothing is counted, or refused.

Of the address only a keyed digest is kept, for as long as the window lasts.
"""

import math
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from inquiries.privacy import blind_index


def spend(scope: str, visitor: str) -> int:
    """Count one request of the visitor; 0 when it is within the scope's limit, else the seconds to wait."""
    limit, window = settings.THROTTLES[scope]
    key, left = _counter(scope, visitor)
    count = cache.count(key, window)  # type: ignore[attr-defined]
    return left if count > limit else 0


def spent(scope: str, visitor: str) -> int:
    """As `spend` would answer one more request; counts none."""
    key, left = _counter(scope, visitor)
    return left if int(cache.get(key) or 0) >= settings.THROTTLES[scope][0] else 0


def _counter(scope: str, visitor: str) -> tuple[str, int]:
    """Where the visitor's requests of this window are counted, and how many seconds are left of it."""
    window = settings.THROTTLES[scope][1]
    number, into = divmod(timezone.now().timestamp(), window)
    return f"throttle:{scope}:{int(number)}:{blind_index('visitor', visitor)}", math.ceil(window - into)


def visitor_of(request: HttpRequest | Request) -> str:
    """The visitor's address, behind the proxies that we trust."""
    return BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]


class PerVisitor(BaseThrottle):
    """Limits a view by its `throttle_scope`, a name in `settings.THROTTLES`; none: no limit."""

    seconds: int = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope: str = getattr(view, "throttle_scope", "")
        self.seconds = spend(scope, visitor_of(request)) if scope else 0
        return not self.seconds

    def wait(self) -> Any:
        return self.seconds or None
