"""An empty clinic's first hour: what is to be done before patients can book, and a test booking to see it work."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Exists

from inquiries import intake
from inquiries.intake import Person, Wishes
from inquiries.models import Inquiry, StaffMember
from inquiries.story import PATIENT
from scheduling import booking, slots
from scheduling.booking.rules import allowed_verbs
from scheduling.choosing import screening_call
from scheduling.models import Appointment, AppointmentType, Practitioner, WorkingHours

TEST = {"utm_source": "first-hour", "utm_content": "test-booking"}
REMINDERS = [3 * 1440, 1440]


class NothingFree(Exception):
    """No time is free yet: check the hours first."""


@dataclass(frozen=True, slots=True)
class Done:
    """Which steps are behind us."""

    office: bool
    practitioner: bool
    hours: bool
    kind: bool

    @property
    def can_be_booked(self) -> bool:
        return self.office and self.practitioner and self.hours and self.kind


def done() -> Done:
    """One query."""
    office = WorkingHours.objects.filter(practitioner=None)
    people = Practitioner.objects.active()
    at_work = people.filter(working_hours__isnull=False)
    kinds = AppointmentType.objects.filter(is_active=True)
    # any row will do to hang the questions on: the one who asks is a member of staff
    asked = StaffMember.objects.order_by("pk").values_list(
        Exists(office), Exists(people.order_by()), Exists(at_work.order_by()), Exists(kinds)
    )
    return Done(*(asked.first() or (False, False, False, False)))


def make_screening_call(*, name: str, name_es: str) -> AppointmentType:
    """The call with the usual rules, unless there is one of that kind already."""
    row, _is_new = AppointmentType.objects.get_or_create(
        slug="screening-call", defaults={"name": name, "name_es": name_es, "reminder_offsets_minutes": REMINDERS}
    )
    return row


@transaction.atomic
def book_a_test(*, by: StaffMember, name: str, now: dt.datetime) -> Appointment:
    """A patient's request for the first free time, in the member's own name and to their own address.

    Raises NothingFree, and what booking raises; nothing is kept then.
    """
    kind = screening_call()
    if kind is None:
        raise NothingFree
    end = now + dt.timedelta(days=kind.horizon_days)
    free = slots.offered(kind=kind, start=now, end=end, now=now).slots
    if not free:
        raise NothingFree
    person = Person(given_name=name, family_name=by.display_name[:80], email=by.email)
    wishes = Wishes(language=by.language, time_zone=settings.CLINIC_TIME_ZONE)
    inquiry = intake.receive(person=person, wishes=wishes, source=TEST, now=now)
    return booking.request(inquiry=inquiry, kind=kind, start=free[0].start, by=PATIENT, now=now)


def test_to_remove() -> Inquiry | None:
    """The test booking that is still there, whoever made it; one query, through the index of sources."""
    tests = Inquiry.objects.filter(source__utm_source=TEST["utm_source"], source=TEST, erasure_requested_at=None)
    return tests.order_by("-created_at").first()


def is_a_test(inquiry: Inquiry) -> bool:
    return bool(inquiry.source == TEST)


def remove_test(*, inquiry: Inquiry, by: StaffMember, now: dt.datetime) -> None:
    """Its time is free again, and who it named is erased; somebody's real inquiry is left alone."""
    if not is_a_test(inquiry) or inquiry.erasure_requested_at:
        return
    row = Appointment.objects.current_of(inquiry)
    if row is not None and "withdraw" in allowed_verbs(row, of=("withdraw",), now=now):
        booking.withdraw(appointment=row, now=now)
    intake.request_erasure(inquiry=inquiry, by=by, now=now)
