"""`/fhir/$bulk-publish` and the files that it names. Anybody may read them, a minute old at most."""

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from inquiries.api.throttles import spend, visitor_of
from scheduling.fhir import resources
from scheduling.fhir.resources import Resource
from scheduling.models import AppointmentType

MINUTE = 60
NDJSON = "application/fhir+ndjson"
View = Callable[..., HttpResponse]


def published(view: View) -> View:
    """Lets every site read the answer, and counts who asks too often."""

    @wraps(view)
    @require_safe
    @conditional_page
    @cache_control(public=True, max_age=MINUTE)
    def answered(request: HttpRequest, **asked: Any) -> HttpResponse:
        wait = spend("slots", visitor_of(request))
        if wait:
            return HttpResponse("Too many requests.\n", status=429, headers={"Retry-After": str(wait)})
        response = view(request, **asked)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return answered


def _ndjson(rows: Iterable[Resource]) -> HttpResponse:
    lines = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    return HttpResponse(lines, content_type=NDJSON)


def _kinds() -> list[AppointmentType]:
    return list(AppointmentType.objects.filter(is_active=True).order_by("pk"))


@published
def manifest(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    weeks = sorted({week for kind in _kinds() for week in resources.weeks(kind, now)})
    files = [("Location", reverse("fhir-locations")), ("Schedule", reverse("fhir-schedules"))]
    files += [("Slot", reverse("fhir-slots", args=[week])) for week in weeks]
    state = resources.state()
    extension = {"extension": {"state": [state]}} if state else {}
    return JsonResponse(
        {
            "transactionTime": now.replace(microsecond=0).isoformat(),
            "request": settings.SITE_URL + reverse("fhir-manifest"),
            "output": [{"type": kind, "url": settings.SITE_URL + path, **extension} for kind, path in files],
            "error": [],
        }
    )


@published
def locations(request: HttpRequest) -> HttpResponse:
    return _ndjson([resources.location()])


@published
def schedules(request: HttpRequest) -> HttpResponse:
    return _ndjson(resources.schedule(kind) for kind in _kinds())


@published
def slots(request: HttpRequest, week: str) -> HttpResponse:
    """The slots of one ISO week; 404 for a week in which nothing can be booked."""
    now = timezone.now()
    kinds = [kind for kind in _kinds() if week in resources.weeks(kind, now)]
    if not kinds:
        raise Http404
    start, end = resources.window_of(week)
    return _ndjson(row for kind in kinds for row in resources.slots_of(kind, start=start, end=end, now=now))
