"""The calls of one day, in order, and whom to try again."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.models import StaffMember, Statement
from scheduling import policy, slots
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.desk.silent import silent_calendars
from scheduling.desk.times import asked_day
from scheduling.models import Appointment, AppointmentQuerySet, CallAttempt, FollowUp

DAY = dt.timedelta(days=1)
LIMIT = 50
THEIRS = (Statement.Kind.CONCERNS, Statement.Kind.MESSAGE)
Status = Appointment.Status


@for_everybody
@require_safe
def calls(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = words.clinic_date(now)
    date = asked_day(request) or today
    zone = settings.CLINIC_TIME_ZONE
    start, end = slots.local_midnight(date, zone), slots.local_midnight(date + DAY, zone)
    held = tried(request.user).filter(
        start__gte=start, start__lt=end, status__in=[Status.BOOKED, Status.FULFILLED, Status.NOSHOW]
    )
    statements = Prefetch("inquiry__statements", Statement.objects.filter(kind__in=THEIRS))
    rows = held.select_related("inquiry__contact", "practitioner").prefetch_related(statements)
    context = {
        "rows": list(rows.order_by("start", "practitioner", "pk")),
        "again": to_try_again(request.user, before=max(end, now)),
        "date": date,
        "today": today,
        "before": date - DAY,
        "after": date + DAY,
        "now": now,
        "silent_calendars": silent_calendars(request.user, now),
    }
    return render(request, "scheduling/desk/calls.html", context)


def tried(member: StaffMember) -> AppointmentQuerySet:
    """Their calls, each with the `results` of the attempts to reach the person, in order."""
    results = CallAttempt.objects.filter(appointment=OuterRef("pk")).order_by("number").values("result")
    return policy.appointments(member).annotate(results=ArraySubquery(results))


def results_of(row: Appointment) -> list[str]:
    """What `tried` has annotated it with."""
    return list(vars(row)["results"])


def to_try_again(member: StaffMember, *, before: dt.datetime) -> list[FollowUp]:
    """The follow-ups due by then, the first due first; one query."""
    own = FollowUp.objects.open().filter(appointment__in=policy.appointments(member), due_at__lt=before)
    return list(own.select_related("appointment__inquiry__contact", "appointment__practitioner")[:LIMIT])
