"""A practitioner's calls in their own calendar program: which, under which address, and how little it says."""

import datetime as dt

import pytest
from django.test import Client
from icalendar import Calendar, Event

from inquiries.models import StaffMember
from scheduling import booking
from scheduling.calendars import feeds
from scheduling.models import Appointment, CalendarFeed, Practitioner
from tests.factories import NOW, a_clinic, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(clock: object) -> Practitioner:
    """The only practitioner at work."""
    a_clinic(practitioners=1)
    return Practitioner.objects.active().get()


@pytest.fixture
def address(rosa: Practitioner) -> str:
    token = feeds.open_feed(practitioner=rosa, by=a_staff_member(), now=NOW)
    return f"/calendar/{token}.ics"


def events(client: Client, address: str) -> list[Event]:
    return list(Calendar.from_ical(client.get(address).content).walk("VEVENT"))


def test_a_confirmed_call_and_a_held_time_are_told_apart(client: Client, address: str) -> None:
    first, second = free_times(2)
    an_appointment(Appointment.Status.BOOKED, start=first)
    an_appointment(start=second, inquiry=an_inquiry(email="leo@example.com", phone="+13055550199"))

    shown = [(event["DTSTART"].dt, str(event["STATUS"])) for event in events(client, address)]

    assert shown == [(first, "CONFIRMED"), (second, "TENTATIVE")]


def test_a_cancelled_call_and_a_lapsed_hold_are_gone(client: Client, address: str) -> None:
    first, second = free_times(2)
    booked = an_appointment(Appointment.Status.BOOKED, start=first)
    an_appointment(start=second, inquiry=an_inquiry(email="leo@example.com", phone="+13055550199"))
    booking.cancel(appointment=booked, reason="clinic", by=a_staff_member(), now=NOW)
    Appointment.objects.filter(start=second).update(held_until=NOW)

    assert events(client, address) == []


def test_whoever_is_here_no_more_reads_no_calls(client: Client, address: str, rosa: Practitioner) -> None:
    rosa.staff_member = a_staff_member("rosa", StaffMember.Role.PRACTITIONER)
    rosa.save()
    assert client.get(address).status_code == 200

    StaffMember.objects.filter(username="rosa").update(is_active=False)
    closed = client.get(address).status_code
    StaffMember.objects.filter(username="rosa").update(is_active=True)
    Practitioner.objects.filter(pk=rosa.pk).update(is_active=False)

    assert (closed, client.get(address).status_code) == (404, 404)


def test_an_entry_names_nobody_and_leads_to_the_desk(client: Client, address: str) -> None:
    call = an_appointment(Appointment.Status.BOOKED)

    [event] = events(client, address)

    said = event.to_ical().decode()
    assert (str(event["SUMMARY"]), str(event["CLASS"])) == (f"Call {call.reference}", "PRIVATE")
    assert str(event["DESCRIPTION"]).endswith(f"/desk/appointments/{call.pk}/")
    assert not [word for word in ("Ana", "Ruiz", "ana@", "5550123") if word in said]


def test_the_other_times_offered_to_one_person_are_held_too(client: Client, address: str) -> None:
    call = an_appointment(Appointment.Status.PROPOSED)
    references = {str(event["SUMMARY"]) for event in events(client, address)}
    assert (len(events(client, address)), references) == (2, {f"Call {call.reference}"})


def test_a_new_address_ends_the_old_one(client: Client, rosa: Practitioner, address: str) -> None:
    token = feeds.open_feed(practitioner=rosa, by=a_staff_member(), now=NOW)
    assert client.get(address).status_code == 404
    assert client.get(f"/calendar/{token}.ics").status_code == 200


def test_unknown_and_closed_addresses_are_answered_alike(client: Client, rosa: Practitioner, address: str) -> None:
    feeds.close_feed(practitioner=rosa)
    closed, unknown = client.get(address), client.get("/calendar/nonsense.ics")
    assert (closed.status_code, unknown.status_code) == (404, 404)
    assert closed.content == unknown.content


def test_an_unchanged_calendar_is_not_sent_twice(client: Client, address: str) -> None:
    an_appointment(Appointment.Status.BOOKED)
    first = client.get(address)
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_reading_is_private(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex", True)


def test_a_manager_makes_an_address_and_it_is_shown_once(rosa: Practitioner) -> None:
    desk = Client()
    desk.force_login(a_staff_member("mara", StaffMember.Role.MANAGER))

    made = desk.post(f"/desk/feeds/{rosa.pk}/open/")

    address = made.context["address"]
    assert desk.get(address[address.index("/calendar/") :]).status_code == 200
    assert address not in desk.get("/desk/feeds/").content.decode()
    desk.post(f"/desk/feeds/{rosa.pk}/close/")
    assert not CalendarFeed.objects.exists()


def test_others_reach_only_their_own(rosa: Practitioner) -> None:
    cleo, desk = a_staff_member("cleo"), Client()
    desk.force_login(cleo)

    assert desk.post(f"/desk/feeds/{rosa.pk}/open/").status_code == 404
    rosa.staff_member = cleo
    rosa.save()
    assert desk.post(f"/desk/feeds/{rosa.pk}/open/").status_code == 200


@pytest.mark.parametrize(("days", "left"), [(29, 1), (31, 0)])
def test_history_is_left_behind_after_a_month(rosa: Practitioner, days: int, left: int) -> None:
    call = an_appointment(Appointment.Status.BOOKED)
    later = call.start + dt.timedelta(days=days)
    assert len(Calendar.from_ical(feeds.calendar(rosa, now=later)).walk("VEVENT")) == left
