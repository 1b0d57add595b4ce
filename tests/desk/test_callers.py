"""Somebody on the phone, the list of inquiries and its search, the day's calls, the messages, the system."""

import datetime as dt

import pytest
from django.test import Client

from inquiries.models import Inquiry, StaffMember
from notifications.models import Heartbeat
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.factories import NOW, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

CALLER = {
    "given_name": "Berta",
    "phone": "305 555 0199",
    "language": "es",
    "time_zone": "America/New_York",
    "needs_help_now": "no",
    "consent": "on",
}


def test_a_caller_without_an_address_is_kept_and_led_to_the_free_times(desk: Client, cleo: StaffMember) -> None:
    answer = desk.post("/desk/inquiries/new/", CALLER)

    berta = Inquiry.objects.get()
    assert answer["Location"] == f"/desk/inquiries/{berta.pk}/times/"
    assert berta.contact.phone.reveal() == "+13055550199"
    assert berta.activities.get().staff_member == cleo


def test_a_time_agreed_with_a_caller_is_booked_at_once(desk: Client) -> None:
    desk.post("/desk/inquiries/new/", CALLER)
    berta = Inquiry.objects.get()
    shown = Page(desk.get(f"/desk/inquiries/{berta.pk}/times/")).values("starts")

    answer = desk.post(f"/desk/inquiries/{berta.pk}/book/", {"starts": shown[0]})

    row = Appointment.objects.get()
    assert answer["Location"] == f"/desk/appointments/{row.pk}/"
    assert row.status == Appointment.Status.BOOKED
    assert "es" in row.practitioner.languages


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("given_name", "", "Ask for a name; any will do."),
        ("given_name", "x" * 81, "Use 80 characters at most."),
        ("phone", "", "Ask for a phone number or an e-mail address."),
        ("phone", "12", "Enter a phone number with its area code"),
        ("email", "nobody", "Enter an e-mail address like"),
        ("time_zone", "Mars/Olympus", "Choose a time zone like"),
        ("consent", "", "Ask them first whether we may contact them."),
        ("message", "x" * 2001, "Use 2000 characters at most."),
    ],
)
def test_what_is_missing_or_unclear_is_said_beside_its_field(
    desk: Client, field: str, value: str, sentence: str
) -> None:
    answer = desk.post("/desk/inquiries/new/", CALLER | {field: value})

    assert answer.status_code == 400
    assert sentence in Page(answer).text
    assert not Inquiry.objects.exists()


def test_a_second_appointment_is_refused_with_a_sentence(desk: Client) -> None:
    row = an_appointment()

    answer = desk.post(
        f"/desk/inquiries/{row.inquiry_id}/book/", {"starts": free_times(1, days_ahead=3)[0].isoformat()}
    )

    assert answer.status_code == 409
    assert "There is a request or an appointment already." in Page(answer).text


def test_nothing_is_booked_for_a_closed_inquiry(desk: Client) -> None:
    ana = an_inquiry()
    desk.post(f"/desk/inquiries/{ana.pk}/close/", {"reason": "settled"})

    answer = desk.post(f"/desk/inquiries/{ana.pk}/book/", {"starts": free_times()[0].isoformat()})

    assert answer.status_code == 409
    assert not Appointment.objects.exists()


def test_a_clinic_that_books_nothing_says_so(desk: Client) -> None:
    AppointmentType.objects.update(is_active=False)

    answer = desk.get(f"/desk/inquiries/{an_inquiry().pk}/times/")

    assert answer.status_code == 409
    assert "There is nothing to book" in Page(answer).text


@pytest.mark.parametrize("words", ["ruiz", "ANA@example.com", "+13055550123"])
def test_a_person_is_found_by_a_whole_name_address_or_number(desk: Client, words: str) -> None:
    an_inquiry()
    an_inquiry(given_name="Tom", family_name="Hill", email="tom@example.com", phone="+13055550188")

    page = Page(desk.post("/desk/inquiries/", {"q": words}))

    assert "Ana Ruiz" in page.text
    assert "Tom Hill" not in page.text


def test_a_person_is_found_by_the_reference_that_their_page_and_mails_show(desk: Client) -> None:
    inquiry = an_inquiry()
    call = an_appointment(inquiry=inquiry)
    an_inquiry(given_name="Tom", family_name="Hill", email="tom@example.com", phone="+13055550188")

    found = Page(desk.post("/desk/inquiries/", {"q": inquiry.reference.lower()})).text

    assert "Ana Ruiz" in found
    assert "Tom Hill" not in found
    assert inquiry.reference in Page(desk.get(f"/desk/appointments/{call.pk}/")).text


@pytest.mark.parametrize("words", ["", "nobody", "x" * 300, "a\x00b"])
def test_a_search_for_nobody_or_nonsense_is_a_page(desk: Client, words: str) -> None:
    assert desk.post("/desk/inquiries/", {"q": words}).status_code == 200


def test_the_list_is_narrowed_by_state(desk: Client) -> None:
    an_inquiry(given_name="Newcomer")
    an_appointment(inquiry=an_inquiry(given_name="Inhand"))

    assert "Inhand" not in Page(desk.get("/desk/inquiries/?status=new")).text
    assert "Newcomer" not in Page(desk.get("/desk/inquiries/?status=open")).text
    assert desk.get("/desk/inquiries/?status=odd&page=-1").status_code == 200


def test_the_list_is_turned_a_page_at_a_time(desk: Client) -> None:
    for number in range(51):
        an_inquiry(given_name=f"N{number}", now=NOW + dt.timedelta(seconds=number))

    first = Page(desk.get("/desk/inquiries/"))
    [older] = [link["href"] for link in first.all("a") if "after=" in link["href"] or "before=" in link["href"]]
    second = Page(desk.get("/desk/inquiries/" + older))

    assert "N50 Ruiz" in first.text
    assert "N0 Ruiz" not in first.text
    assert "N0 Ruiz" in second.text


def test_the_calls_of_a_day_stand_in_order(desk: Client, cleo: StaffMember) -> None:
    first, second = free_times(2)
    for start, name in ((second, "Later"), (first, "Sooner")):
        an_appointment("booked", start=start, inquiry=an_inquiry(given_name=name))

    text = Page(desk.get("/desk/calls/?date=2026-12-09")).text

    assert text.index("Sooner Ruiz") < text.index("Later Ruiz")
    assert "No call on this day." in Page(desk.get("/desk/calls/?date=2026-12-10")).text


@pytest.mark.parametrize("date", ["", "soon", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_is_none_shows_today(desk: Client, date: str) -> None:
    assert "Today" in Page(desk.get("/desk/calls/", {"date": date})).text


def test_the_free_times_are_turned_a_week_at_a_time(desk: Client) -> None:
    row = an_appointment()
    address = f"/desk/appointments/{row.pk}/times/"

    first = Page(desk.get(address)).values("starts")
    second = Page(desk.get(address, {"date": "2026-12-14"})).values("starts")

    assert first
    assert second
    assert not set(first) & set(second)


def test_an_offer_of_times_shows_those_of_everybody_on_demand(desk: Client) -> None:
    row = an_appointment(inquiry=an_inquiry(language="es"))
    booking.decline(appointment=row, reason="no_capacity", by=StaffMember.objects.get(), now=NOW)
    address = f"/desk/inquiries/{row.inquiry_id}/times/"

    assert "Times of those who speak their language." in Page(desk.get(address)).text
    assert "Times of everybody." in Page(desk.get(address, {"anybody": ""})).text


def test_the_messages_are_a_page_and_a_part(desk: Client) -> None:
    address = f"/desk/appointments/{an_appointment().pk}/messages/"

    assert "<html" in desk.get(address).content.decode()
    assert "<html" not in desk.get(address, headers={"hx-request": "true"}).content.decode()


def test_silent_workers_are_said_in_red_on_every_page(desk: Client) -> None:
    part = desk.get("/desk/health/", headers={"hx-request": "true"}).content.decode()

    assert "Mail may not be leaving." in part


def test_healthy_workers_are_not_worth_a_word(desk: Client) -> None:
    for name in (Heartbeat.WORKER, Heartbeat.BEAT):
        Heartbeat.record(name, now=NOW)

    assert desk.get("/desk/health/", headers={"hx-request": "true"}).content.decode().strip() == ""
    assert "fine" in Page(desk.get("/desk/health/")).text
