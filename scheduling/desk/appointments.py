"""An appointment's page, and every decision that staff take there or on the queue."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import retarget

from inquiries.models import StaffMember
from scheduling import booking, desk_forms, policy, wording
from scheduling.booking.rules import STAFF_VERBS
from scheduling.desk import decided, queue
from scheduling.desk.access import StaffRequest, for_everybody, for_staff
from scheduling.desk.case import case_of
from scheduling.desk.decisions import CHOOSE_TIMES, DECISIONS, sentence_of, take
from scheduling.desk.times import choice_of_times
from scheduling.matching import free_times_for
from scheduling.models import Appointment
from scheduling.slots import Slot

Status = Appointment.Status


def find(request: StaffRequest, pk: UUID) -> Appointment:
    """The appointment with whom it is about. Raises Http404, also where it is not theirs to see."""
    rows = policy.appointments(request.user).select_related(
        "inquiry__contact", "inquiry__acknowledged_by", "appointment_type", "practitioner"
    )
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@for_everybody
@require_safe
def appointment(request: StaffRequest, pk: UUID) -> HttpResponse:
    return page(request, find(request, pk))


def page(
    request: StaffRequest, row: Appointment, *, refusal: str = "", seen: int | None = None, status: int = 200
) -> HttpResponse:
    """The page; with the sentence of a `refusal`, and what happened since the version that was `seen`."""
    now = timezone.now()
    case = case_of(row.inquiry, now)
    since = [line for line in case["lines"] if line.appointment == str(row.pk) and seen and line.version > seen]
    decisions = decided.latest(request, now=now, of=row)
    context = {
        **case,
        **possibilities(row, now, request.user),
        "appointment": row,
        "decisions": decisions,
        "undoable_until": None
        if decisions or request.user.is_practitioner
        else decided.undoable_until(row, case["lines"], now),
        "refusal": refusal,
        "since": since,
    }
    return render(request, "scheduling/desk/appointment.html", context, status=status)


def possibilities(row: Appointment, now: dt.datetime, member: StaffMember) -> dict[str, Any]:
    """What can be done now, and the further times that are held; one query, and one where they wished for a time."""
    verbs = [verb for verb in booking.allowed_verbs(row, of=STAFF_VERBS, now=now) if policy.may(member, verb, row)]
    holds = list(row.holds.select_related("practitioner").order_by("start", "pk"))
    kept = next((hold for hold in holds if hold.status == Status.BOOKED), None)
    if row.status == Status.PENDING and kept is None and "cancel" in verbs:
        verbs.remove("cancel")  # a request is declined; only a call that was promised is cancelled
    return {
        "can": dict.fromkeys(verbs, True),
        "matching": free_times_for(inquiry=row.inquiry, kind=row.appointment_type, now=now)
        if "propose" in verbs
        else [],
        "can_choose_time": bool({"propose", "reschedule"}.intersection(verbs)),
        "kept": kept,
        "earlier": next((hold for hold in holds if hold.status == Status.PROPOSED), None)
        if row.status == Status.BOOKED
        else None,
        "offered": [row, *(hold for hold in holds if hold is not kept)] if row.status == Status.PROPOSED else [],
        "reasons": wording.REASONS,
        "outcomes": wording.OUTCOMES,
    }


@for_staff
@require_safe
def times(request: StaffRequest, pk: UUID) -> HttpResponse:
    return times_page(request, find(request, pk))


def times_page(
    request: StaffRequest, row: Appointment, *, refusal: str = "", alternatives: Sequence[Slot] = (), status: int = 200
) -> HttpResponse:
    """The free times to offer or to move to: a page of its own, or a part that another page asks for."""
    now = timezone.now()
    choice = choice_of_times(request, inquiry=row.inquiry, kind=row.appointment_type, now=now)
    can = dict.fromkeys(booking.allowed_verbs(row, of=STAFF_VERBS, now=now), True)
    context = {**choice, "appointment": row, "can": can, "refusal": refusal, "alternatives": alternatives}
    context |= {"times_url": reverse("desk-appointment-times", args=[row.pk]), "back": _back(request)}
    name = "parts/times" if request.htmx else "times"
    return render(request, f"scheduling/desk/{name}.html", context, status=status)


@for_everybody
@require_POST
def decide(request: StaffRequest, pk: UUID, verb: str) -> HttpResponse:
    """Take the decision; a refusal shows the page again, with a sentence and what is possible now."""
    now = timezone.now()
    row = find(request, pk)
    if not policy.may(request.user, verb, row):
        raise PermissionDenied
    form = DECISIONS[verb].form(request.POST)
    if not form.is_valid():
        again = _times_again if verb in CHOOSE_TIMES else _page_again
        return again(request, row, refusal=desk_forms.first_error(form), status=400)
    try:
        changed = take(verb, row, by=request.user, now=now, facts=form.cleaned_data)
    except booking.Refusal as refusal:
        return refused(request, verb, find(request, pk), refusal, seen=form.cleaned_data["version"])
    decided.remember(request, decided.Kept.of(changed, verb, now))
    if request.POST.get("back") == "call":
        return redirect("desk-call", pk=pk)
    return redirect("desk") if _back(request) else redirect("desk-appointment", pk=pk)


def _back(request: StaffRequest) -> str:
    """Where a decision leads back to: the queue, or '' for the appointment's own page."""
    return "queue" if "queue" in (request.GET.get("back"), request.POST.get("back")) else ""


def refused(
    request: StaffRequest, verb: str, row: Appointment, refusal: booking.Refusal, *, seen: int | None
) -> HttpResponse:
    sentence = sentence_of(refusal, verb)
    if verb in CHOOSE_TIMES and isinstance(refusal, booking.SlotTaken | booking.NotOffered):
        alternatives = getattr(refusal, "alternatives", [])
        return _times_again(request, row, refusal=sentence, alternatives=alternatives, status=409)
    return _page_again(request, row, refusal=sentence, seen=seen, status=409)


def _times_again(request: StaffRequest, row: Appointment, **said: Any) -> HttpResponse:
    """The free times with what was refused; on the queue, where they were chosen."""
    answer = times_page(request, row, **said)
    return retarget(answer, f"#panel-{row.pk}") if request.htmx else answer


def _page_again(
    request: StaffRequest, row: Appointment, *, refusal: str, status: int, seen: int | None = None
) -> HttpResponse:
    """The page with what was refused, or the queue, where that asked for its part."""
    if request.htmx and _back(request):
        return queue.page(request, refusal=refusal, about=row, status=status)
    return page(request, row, refusal=refusal, seen=seen, status=status)
