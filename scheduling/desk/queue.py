"""What needs an answer, the most pressing first."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.models import Activity, Inquiry, StaffMember
from scheduling import wording
from scheduling.desk import decided, looking, words
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.desk.silent import silent_calendars
from scheduling.models import Appointment, FollowUp

LIMIT = 100  # rows of one list; nobody works through more at a sitting
NEXT_CALLS = 8
FELL_THROUGH_LATELY = dt.timedelta(days=14)
Status, Reason = Appointment.Status, Appointment.Reason


@for_everybody
@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """The whole page; for a page that refreshes itself, the lists alone. A practitioner's day begins at the calls."""
    if request.user.is_practitioner:
        return redirect("desk-calls")
    return page(request)


def page(
    request: StaffRequest, *, refusal: str = "", about: Appointment | None = None, status: int = 200
) -> HttpResponse:
    """The queue as it is now; with the sentence of a `refusal`, and the appointment that it is about."""
    now = timezone.now()
    lists = waiting(request.user, now)
    context = {**lists, "count": sum(map(len, (lists["requests"], lists["urgent"], lists["contacts"]))), "now": now}
    context |= {"decisions": decided.latest(request, now=now), "reasons": wording.REASONS}
    context |= {"refusal": refusal, "about": about, "silent_calendars": silent_calendars(request.user, now)}
    name = "queue_lists" if request.htmx else "queue"
    return render(request, f"scheduling/desk/{name}.html", context, status=status)


def waiting(member: StaffMember, now: dt.datetime) -> dict[str, list[Any]]:
    """The lists of the queue; five queries."""
    begun, coming = _calls(now)
    urgent, aside = needing_help()
    return {
        "urgent": urgent,
        "aside_urgent": aside,
        "requests": list(requests(member, now)[:LIMIT]),
        "contacts": list(without_a_time(now)[:LIMIT]),
        "offers": list(offers()[:LIMIT]),
        "unrecorded": begun,
        "calls": coming,
    }


def needing_help() -> tuple[list[Inquiry], list[Inquiry]]:
    """Who needs help today and nobody has taken on: the admitted, the longest waiting first; and those set aside."""
    rows = Inquiry.objects.needing_help().select_related("contact").order_by("set_aside", "created_at", "pk")[:LIMIT]
    found = list(rows)
    return [row for row in found if not row.set_aside], [row for row in found if row.set_aside]


def requests(member: StaffMember, now: dt.datetime) -> QuerySet[Appointment]:
    """Requests to answer, who needs help today first, then by promise; with the names of the other `lookers`.

    `is_move` where a confirmed time is kept meanwhile.
    """
    kept = Appointment.objects.filter(held_for=OuterRef("pk"), status=Status.BOOKED)
    rows = Appointment.objects.awaiting_answer().select_related("inquiry__contact", "practitioner")
    urgent = Q(inquiry__needs_help_now=Inquiry.NeedsHelp.YES, inquiry__acknowledged_at=None)
    rows = rows.annotate(is_move=Exists(kept), lookers=ArraySubquery(looking.at(member, now)))
    return rows.order_by(ExpressionWrapper(urgent, BooleanField()).desc(), "answer_by", "created_at", "pk")


def offers() -> QuerySet[Appointment]:
    """Offers that wait for the patient, with the number of `times` on offer."""
    rows = Appointment.objects.spoken_of().filter(status=Status.PROPOSED).select_related("inquiry__contact")
    return rows.annotate(times=Count("holds", filter=Q(holds__status=Status.PROPOSED)) + 1).order_by("held_until", "pk")


def without_a_time(now: dt.datetime) -> QuerySet[Inquiry]:
    """Inquiries that nobody has contacted, and those whose request or call has lately come to nothing.

    `try_again` is when to call again who was tried twice in vain, and `missed` that call.
    Also whom no mail can tell that times are held for them, or that a closure has cancelled their call.
    `newest` is the status, and `why` the reason, of their last appointment (None: they had none).
    """
    own = Appointment.objects.spoken_of().filter(inquiry=OuterRef("pk"))
    sought, fell_through, offered, closed = _sought(now)
    waiting_above = Q(needs_help_now=Inquiry.NeedsHelp.YES, acknowledged_at=None)
    settled = own.filter(status__in=[*Appointment.HOLDING, Status.FULFILLED])
    newest = own.order_by("-created_at", "pk")
    still_open = Inquiry.objects.admitted().exclude(status=Inquiry.Status.CLOSED).exclude(waiting_above)
    to_follow = Q(status=Inquiry.Status.NEW) | Q(pk__in=fell_through) | _taken_on(now)
    to_tell = unreachable() & (Q(pk__in=offered) | Q(pk__in=closed) & ~Exists(settled))
    rows = still_open.filter(to_follow & ~Exists(settled) | to_tell, pk__in=sought)
    rows = rows.annotate(newest=Subquery(newest.values("status")[:1]), why=Subquery(newest.values("reason")[:1]))
    waits = FollowUp.objects.open().filter(appointment__inquiry=OuterRef("pk"))
    rows = rows.annotate(
        try_again=Subquery(waits.values("due_at")[:1]), missed=Subquery(waits.values("appointment")[:1])
    )
    return rows.select_related("contact").order_by("created_at", "pk")


def _taken_on(now: dt.datetime) -> Q:
    return Q(needs_help_now=Inquiry.NeedsHelp.YES, acknowledged_at__gte=now - FELL_THROUGH_LATELY)


def _sought(now: dt.datetime) -> tuple[QuerySet[Any, Any], ...]:
    """The ids of all who may be named; and among them by why: fell through, offered times, closed upon.

    Each is found through an index, so that the many who are settled cost nothing.
    """
    admitted, calls = Inquiry.objects.admitted().order_by(), Appointment.objects.spoken_of().order_by()
    lately = calls.filter(start__gte=now - FELL_THROUGH_LATELY)
    in_vain = lately.filter(Q(reason__in=[Reason.EXPIRED, Reason.REFUSED]) | Q(status=Status.NOSHOW))
    offered = calls.filter(status=Status.PROPOSED)
    by_why = [rows.values("inquiry") for rows in (in_vain, offered, _closed(calls, now))]
    taken_on = admitted.filter(_taken_on(now)).values("pk")
    return admitted.filter(status=Inquiry.Status.NEW).values("pk").union(taken_on, *by_why), *by_why


def unreachable() -> Q:
    """Inquiries of people to whom we may not, or cannot, write."""
    return Q(contact__email_index="") | ~Q(contact_by=[]) & ~Q(contact_by__contains=["email"])


def _closed(rows: QuerySet[Appointment], now: dt.datetime) -> QuerySet[Appointment]:
    """Those among the appointments that a closure has lately cancelled."""
    told = Activity.objects.filter(
        appointment_id=OuterRef("pk"), kind="appointment.cancelled", facts__has_key="closure"
    )
    return rows.filter(Exists(told), reason=Reason.CLINIC, start__gte=now - FELL_THROUGH_LATELY)


def _calls(now: dt.datetime) -> tuple[list[Appointment], list[Appointment]]:
    """Booked calls that are over and have no outcome yet; and today's other ones, or the next ones."""
    booked = Appointment.objects.spoken_of().filter(status=Status.BOOKED).order_by("start", "pk")
    rows = list(booked.select_related("inquiry__contact", "practitioner")[:LIMIT])
    coming = [row for row in rows if row.end > now]
    today = [row for row in coming if words.clinic_date(row.start) == words.clinic_date(now)]
    return [row for row in rows if row.end <= now], coming[: max(NEXT_CALLS, len(today))]
