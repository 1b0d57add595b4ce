"""The people of a simulation: they ask, choose, answer, move, cancel, and change their minds, each by their own lot."""

import datetime as dt

from inquiries import intake
from inquiries.story import PATIENT
from notifications.simulation.clinic import Clinic
from notifications.simulation.persons import DAY, GIVEN_NAMES, HOUR, WHAT_THEY_WROTE, Person
from scheduling import booking, slots
from scheduling.models import Appointment

Status = Appointment.Status


def arrives(clinic: Clinic, person: Person) -> None:
    """Writes to us; most go on to choose a time, some leave it at that, some wish for a part of a day."""
    choosing = person.chance(0.8)
    who = intake.Person(
        given_name=GIVEN_NAMES[person.number % len(GIVEN_NAMES)],
        family_name=person.family_name,
        email=person.email,
        phone=person.phone if not person.email or person.chance(0.8) else "",
    )
    wishes = intake.Wishes(
        language=person.language,
        time_zone=person.zone,
        contact_by=person.contact_by,
        discreet=person.discreet,
        reminders_ok=person.reminders_ok,
        needs_help_now="yes" if person.urgent else "no",
    )
    clinic.count("asked to be contacted")
    person.inquiry = intake.receive(
        person=who, wishes=wishes, message=WHAT_THEY_WROTE, concerns=("bipolar",), choosing=choosing, now=clinic.now
    )
    clinic.met(person)
    if choosing and person.chance(0.9):
        clinic.later(person.within(0 * HOUR, HOUR / 4), lambda: chooses(clinic, person))
    elif person.chance(0.5):
        clinic.later(person.within(HOUR / 60, HOUR), lambda: wishes_for_mornings(clinic, person))


def wishes_for_mornings(clinic: Clinic, person: Person) -> None:
    if person.inquiry and not clinic.current(person):
        day = (clinic.now + 3 * DAY).date()
        windows = [{"date": (day + n * DAY).isoformat(), "part": "morning"} for n in range(2)]
        clinic.count("wished for a part of a day")
        intake.prefer(inquiry=person.inquiry, windows=windows, by=PATIENT, now=clinic.now)


def chooses(clinic: Clinic, person: Person) -> None:
    """Asks for one of the free times; who is too late for it takes another."""
    for _ in range(3):
        start = a_free_time(clinic, person)
        if start is None or person.inquiry is None:
            return
        row = clinic.change("asked for a time", booking.request, **clinic.request(person, start), by=PATIENT)
        if row is not None:
            clinic.staff_hear(person)
            clinic.later(person.within(HOUR / 10, 3 * DAY), lambda: has_second_thoughts(clinic, person))
            return


def a_free_time(clinic: Clinic, person: Person) -> dt.datetime | None:
    days = person.lot.choice((2, 6, 10, 20))
    offer = slots.offered(
        kind=clinic.kind,
        start=clinic.now,
        end=clinic.now + days * DAY,
        now=clinic.now,
        language=person.language,
    )
    return person.lot.choice(offer.slots).start if offer.slots else None


def has_second_thoughts(clinic: Clinic, person: Person) -> None:
    """Most keep what they asked for."""
    row, lot = clinic.current(person), person.lot.random()
    if row is None:
        return
    if lot < 0.12:
        asks_to_move(clinic, person, row)
    elif lot < 0.2:
        clinic.change("withdrew", booking.withdraw, appointment=row)
        if person.chance(0.4):
            clinic.later(person.within(HOUR, DAY), lambda: chooses(clinic, person))
    elif lot < 0.23 and person.inquiry:
        clinic.attempt("asked to be forgotten", booking.forget, inquiry=person.inquiry)


def asks_to_move(clinic: Clinic, person: Person, row: Appointment) -> None:
    start = a_free_time(clinic, person)
    if start is not None and clinic.change("asked to move", booking.ask_to_move, appointment=row, start=start):
        clinic.staff_hear(person)
        if person.chance(0.15):  # back to the time that was kept for them
            kept = row.start
            clinic.later(person.within(HOUR / 20, HOUR), lambda: moves_back(clinic, person, kept))


def moves_back(clinic: Clinic, person: Person, start: dt.datetime) -> None:
    row = clinic.current(person)
    if row is not None:
        clinic.change("asked to move back", booking.ask_to_move, appointment=row, start=start)


def hears(clinic: Clinic, person: Person) -> None:
    """Answers, hours after staff did something."""
    clinic.later(person.within(HOUR / 10, 30 * HOUR), lambda: answers(clinic, person))


def answers(clinic: Clinic, person: Person) -> None:
    row, lot = clinic.current(person), person.lot.random()
    if row is None:
        if person.chance(0.3):
            chooses(clinic, person)
    elif row.status == Status.PROPOSED:
        offers = booking.offers_of(row, now=clinic.now)
        if lot < 0.6 and offers:
            proposal = str(person.lot.choice(offers).pk)
            clinic.change("accepted a time", booking.accept, appointment=row, proposal=proposal)
        elif lot < 0.75:
            clinic.change("refused the times", booking.refuse, appointment=row)
    elif row.status == Status.BOOKED:
        clinic.later(row.start - 20 * HOUR - clinic.now, lambda: says_they_will_come(clinic, person))


def says_they_will_come(clinic: Clinic, person: Person) -> None:
    row = clinic.current(person)
    if row is not None and row.status == Status.BOOKED and person.chance(0.6):
        clinic.change("said they will be there", booking.confirm_attendance, appointment=row)
