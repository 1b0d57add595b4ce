"""The staff of a simulation: they confirm, decline, offer, move, cancel, take back, close for storms, and forget."""

import datetime as dt

from inquiries import intake
from notifications.simulation import people
from notifications.simulation.clinic import Clinic
from notifications.simulation.people import a_free_time
from notifications.simulation.persons import DAY, HOUR, Person
from scheduling import booking, closures
from scheduling.models import Appointment, AppointmentType, Closure, Practitioner

Status = Appointment.Status
WHEN_THEY_ANSWER = (HOUR / 12, HOUR / 2, HOUR, 3 * HOUR, 8 * HOUR, 20 * HOUR, None)  # None: never


def meet(clinic: Clinic, person: Person) -> None:
    """Somebody wrote to us: soon they are called, and who needs help today is taken on."""
    if person.urgent:
        soon = person.chance(0.9)
        wait = person.within(HOUR / 12, HOUR) if soon else person.within(DAY, 3 * DAY)
        clinic.later(wait, lambda: acknowledge(clinic, person))
    clinic.later(person.within(HOUR, 2 * DAY), lambda: call(clinic, person))


def hear_of_a_request(clinic: Clinic, person: Person) -> None:
    """Somebody answers it soon, late, or never."""
    wait = person.lot.choice(WHEN_THEY_ANSWER)
    if wait is not None:
        clinic.later(wait * (0.5 + person.lot.random()), lambda: decide(clinic, person))


def decide(clinic: Clinic, person: Person) -> None:
    row, lot = clinic.current(person), person.lot.random()
    if row is None or row.status != Status.PENDING:
        return
    if lot < 0.68:
        done = clinic.change("staff confirmed", booking.confirm, appointment=row, by=clinic.staff)
    elif lot < 0.78:
        done = clinic.change("staff declined", booking.decline, appointment=row, reason="no_capacity", by=clinic.staff)
    elif lot < 0.94:
        done = _offer(clinic, person, row)
    else:
        done = _move(clinic, person, row)
    if done is not None and person.chance(0.08):
        clinic.later(person.within(HOUR / 360, HOUR / 70), lambda: take_back(clinic, person))
    elif done is not None:
        _after_a_decision(clinic, person)


def _offer(clinic: Clinic, person: Person, row: Appointment) -> Appointment | None:
    found = {a_free_time(clinic, person) for _ in range(person.lot.randint(1, 3))}
    starts = [start for start in found if start is not None]
    return clinic.change("staff offered times", booking.propose, appointment=row, starts=starts, by=clinic.staff)


def _move(clinic: Clinic, person: Person, row: Appointment) -> Appointment | None:
    start = a_free_time(clinic, person)
    if start is None:
        return None
    return clinic.change("staff moved", booking.reschedule, appointment=row, start=start, by=clinic.staff)


def take_back(clinic: Clinic, person: Person) -> None:
    """Within the minute, or just too late; then they decide anew."""
    row = clinic.newest(person)
    if row is not None:
        clinic.change("staff took back", booking.undo, appointment=row, by=clinic.staff)
        clinic.later(HOUR / 4, lambda: decide(clinic, person))
        _after_a_decision(clinic, person)


def _after_a_decision(clinic: Clinic, person: Person) -> None:
    people.hears(clinic, person)
    if person.chance(0.2):
        clinic.later(person.within(HOUR, 3 * DAY), lambda: change_their_mind(clinic, person))


def change_their_mind(clinic: Clinic, person: Person) -> None:
    row, lot = clinic.current(person), person.lot.random()
    if row is None or row.status != Status.BOOKED:
        return
    if lot < 0.3:
        clinic.change("staff cancelled", booking.cancel, appointment=row, by=clinic.staff)
    elif lot < 0.6:
        _move(clinic, person, row)
    else:
        others = Practitioner.objects.active().exclude(pk=row.practitioner_id)
        other = others[person.lot.randrange(len(others))]
        clinic.change(
            "staff gave to somebody else", booking.reassign, appointment=row, practitioner=other, by=clinic.staff
        )
    people.hears(clinic, person)


def hold_the_call(clinic: Clinic, person: Person) -> None:
    """When it is over somebody says how it was; now and then nobody does."""
    row = clinic.current(person)
    if row is None or row.status != Status.BOOKED or row.start > clinic.now:
        return
    lot = person.lot.random()
    if lot < 0.75:
        clinic.change("call held", booking.complete, appointment=row, outcome="needs_records", by=clinic.staff)
        if person.inquiry and person.chance(0.5):
            clinic.attempt("inquiry closed", intake.close, inquiry=person.inquiry, reason="done", by=clinic.staff)
    elif lot < 0.95:
        clinic.change("call missed", booking.mark_no_show, appointment=row, by=clinic.staff)
        people.hears(clinic, person)


def take_everybody_on(clinic: Clinic) -> None:
    """Nobody who needs help is left waiting, or alerts would go out for ever."""
    for person in clinic.people.values():
        if person.urgent:
            acknowledge(clinic, person)


def acknowledge(clinic: Clinic, person: Person) -> None:
    if person.inquiry:
        said = "staff acknowledged an urgent one"
        clinic.attempt(said, intake.acknowledge, inquiry=person.inquiry, by=clinic.staff)


def call(clinic: Clinic, person: Person) -> None:
    """Who only wrote is called, and a time is agreed."""
    start = a_free_time(clinic, person)
    if person.inquiry and start and not clinic.current(person):
        request = clinic.request(person, start)
        if clinic.change("staff booked for somebody", booking.request, **request, by=clinic.staff):
            _after_a_decision(clinic, person)


def close_for_a_storm(clinic: Clinic, hours: int) -> None:
    start = clinic.now + dt.timedelta(hours=6)
    closure = Closure.objects.create(start=start, end=start + dt.timedelta(hours=hours), reason="storm")
    done = closures.apply(closure=closure, text="storm", by=clinic.staff, now=clinic.now)
    clinic.count("a storm closed the clinic")
    clinic.count("calls that it moved", len(done.displaced))
    clinic.count("calls that it cancelled", len(done.cancelled))
    for row in (*done.displaced, *done.cancelled):
        people.hears(clinic, clinic.person_of(row))


def change_the_reminders(clinic: Clinic, *offsets_minutes: int) -> None:
    AppointmentType.objects.filter(pk=clinic.kind.pk).update(reminder_offsets_minutes=list(offsets_minutes))
    clinic.rules_changed.append(clinic.now)
    clinic.count("a manager changed the reminders")
