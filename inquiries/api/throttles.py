"""Counts what one visitor asks for, by address, in windows; while Redis is dead nothing is counted, or refused.

Of the address only a keyed digest is kept, for as long as the window lasts.
"""

import math
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from inquiries.privacy import blind_index


def spend(scope: str, visitor: str) -> int:
    """Count one request of the visitor; 0 when it is within the scope's limit, else the seconds to wait."""
    limit, window = settings.THROTTLES[scope]
    now = timezone.now().timestamp()
    number, into = divmod(now, window)
    key = f"throttle:{scope}:{int(number)}:{blind_index('visitor', visitor)}"
    count = cache.count(key, window)  # type: ignore[attr-defined]
    return math.ceil(window - into) if count > limit else 0


class PerVisitor(BaseThrottle):
    """Limits a view by its `throttle_scope`, a name in `settings.THROTTLES`; none: no limit."""

    seconds: int = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope: str = getattr(view, "throttle_scope", "")
        self.seconds = spend(scope, self.get_ident(request) or "") if scope else 0
        return not self.seconds

    def wait(self) -> Any:
        return self.seconds or None
