"""The figures as a page that also prints well."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from notifications.insights import plots
from notifications.insights.figures import DIRECT, MOST_REMINDERS, Figures, figures
from notifications.insights.questions import Span, SpanForm, month_before, month_of
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_staff

UNREADABLE = 400


@for_staff
@require_safe
def insights(request: StaffRequest) -> HttpResponse:
    today = words.clinic_date(timezone.now())
    form = SpanForm(request.GET if "first" in request.GET else None)
    if form.is_bound and not form.is_valid():
        return render(request, "notifications/desk/insights.html", {"form": form}, status=UNREADABLE)
    span = form.span() if form.is_bound else month_of(today)
    found = figures(start=span.start, end=span.end)
    this_month = month_of(today)
    context = {
        "form": SpanForm(initial={"first": span.start, "last": span.last}),
        "span": span,
        "found": found,
        "months": [this_month, month_before(this_month), month_before(month_before(this_month))],
        **tables(found, span),
    }
    return render(request, "notifications/desk/insights.html", context)


def tables(found: Figures, span: Span) -> dict[str, Any]:
    """The rows of the page's tables, each with its words first."""
    passed = found.funnel
    return {
        "funnel": [
            (_("Asked to be contacted"), passed.inquiries),
            (_("Asked for a time"), passed.requested),
            (_("Call confirmed"), passed.booked),
            (_("Call held"), passed.held),
        ],
        "weeks": [(words.date_short(max(monday, span.start)), passage) for monday, passage in found.weeks.items()],
        "plot": plots.columns([passage.inquiries for passage in found.weeks.values()]),
        "weekdays": [(words.weekday(day), found.weekdays[day]) for day in sorted(found.weekdays)],
        "reminders": [(_reminders(number), found.reminders[number]) for number in sorted(found.reminders)],
        "sources": [(host if host != DIRECT else _("Came directly"), row) for host, row in found.sources.items()],
        "busiest": max((load.held + load.missed + load.booked for load in found.practitioners), default=0),
    }


def _reminders(number: int) -> str:
    if number == 0:
        return _("None")
    return _("%d or more") % number if number == MOST_REMINDERS else str(number)


def how_long(took: dt.timedelta | None) -> str:
    """
    >>> how_long(dt.timedelta(minutes=95)), how_long(dt.timedelta(seconds=20)), how_long(None)
    ('1 h 35 min', 'under a minute', '–')
    """
    if took is None:
        return "–"
    minutes = int(took.total_seconds() // 60)
    if not minutes:
        return _("under a minute")
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, _("d")), (hours, _("h")), (0 if days else minutes % 60, _("min"))]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
