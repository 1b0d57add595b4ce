"""Who takes calls: added, changed, and which calls a change would leave without them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from inquiries.models import StaffMember
from scheduling import hours
from scheduling.calendars import reading
from scheduling.models import Appointment, Practitioner


def add(
    *,
    name: str,
    languages: Sequence[str],
    time_zone: str,
    is_active: bool = True,
    staff_member: StaffMember | None = None,
) -> Practitioner:
    """Somebody new, without hours yet: no call is offered with them before they have some."""
    return Practitioner.objects.create(
        name=name, languages=list(languages), time_zone=time_zone, is_active=is_active, staff_member=staff_member
    )


def change(*, practitioner: Practitioner, **facts: object) -> Practitioner:
    """Set some of the facts that `add` takes; calls stay where they are."""
    for name, value in facts.items():
        setattr(practitioner, name, value)
    practitioner.save(update_fields=[*facts])
    if "time_zone" in facts:
        reading.forget_copies(practitioner=practitioner)
    return practitioner


def left_alone(*, practitioner: Practitioner, time_zone: str, is_active: bool, now: dt.datetime) -> list[Appointment]:
    """The calls to come that they would not take any more: all when they leave, else those outside the moved hours."""
    if practitioner.is_active and not is_active:
        return hours.calls_of(practitioner.pk, now=now)
    if practitioner.time_zone == time_zone:
        return []
    before = hours.diary_of(practitioner)
    return hours.left_outside(before=before, after=replace(before, zone=time_zone), now=now)
