"""Dull makers of the things that tests are about; each goes through the real verbs and has one obvious default.

`NOW` is a Monday, 10:00 in Miami, with no clock change and no holiday in the two weeks around it.
"""

import datetime as dt
from typing import Any

from inquiries import intake, suspicion
from inquiries.intake import Person, Wishes
from inquiries.models import AccessLink, ApiToken, Inquiry, Passage, StaffMember
from inquiries.passages import first_words
from inquiries.story import PATIENT
from scheduling import booking, slots
from scheduling.management.commands.seed_demo import Command as SeedDemo
from scheduling.models import Appointment, AppointmentType, CalendarSource, OutsideCalendar, Practitioner

NOW = dt.datetime(2026, 12, 7, 15, 0, tzinfo=dt.UTC)
ZONE = "America/New_York"
Status = Appointment.Status


def a_clinic(*, practitioners: int = 3, **rules: Any) -> AppointmentType:
    """The demo clinic without its staff accounts, with the first so many of its practitioners at work."""
    SeedDemo().make_clinic()
    idle = list(Practitioner.objects.order_by("pk")[practitioners:])
    Practitioner.objects.filter(pk__in=[person.pk for person in idle]).update(is_active=False)
    AppointmentType.objects.filter(slug="screening-call").update(**rules)
    return AppointmentType.objects.get(slug="screening-call")


def the_clinics_words() -> None:
    """The texts of the clinic's pages as a migration wrote them; tests that commit leave none."""
    if not Passage.objects.exists():
        Passage.objects.bulk_create(first_words())


def a_staff_member(username: str = "cleo", role: str = StaffMember.Role.COORDINATOR, **facts: Any) -> StaffMember:
    """A coordinator with an address; made once for a name. Their password is unusable."""
    facts = {"role": role, "email": f"{username}@example.com", "password": "!"} | facts
    return StaffMember.objects.get_or_create(username=username, defaults=facts)[0]


def a_bearer_token(member: StaffMember | None = None, now: dt.datetime = NOW) -> str:
    return ApiToken.issue(staff_member=member or a_staff_member(), now=now)


def an_inquiry(
    *,
    now: dt.datetime = NOW,
    message: str = "",
    concerns: tuple[str, ...] = (),
    set_aside: str = "",
    **facts: Any,
) -> Inquiry:
    """Ana Ruiz asks to be contacted; `facts` are members of `Person` and `Wishes`."""
    known = {"given_name": "Ana", "family_name": "Ruiz", "email": "ana@example.com", "phone": "+13055550123"}
    wished = {"language": "en", "time_zone": ZONE, "reminders_ok": True}
    person = {name: facts.get(name, known.get(name, "")) for name in Person.__dataclass_fields__}
    wishes = wished | {name: value for name, value in facts.items() if name in Wishes.__dataclass_fields__}
    return intake.receive(
        person=Person(**person),
        wishes=Wishes(**wishes),
        message=message,
        concerns=concerns,
        set_aside=set_aside,
        now=now,
    )


def a_read_calendar(who: Practitioner | None = None, *, now: dt.datetime = NOW, **facts: Any) -> OutsideCalendar:
    """One that was read `now`, by us; `facts` are of its source. Nobody was asked over the network."""
    who = who or Practitioner.objects.active().order_by("pk")[0]
    row = OutsideCalendar.objects.create(practitioner=who, name="google", read_at=now)
    known = {"form": "feed", "url": "https://calendar.example.com/private-5ecre7/basic.ics"}
    moments = {"copied_until": now + dt.timedelta(days=32), "next_read_at": now, "created_at": now}
    CalendarSource.objects.create(calendar=row, created_by=a_staff_member(), **{**known, **moments, **facts})
    return row


def a_broken_calendar(who: Practitioner | None = None, *, now: dt.datetime = NOW) -> OutsideCalendar:
    """One that was read `now`, and never since: the password is refused."""
    broken = {"broken_since": now + dt.timedelta(minutes=5), "why": "refused", "failures": 1}
    return a_read_calendar(who, now=now, **broken)


def a_form_key(*, age: int = 60) -> str:
    """What the contact form carries once it has been open for so many seconds."""
    return suspicion.new_key(age=age)


def a_link(inquiry: Inquiry, now: dt.datetime = NOW) -> str:
    """The token of a new link to the patient's own page."""
    return AccessLink.issue(inquiry=inquiry, now=now)


def free_times(count: int = 1, *, now: dt.datetime = NOW, days_ahead: int = 2) -> list[dt.datetime]:
    """The first free starts from so many days ahead on, earliest first, whose calls and buffers do not overlap."""
    kind = AppointmentType.objects.get(slug="screening-call")
    start = now + dt.timedelta(days=days_ahead)
    offer = slots.offered(kind=kind, start=start, end=start + dt.timedelta(days=21), now=now)
    return [slot.start for slot in offer.slots[::2][:count]]


def an_appointment(
    status: str = Status.PENDING,
    *,
    inquiry: Inquiry | None = None,
    start: dt.datetime | None = None,
    now: dt.datetime = NOW,
    by: StaffMember | None = None,
) -> Appointment:
    """An appointment that came to its status by the verbs; a call that is over was held when `now` was."""
    kind = AppointmentType.objects.get(slug="screening-call")
    start, staff = start or free_times(now=now)[0], by or a_staff_member()
    row = booking.request(inquiry=inquiry or an_inquiry(now=now), kind=kind, start=start, by=PATIENT, now=now)
    if status == Status.PENDING:
        return row
    if status == Status.CANCELLED:
        return booking.decline(appointment=row, reason="no_capacity", by=staff, now=now)
    if status == Status.PROPOSED:
        return booking.propose(appointment=row, starts=free_times(2, now=now, days_ahead=3), by=staff, now=now)
    row = booking.confirm(appointment=row, by=staff, now=now)
    if status == Status.FULFILLED:
        return booking.complete(appointment=row, outcome="consultation_booked", by=staff, now=start)
    return booking.mark_no_show(appointment=row, by=staff, now=start) if status == Status.NOSHOW else row
