"""Choosing a time: what is offered, on whose clock, and what a conflict says."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inquiries.models import Activity, Inquiry
from notifications import messages, planner
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment, AppointmentType, Practitioner
from scheduling.picker import iso
from tests.factories import NOW, a_link, a_staff_member, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db


def starts_on(response: object) -> list[str]:
    return Page(response).values("start")  # type: ignore[arg-type]


def test_the_picker_opens_on_the_first_free_day_with_full_dates(client: Client, page: str) -> None:
    shown = Page(client.get(page + "time/"))

    assert shown.values("start")[0] == "2026-12-07T17:00:00Z"
    assert "Monday, December 7" in shown.text
    assert "Times are in Eastern Standard Time ." in shown.text
    assert next(day for day in shown.all("details") if day.get("class") == "day")["open"] == ""


def test_the_weeks_follow_each_other_without_a_gap(client: Client, page: str) -> None:
    first = Page(client.get(page + "time/"))
    (later,) = {link["href"] for link in first.all("a") if link.get("rel") == "next"}

    second = Page(client.get(later))

    assert second.values("start")[0] == "2026-12-14T14:00:00Z"
    assert {link["rel"] for link in second.all("a") if "rel" in link} == {"prev", "next"}


def test_times_are_said_on_the_clock_that_was_asked_for(client: Client, page: str) -> None:
    shown = Page(client.get(page + "time/?zone=America/Los_Angeles"))

    assert "Times are in Pacific Standard Time ." in shown.text
    assert "9:00 AM" in shown.text
    assert shown.values("zone")[0] == "America/Los_Angeles"


def test_the_chosen_clock_is_kept_with_the_chosen_time(client: Client, page: str, ana: Inquiry) -> None:
    client.post(page + "time/", {"start": iso(free_times()[0]), "zone": "America/Los_Angeles"})

    ana.refresh_from_db()
    assert (ana.time_zone, Appointment.objects.get().time_zone) == ("America/Los_Angeles",) * 2
    assert [told.kind for told in Activity.objects.order_by("pk")] == [
        "inquiry.received",
        "appointment.requested",
        "inquiry.zone_changed",
    ]


def test_a_call_that_moves_is_spoken_of_on_the_clock_that_its_time_was_chosen_on(
    client: Client, page: str, ana: Inquiry
) -> None:
    row = an_appointment("booked", inquiry=ana)

    client.post(page + "time/", {"start": iso(free_times(days_ahead=5)[0]), "zone": "America/Los_Angeles"})
    planner.plan_pending(now=NOW)

    (asked,) = Notification.objects.filter(kind="request_received", status="due")
    row.refresh_from_db()
    assert (row.status, row.time_zone) == ("pending", "America/Los_Angeles")
    assert "Pacific" in messages.render([asked], now=NOW)[0]


def test_who_chooses_on_another_clock_locks_diaries_before_their_inquiry(
    client: Client, page: str, ana: Inquiry
) -> None:
    """As everybody who books does: the other way round two of them would wait for each other."""
    an_appointment("booked", inquiry=ana)

    with CaptureQueriesContext(connection) as asked:
        client.post(page + "time/", {"start": iso(free_times(days_ahead=5)[0]), "zone": "America/Los_Angeles"})

    said = [each["sql"].lower() for each in asked]
    diaries = next(place for place, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    inquiries = [place for place, sql in enumerate(said) if sql.startswith('update "inquiries_inquiry"')]
    assert min(inquiries) > diaries


def test_the_clock_stays_when_the_time_is_taken(client: Client, page: str, ana: Inquiry) -> None:
    start = free_times()[0]
    for _ in range(3):
        an_appointment(inquiry=an_inquiry(), start=start)

    response = client.post(page + "time/", {"start": iso(start), "zone": "America/Los_Angeles"})

    ana.refresh_from_db()
    assert (response.status_code, ana.time_zone) == (409, "America/New_York")


@pytest.mark.parametrize("query", ["zone=Mars/X", "from=0001-01-01", "from=9999-12-31", "from=x", "taken=x", "all=1"])
def test_an_address_that_makes_no_sense_shows_the_times_all_the_same(client: Client, page: str, query: str) -> None:
    response = client.get(f"{page}time/?{query}")

    assert response.status_code == 200


def test_a_time_is_held_and_the_page_says_so(client: Client, page: str) -> None:
    start = free_times()[0]

    response = client.post(page + "time/", {"start": iso(start)}, follow=True)

    assert response.redirect_chain == [(page, 302)]
    assert "Your time is held" in Page(response).text
    assert Appointment.objects.get().start == start


def test_pressing_twice_is_pressing_once(client: Client, page: str) -> None:
    for _ in range(2):
        response = client.post(page + "time/", {"start": iso(free_times()[0])})
        assert (response.status_code, response["Location"]) == (302, page)

    assert Appointment.objects.count() == 1


def test_pressing_the_same_time_again_is_no_refusal(client: Client, page: str, ana: Inquiry) -> None:
    start = an_appointment(inquiry=ana).start

    response = client.post(page + "time/", {"start": iso(start)})

    assert (response.status_code, response["Location"]) == (302, page)
    assert Appointment.objects.get().version == 1


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("", "This time has just been taken."), ("/es", "Esta hora acaba de ocuparse.")],
)
def test_a_conflict_shows_the_nearest_times_and_loses_nothing(
    client: Client, page: str, path: str, sentence: str
) -> None:
    start = free_times()[0]
    for _ in range(3):
        an_appointment(inquiry=an_inquiry(), start=start)

    response = client.post(
        path + page + "time/", {"start": iso(start), "zone": "America/Chicago", "from": "2026-12-08", "all": "1"}
    )

    shown = Page(response)
    near = [field["value"] for field in shown.fields()["start"] if field["id"].startswith("near")]
    assert response.status_code == 409
    assert sentence in shown.text
    assert near == ["2026-12-09T14:40:00Z", "2026-12-09T15:40:00Z", "2026-12-09T16:00:00Z"] or len(near) == 3
    assert (shown.values("from")[-1], shown.values("zone")[0], shown.values("all")[-1]) == (
        "2026-12-08",
        "America/Chicago",
        "1",
    )


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ("", "Choose a time."),
        ("soon", "Choose one of the times on this page."),
        ("2026-12-09T10:00:00", "Choose one of the times on this page."),
        ("2026-12-09T15:01:00Z", "This time is not on offer. Choose one of the free times."),
        ("2020-01-01T15:00:00Z", "This time is not on offer. Choose one of the free times."),
        ("2026-12-09T15:00:00\x00Z", "Null characters are not allowed."),
    ],
)
def test_a_start_that_cannot_be_held_is_explained(client: Client, page: str, start: str, sentence: str) -> None:
    response = client.post(page + "time/", {"start": start})

    assert response.status_code == 422
    assert sentence in Page(response).text
    assert not Appointment.objects.exists()


def test_a_spanish_speaker_first_sees_who_speaks_spanish(client: Client, kind: AppointmentType, clock: object) -> None:
    page = f"/es/m/{a_link(an_inquiry(language='es'))}/time/"
    busy = Practitioner.objects.get(languages__contains=["es"])
    taken = booking.request(
        inquiry=an_inquiry(),
        kind=kind,
        start=free_times()[0],
        by=a_staff_member(),
        practitioner=busy.pk,
        now=dt.datetime.now(dt.UTC),
    )

    theirs, everybodys = starts_on(client.get(page)), starts_on(client.get(page + "?all=1"))

    assert iso(taken.start) not in theirs
    assert iso(taken.start) in everybodys


def test_moving_a_confirmed_call_keeps_the_old_time_until_the_answer(client: Client, page: str, ana: Inquiry) -> None:
    old = an_appointment("booked", inquiry=ana).start
    new = free_times(5)[4]

    response = client.post(page + "time/", {"start": iso(new)}, follow=True)

    assert "We have your wish for another time" in Page(response).text
    rows = {row.held_for_id is None: row.start for row in Appointment.objects.all()}
    assert rows == {True: new, False: old}


def test_saying_when_would_suit_is_kept(client: Client, page: str, ana: Inquiry) -> None:
    client.post(
        page + "none-suits/",
        {"date_1": "2026-12-09", "part_1": "afternoon", "date_3": "2026-12-10", "part_3": "morning"},
    )

    ana.refresh_from_db()
    assert ana.preferred_windows == [
        {"date": "2026-12-09", "part": "afternoon"},
        {"date": "2026-12-10", "part": "morning"},
    ]
    assert Activity.objects.get(kind="inquiry.windows_preferred").facts == {"windows": 2}


def test_any_time_is_an_answer_too(client: Client, page: str) -> None:
    response = client.post(page + "none-suits/", {"any_time": "on"})

    assert response.status_code == 302
    assert Activity.objects.get(kind="inquiry.windows_preferred").facts == {"windows": 0}


@pytest.mark.parametrize(
    "body", [{}, {"date_1": "2026-12-01"}, {"date_1": "x"}, {"date_1": "2026-12-09", "part_1": "x"}]
)
def test_windows_that_cannot_be_kept_are_explained(client: Client, page: str, body: dict[str, str]) -> None:
    response = client.post(page + "none-suits/", body)

    assert response.status_code == 422
    assert not Activity.objects.filter(kind="inquiry.windows_preferred").exists()


def test_a_full_clinic_still_offers_a_way_on(client: Client, page: str) -> None:
    Practitioner.objects.update(is_active=False)

    shown = Page(client.get(page + "time/"))

    assert "No time is free at the moment." in shown.text
    assert page + "none-suits/" in [link.get("href") for link in shown.all("a")]


@pytest.mark.parametrize("others", [0, 8])
def test_the_picker_takes_four_queries_whatever_is_booked(client: Client, page: str, others: int) -> None:
    for start in free_times(others):
        an_appointment(inquiry=an_inquiry(), start=start)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(page + "time/")

    assert len(queries) == 4
