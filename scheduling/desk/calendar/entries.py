"""The calls that the calendar shows: read as narrowly as it tells of them, for a month has thousands."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from inquiries.models import Contact
from scheduling.models import Appointment, Practitioner

Status = Appointment.Status
SHOWN = (*Appointment.HOLDING, Status.FULFILLED, Status.NOSHOW)
TIMES = ("pk", "held_for", "status", "start", "end", "practitioner")
NAMES = ("inquiry", "inquiry__contact__given_name", "inquiry__contact__preferred_name")


@dataclass(slots=True, eq=False)
class Entry:
    """A call, or further time held for one; `contact` is None where nobody is named."""

    pk: UUID
    held_for: UUID | None
    status: str
    start: dt.datetime
    end: dt.datetime
    practitioner_id: int
    contact: Contact | None = None
    person: Practitioner | None = None

    @property
    def appointment(self) -> UUID:
        """The one that staff speak of."""
        return self.held_for or self.pk

    @property
    def called(self) -> str:
        """The person, or what stands for an erased one."""
        return (self.contact.called if self.contact else "") or self.pk.hex[:8].upper()


def between(start: dt.datetime, end: dt.datetime, now: dt.datetime, *, named: bool = True) -> list[Entry]:
    """What is shown of `[start, end)`; a lapsed hold is gone. One query."""
    lapsed = Q(status__in=Appointment.UNSETTLED, held_until__lte=now)
    rows = Appointment.objects.filter(~lapsed, status__in=SHOWN, start__lt=end, end__gt=start)
    rows = rows.order_by("start", "practitioner", "pk")
    return [_read(*facts) for facts in rows.values_list(*TIMES, *(NAMES if named else ()))]


def _read(*facts: Any) -> Entry:
    entry = Entry(*facts[: len(TIMES)])
    if who := facts[len(TIMES) :]:
        inquiry, given_name, preferred_name = who
        entry.contact = Contact(inquiry_id=inquiry, given_name=given_name, preferred_name=preferred_name)
    return entry
