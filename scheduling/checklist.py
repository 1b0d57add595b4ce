"""What is asked in every call: the clinic's lines, and what was asked and answered in one call."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from inquiries import story
from inquiries.models import StaffMember, Statement
from scheduling.models import Appointment, CallAnswer, ChecklistLine


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a line was asked, and what was noted of the answer ('' for nothing)."""

    is_asked: bool = False
    text: str = ""

    def __bool__(self) -> bool:
        return self.is_asked or bool(self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the checklist in one call."""

    line: ChecklistLine
    answer: Answer


def of_call(appointment: Appointment) -> list[Asked]:
    """The lines in order with what is kept of them; two queries."""
    kept = answers_of(appointment)
    return [Asked(line, kept.get(line.pk, Answer())) for line in ChecklistLine.objects.for_call(appointment)]


def answers_of(appointment: Appointment) -> dict[int, Answer]:
    """By the line's id; one query."""
    rows = CallAnswer.objects.filter(appointment=appointment).select_related("statement")
    return {row.line_id: Answer(row.is_asked, row.statement.text.reveal() if row.statement else "") for row in rows}


@transaction.atomic
def keep(*, appointment: Appointment, answers: Mapping[int, Answer], by: StaffMember, now: dt.datetime) -> None:
    """Keep what was asked and answered, by the line's id; only what differs from what is kept is written, and told."""
    Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    kept = answers_of(appointment)
    changed = {line: answer for line, answer in answers.items() if answer != kept.get(line, Answer())}
    if not changed:
        return
    for line, answer in changed.items():
        _keep_one(appointment, line, answer, by=by, now=now)
    after = {**kept, **changed}
    facts = {
        "appointment": str(appointment.pk),
        "asked": sum(bool(answer) for answer in after.values()),
        "lines": ChecklistLine.objects.for_call(appointment).count(),
    }
    story.tell(inquiry_id=appointment.inquiry_id, kind="inquiry.checklist_kept", by=by, now=now, facts=facts)


def _keep_one(appointment: Appointment, line: int, answer: Answer, *, by: StaffMember, now: dt.datetime) -> None:
    row, _made = CallAnswer.objects.get_or_create(appointment=appointment, line_id=line)
    statement = row.statement
    if answer.text:
        statement = statement or Statement(inquiry_id=appointment.inquiry_id, kind=Statement.Kind.ANSWER)
        statement.text, statement.written_at, statement.written_by = answer.text, now, by
        statement.save()
    row.is_asked, row.statement = answer.is_asked, statement if answer.text else None
    row.save(update_fields=["is_asked", "statement"])
    if statement and not answer.text:
        statement.delete()


@dataclass(frozen=True, slots=True)
class LineText:
    """A line as a manager wrote it; `pk` is None for a new one."""

    pk: int | None
    text_en: str
    text_es: str


@transaction.atomic
def rewrite(*, lines: Sequence[LineText], now: dt.datetime) -> None:
    """The lines asked from now on, in this order; those that are not among them are retired."""
    kept = [line.pk for line in lines if line.pk is not None]
    ChecklistLine.objects.in_use().exclude(pk__in=kept).update(retired_at=now)
    for position, line in enumerate(lines, start=1):
        texts = {"position": position * 10, "text_en": line.text_en, "text_es": line.text_es}
        if line.pk is None:
            ChecklistLine.objects.create(**texts)
        else:
            ChecklistLine.objects.filter(pk=line.pk, retired_at=None).update(**texts)
