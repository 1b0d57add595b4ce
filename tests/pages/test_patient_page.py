"""The patient's own page: what it says in each state, and that only POST acts."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from inquiries.models import AccessLink, Activity, Inquiry
from scheduling.models import Appointment, AppointmentType
from tests.factories import NOW, a_link, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

HEADLINES = {
    "pending": "Your time is held",
    "proposed": "We can offer you these times",
    "booked": "Your call is confirmed",
    "fulfilled": "Thank you for talking with us",
    "noshow": "We missed each other",
    "cancelled": "We cannot hold this call",
}


@pytest.mark.parametrize(("status", "headline"), HEADLINES.items())
def test_each_state_says_in_words_where_things_stand(
    client: Client, page: str, ana: Inquiry, status: str, headline: str
) -> None:
    an_appointment(status, inquiry=ana)

    shown = Page(client.get(page))

    assert headline in shown.text
    assert str(Appointment.Status(status).label) in shown.text
    assert "Ruiz" not in shown.source


@pytest.mark.parametrize("part", ["", "time/", "none-suits/", "cancel/", "erase/", "help/"])
def test_the_title_names_no_clinic_to_whoever_reads_the_browsers_history(
    client: Client, page: str, ana: Inquiry, part: str
) -> None:
    an_appointment("booked", inquiry=ana)

    title = Page(client.get(page + part)).source.split("<title>")[1].split("</title>")[0]

    assert title
    assert "Biscayne" not in title


def test_a_held_time_comes_with_a_promise(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment(inquiry=ana)

    text = Page(client.get(page)).text

    assert "Wednesday, December 9 10:00 AM Eastern Standard Time" in text
    assert "We will answer by Monday, December 7, 2026, 2:00 PM (Eastern Standard Time) ." in text


def test_the_clinics_time_stands_beside_theirs_when_it_differs(client: Client, ana: Inquiry) -> None:
    berta = an_inquiry(time_zone="America/Los_Angeles")
    an_appointment(inquiry=berta)

    text = Page(client.get(f"/m/{a_link(berta)}/")).text

    assert "7:00 AM Pacific Standard Time At the clinic it is then 10:00 AM (Eastern Standard Time)." in text


def test_a_single_offered_time_is_said_as_one(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("proposed", inquiry=ana)
    Appointment.objects.filter(status="proposed").order_by("start").last().delete()

    text = Page(client.get(page)).text

    assert "We can offer you this time " in text
    assert "This time does not suit me" in text
    assert "the others" not in text


@pytest.mark.parametrize(("email", "said"), [("ana@example.com", "in the e-mail"), ("", "as a bookmark")])
def test_the_page_says_how_to_come_back(client: Client, kind: AppointmentType, email: str, said: str) -> None:
    inquiry = an_inquiry(email=email, phone="+13055550123")
    an_appointment(inquiry=inquiry)

    assert said in Page(client.get(f"/m/{a_link(inquiry)}/")).text


def test_an_offered_time_is_taken_with_one_press(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("proposed", inquiry=ana)
    first, second = Page(client.get(page)).values("proposal")

    response = client.post(page + "accept/", {"proposal": second}, follow=True)

    assert "Your call is confirmed" in Page(response).text
    assert (Appointment.objects.get().status, first == second) == ("booked", False)


def test_offered_times_can_all_be_refused(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("proposed", inquiry=ana)

    response = client.post(page + "refuse/", follow=True)

    assert "None of the times suited you" in Page(response).text


@pytest.mark.parametrize("proposal", ["", "x", "00000000-0000-0000-0000-000000000000", "a\x00b"])
def test_a_time_that_is_not_offered_cannot_be_taken(client: Client, page: str, ana: Inquiry, proposal: str) -> None:
    an_appointment("proposed", inquiry=ana)

    response = client.post(page + "accept/", {"proposal": proposal})

    assert response.status_code == 409
    assert "the request has changed meanwhile" in Page(response).text
    assert Appointment.objects.filter(status="proposed").count() == 2


def test_they_can_say_that_they_will_be_there(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("booked", inquiry=ana)

    response = client.post(page + "confirm-attendance/", follow=True)

    assert "You said that you will be there. Thank you." in Page(response).text


def test_cancelling_asks_once_and_frees_the_time(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("booked", inquiry=ana)

    asked = client.get(page + "cancel/")
    assert "Cancel the call?" in Page(asked).text
    assert Appointment.objects.get().status == "booked"

    done = client.post(page + "cancel/", follow=True)
    assert "Your call is cancelled" in Page(done).text


@pytest.mark.parametrize("act", ["accept", "refuse", "confirm-attendance", "cancel"])
@pytest.mark.parametrize("status", [None, "fulfilled", "cancelled"])
def test_what_the_state_forbids_is_refused_with_the_page_as_it_stands(
    client: Client, page: str, ana: Inquiry, act: str, status: str | None
) -> None:
    if status:
        an_appointment(status, inquiry=ana)
    told = Activity.objects.count()

    response = client.post(f"{page}{act}/")

    assert response.status_code == 409
    assert "the request has changed meanwhile" in Page(response).text
    assert Activity.objects.count() == told


def test_a_calendar_takes_the_confirmed_call_in_neutral_words(client: Client, page: str, ana: Inquiry) -> None:
    appointment = an_appointment("booked", inquiry=ana)

    response = client.get(page + "call.ics")

    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert response["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert (str(event["UID"]), str(event["SUMMARY"]), event["SEQUENCE"]) == (
        appointment.uid,
        "Phone call",
        appointment.sequence,
    )
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (appointment.start, appointment.end)


def test_there_is_no_calendar_entry_for_a_request(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("pending", inquiry=ana)

    assert client.get(page + "call.ics")["Location"] == page


def test_asking_to_be_forgotten_frees_the_time_and_ends_the_page(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("booked", inquiry=ana)

    response = client.post(page + "erase/", follow=True)

    ana.refresh_from_db()
    assert "We will erase it" in Page(response).text
    assert (ana.erasure_requested_at, Appointment.objects.get().reason) == (NOW, "withdrawn")
    assert client.get(page).status_code == 404


PATHS = ["", "time/", "none-suits/", "cancel/", "erase/", "help/", "call.ics"]
ACTS = ["time/", "none-suits/", "accept/", "refuse/", "confirm-attendance/", "cancel/", "erase/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["", "/es"])
def test_wrong_expired_and_revoked_links_get_the_same_bytes(
    client: Client, ana: Inquiry, path: str, language: str
) -> None:
    expired, revoked = a_link(ana, now=NOW - AccessLink.LIFETIME), a_link(ana)
    AccessLink.objects.filter(pk=AccessLink.objects.order_by("-pk")[0].pk).update(revoked_at=NOW)

    answers = [client.get(f"{language}/m/{token}/{path}") for token in ("nonsense", "x" * 43, expired, revoked)]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("path", ACTS)
def test_a_wrong_link_acts_on_nothing(client: Client, ana: Inquiry, path: str) -> None:
    response = client.post(f"/m/nonsense/{path}")

    assert response.status_code == 404


@pytest.mark.parametrize("status", [None, "pending", "proposed", "booked"])
def test_reading_changes_nothing(client: Client, page: str, ana: Inquiry, status: str | None) -> None:
    if status:
        an_appointment(status, inquiry=ana)
    before = (list(Appointment.objects.values()), list(Inquiry.objects.values()), Activity.objects.count())

    for path in {*PATHS, *ACTS}:
        for read in (client.get, client.head):
            assert read(page + path).status_code in (200, 302, 405)

    assert (list(Appointment.objects.values()), list(Inquiry.objects.values()), Activity.objects.count()) == before


@pytest.mark.parametrize("path", ACTS)
def test_a_form_of_another_site_acts_on_nothing(page: str, path: str) -> None:
    response = Client(enforce_csrf_checks=True).post(page + path, {"any_time": "on"})

    assert response.status_code == 403


def test_a_page_about_a_person_is_stored_by_nobody(client: Client, page: str) -> None:
    headers = client.get(page).headers

    assert (headers["Cache-Control"], headers["Referrer-Policy"], headers["X-Robots-Tag"]) == (
        "no-store",
        "same-origin",
        "noindex",
    )


@pytest.mark.parametrize(("status", "count"), [(None, 3), ("pending", 3), ("proposed", 4), ("booked", 3)])
def test_the_page_takes_few_queries(client: Client, page: str, ana: Inquiry, status: str | None, count: int) -> None:
    if status:
        an_appointment(status, inquiry=ana)

    with CaptureQueriesContext(connection) as queries:
        client.get(page)

    assert len(queries) == count


def test_a_new_time_after_a_missed_call_is_a_new_request(client: Client, page: str, ana: Inquiry) -> None:
    an_appointment("cancelled", inquiry=ana)

    client.post(page + "time/", {"start": free_times(3)[2].isoformat()})

    assert sorted(row.status for row in Appointment.objects.all()) == ["cancelled", "pending"]


def test_a_confirmed_time_can_be_kept_after_all(client: Client, page: str, ana: Inquiry) -> None:
    confirmed = an_appointment("booked", inquiry=ana).start
    client.post(page + "time/", {"start": free_times(5)[4].isoformat()})
    (kept,) = Page(client.get(page)).values("start")

    client.post(page + "time/", {"start": kept})

    appointment = Appointment.objects.get()
    assert (appointment.start, appointment.status) == (confirmed, "booked")


@pytest.mark.parametrize(
    ("prefix", "why"),
    [("", "We have no free time for this call at the moment."), ("/es", "no tenemos")],
)
def test_why_a_request_was_declined_is_said_in_their_language(
    client: Client, page: str, ana: Inquiry, prefix: str, why: str
) -> None:
    an_appointment("cancelled", inquiry=ana)

    assert why in Page(client.get(prefix + page)).text
