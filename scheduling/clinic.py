"""The clinic's pages, which anybody may read: each in the words of the staff, with the next free times beside them.

They answer without PostgreSQL too, with the words read last and no times.
"""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from inquiries import passages
from inquiries.forms import source_of
from scheduling import picker
from scheduling.choosing import free, screening_call

LOOK_AHEAD = dt.timedelta(days=8)
USUAL_MINUTES = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return show(request, "home")


@require_safe
def first_call(request: HttpRequest) -> HttpResponse:
    return show(request, "first_call")


@require_safe
def treatment(request: HttpRequest) -> HttpResponse:
    return show(request, "treatment")


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    return show(request, "questions")


def show(request: HttpRequest, page: str) -> HttpResponse:
    now = timezone.now()
    texts, answered = passages.by_place()
    source = source_of(request)
    facts = {
        "texts": texts,
        "zone": settings.CLINIC_TIME_ZONE,
        "now": now,
        "source": urlencode(source),
        # Our own links stay short for whoever came without a campaign or a referrer.
        "onward": f"?{urlencode(source)}" if source.keys() - {"page"} else "",
        **(next_times(now) if answered else {"times": None, "minutes": USUAL_MINUTES}),
    }
    return render(request, f"scheduling/clinic/{page}.html", facts)


def next_times(now: dt.datetime) -> dict[str, Any]:
    """The next free `times`, None when PostgreSQL does not answer; and how many `minutes` a call takes."""
    try:
        kind = screening_call()
        found = free(kind, language=translation.get_language() or "", now=now, ahead=LOOK_AHEAD)
    except (OperationalError, InterfaceError):
        return {"times": None, "minutes": USUAL_MINUTES}
    return {
        "times": picker.a_few(found, zone=settings.CLINIC_TIME_ZONE),
        "minutes": kind.duration_minutes if kind else USUAL_MINUTES,
    }
