"""Working on one call: what to ask, whether they were reached, what came of it. One form, so that nothing is lost."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from inquiries import fields, intake
from scheduling import attempts, booking, checklist, desk_forms, wording
from scheduling.booking.rules import allowed_verbs
from scheduling.checklist import Answer
from scheduling.desk import decided, decisions
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.desk.calls import results_of, tried
from scheduling.desk.case import case_of
from scheduling.desk.next_step import next_step
from scheduling.models import Appointment, CallAttempt, ChecklistLine

Status = Appointment.Status
SPOKEN = ("complete", "call_back")  # what was noted goes with the outcome
LINES_SENT = 100


def find(request: StaffRequest, pk: UUID) -> Appointment:
    """The call with whom it is about, and its follow-up. Raises Http404, also where it is not theirs to see."""
    rows = tried(request.user).select_related("inquiry__contact", "appointment_type", "practitioner", "follow_up")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@for_everybody
@require_safe
def call(request: StaffRequest, pk: UUID) -> HttpResponse:
    return page(request, find(request, pk))


def page(request: StaffRequest, row: Appointment, *, refusal: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    results = results_of(row)
    follow_up = getattr(row, "follow_up", None)
    is_open = follow_up is not None and follow_up.settled_at is None and row.status == Status.NOSHOW
    asked = checklist.of_call(row)
    can = allowed_verbs(row, of=SPOKEN, now=now)
    context = {
        **case_of(row.inquiry, now),
        "appointment": row,
        "asked": with_what_was_sent(asked, request) if refusal else asked,
        "can": dict.fromkeys(can, True),
        "spoken": set(SPOKEN).intersection(can),
        "can_try": attempts.can_be_tried(row, now) and (row.status == Status.BOOKED or is_open),
        "follow_up": follow_up if is_open else None,
        "results": [CallAttempt.Result(result).label for result in results],
        "attempt": len(results) + 1,
        "next_step": next_step(row, results=results, follow_up=follow_up if is_open else None, now=now),
        "outcomes": wording.OUTCOMES,
        "sent": request.POST if refusal else {},
        "decisions": decided.latest(request, now=now, of=row),
        "refusal": refusal,
    }
    return render(request, "scheduling/desk/call.html", context, status=status)


def with_what_was_sent(asked: list[checklist.Asked], request: StaffRequest) -> list[checklist.Asked]:
    """What somebody typed is shown again when it was not kept."""
    return [checklist.Asked(one.line, _sent(request, one.line.pk)) for one in asked]


def _sent(request: StaffRequest, line: int) -> Answer:
    return Answer(f"asked-{line}" in request.POST, request.POST.get(f"answer-{line}", "").strip())


def answers_sent(request: StaffRequest, row: Appointment) -> dict[int, Answer]:
    """By the line's id, of the lines that the page sent. Raises ValidationError for a text that is too long."""
    sent = {name.removeprefix("answer-") for name in request.POST if name.startswith("answer-")}
    known = [line.pk for line in ChecklistLine.objects.for_call(row)[:LINES_SENT] if str(line.pk) in sent]
    found = {line: _sent(request, line) for line in known}
    return {line: Answer(answer.is_asked, str(fields.message(answer.text))) for line, answer in found.items()}


def _keep(request: StaffRequest, row: Appointment, now: dt.datetime) -> Any:
    return _("Kept.")


def _attempt(request: StaffRequest, row: Appointment, now: dt.datetime) -> Any:
    form = desk_forms.AttemptForm(request.POST)
    if not form.is_valid():
        raise ValidationError(desk_forms.first_error(form))
    made = attempts.record(appointment=row, by=request.user, now=now, **form.cleaned_data)
    if made.number < attempts.ENOUGH:
        return _("Attempt recorded. Try once more in a while.")
    return _("Attempt recorded. The call counts as missed; it is on the list to try again.")


def _spoken(verb: str) -> Callable[[StaffRequest, Appointment, dt.datetime], Any]:
    def record(request: StaffRequest, row: Appointment, now: dt.datetime) -> Any:
        form = desk_forms.OutcomeForm(request.POST)
        if not form.is_valid():
            raise ValidationError(desk_forms.first_error(form))
        changed = decisions.take(verb, row, by=request.user, now=now, facts=form.cleaned_data)
        decided.remember(request, decided.Kept.of(changed, verb, now))
        return ""

    return record


def _settle(request: StaffRequest, row: Appointment, now: dt.datetime) -> Any:
    attempts.settle(appointment=row, by=request.user, now=now)
    return _("Done: nobody need try again.")


def _note(request: StaffRequest, row: Appointment, now: dt.datetime) -> None:
    """What was typed goes with whatever button was pressed. Raises ValidationError."""
    text = str(fields.message(request.POST.get("note", "").strip()))
    if text:
        intake.note(inquiry=row.inquiry, text=text, by=request.user, now=now)


DEEDS: dict[str, Callable[[StaffRequest, Appointment, dt.datetime], Any]] = {
    "keep": _keep,
    "attempt": _attempt,
    "complete": _spoken("complete"),
    "call_back": _spoken("call_back"),
    "settle": _settle,
}


@for_everybody
@require_POST
def do(request: StaffRequest, pk: UUID, deed: str) -> HttpResponse:
    """Keep what was typed, and do what the pressed button says; both or neither."""
    now = timezone.now()
    row = find(request, pk)
    try:
        with transaction.atomic():
            checklist.keep(appointment=row, answers=answers_sent(request, row), by=request.user, now=now)
            if deed not in SPOKEN:
                _note(request, row, now)
            said = DEEDS[deed](request, row, now)
    except ValidationError as error:
        return page(request, find(request, pk), refusal=error.messages[0], status=400)
    except booking.Refusal as refusal:
        return page(request, find(request, pk), refusal=str(refusal.sentence), status=409)
    if said:
        messages.success(request, said)
    return redirect("desk-call", pk=pk)
