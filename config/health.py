"""Is the process alive (`/healthz`), and can it do its work (`/readyz`)?"""

from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from notifications import pulse


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 or 503: database, broker, heartbeats of worker and beat, and the oldest message that is due."""
    checks = {"database": database(), "broker": broker()}
    if checks["database"]["ok"]:
        checks |= pulse.checks(now=timezone.now())
    ready = all(check["ok"] for check in checks.values())
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)


def database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        return {"ok": False, "why": _("PostgreSQL does not answer")}
    return {"ok": True}


def broker() -> dict[str, Any]:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return {"ok": False, "why": _("Redis does not answer")}
    return {"ok": True}
