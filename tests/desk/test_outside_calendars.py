"""Outside calendars at the desk: added when they can be read, tested, paused, removed; seen when they fall silent."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduling.models import BusyTime, CalendarSource, OutsideCalendar, Practitioner
from tests.calendar_servers import FeedServer, calendar, event
from tests.factories import NOW, a_broken_calendar, a_read_calendar, a_staff_member
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
BUSY = event("DTSTART:20261209T150000Z", "DTEND:20261209T153000Z")
SILENT = dt.timedelta(minutes=61)


@pytest.fixture
def dana(desk: Client) -> Practitioner:
    """A practitioner with an account of her own."""
    person = Practitioner.objects.active().order_by("pk")[0]
    Practitioner.objects.filter(pk=person.pk).update(staff_member=a_staff_member("dana", "practitioner"))
    return Practitioner.objects.get(pk=person.pk)


@pytest.fixture
def path(dana: Practitioner) -> str:
    return f"/desk/settings/practitioners/{dana.pk}/calendars/"


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(a_staff_member(username))
    return client


def typed(url: str, **changes: Any) -> dict[str, Any]:
    usual = {"name": "My Google", "form": "feed", "url": url, "stale_after_minutes": "60", "when_stale": "close"}
    return usual | changes


def test_a_practitioner_adds_tests_pauses_and_removes_their_calendar(
    path: str, feed: FeedServer, clock: time_machine.Traveller
) -> None:
    dana, feed.body = signed_in("dana"), calendar(BUSY)

    added = Page(dana.post(path, typed(feed.url), follow=True))
    assert "It works: 1 busy time was read." in added.text
    assert "my-google" in added.text
    assert "Read under 1 min ago, 1 busy time" in added.text

    row = OutsideCalendar.objects.get()
    clock.shift(180)
    feed.status = 401
    tested = Page(dana.post(f"{path}{row.pk}/test/", follow=True))
    assert "It can't be read: the password or the address is refused." in tested.text
    assert "Broken since Today, 10:03 AM: the password or the address is refused." in tested.text
    assert "Read 3 min ago, 1 busy time" in tested.text

    feed.status, feed.body = 200, calendar()
    assert "It works: 0 busy times were read." in Page(dana.post(f"{path}{row.pk}/test/", follow=True)).text
    assert "It is not read and closes no time." in Page(dana.post(f"{path}{row.pk}/pause/", follow=True)).text
    assert "Works" in Page(dana.post(f"{path}{row.pk}/resume/", follow=True)).text
    dana.post(f"{path}{row.pk}/remove/")
    assert not OutsideCalendar.objects.exists()


def test_an_address_is_kept_only_if_it_can_be_read_and_never_shown_again(path: str, feed: FeedServer) -> None:
    dana = signed_in("dana")
    feed.status = 404
    refused = dana.post(path, typed(feed.url, username="dana", password="dahlia"))
    assert (refused.status_code, OutsideCalendar.objects.count()) == (400, 0)
    assert "It can't be read: there is no calendar at its address." in Page(refused).text
    assert "dahlia" not in refused.content.decode()

    feed.status = 200
    dana.post(path, typed(feed.url, username="dana", password="dahlia"))
    page = dana.get(path).content.decode()
    assert f"{feed.origin}/…" in page
    assert not [word for word in ("5ecre7", "k3y", "dahlia") if word in page]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a short name."),
        ({"name": "…"}, "Use letters or digits."),
        ({"url": ""}, "Enter the address."),
        ({"url": "file:///etc/passwd"}, "its address does not lead to the public internet by https"),
        ({"form": "caldav"}, "Enter the user name."),
        ({"stale_after_minutes": "1"}, "Ensure this value is greater than or equal to 10."),
    ],
)
def test_what_is_wrong_is_said(path: str, feed: FeedServer, changes: dict[str, str], sentence: str) -> None:
    answer = signed_in("dana").post(path, typed(feed.url) | changes)
    assert (answer.status_code, sentence in Page(answer).text) == (400, True)


def test_a_name_is_used_once(path: str, feed: FeedServer) -> None:
    dana = signed_in("dana")
    dana.post(path, typed(feed.url))
    assert "There is a calendar of that name already." in Page(dana.post(path, typed(feed.url))).text


def test_a_coordinator_looks_and_changes_nothing(desk: Client, path: str, dana: Practitioner, feed: FeedServer) -> None:
    row = a_read_calendar(dana)
    page = Page(desk.get(path))
    assert ("Works" in page.text, "Add a calendar" in page.text) == (True, False)
    answers = [desk.post(path, typed(feed.url)), desk.post(f"{path}{row.pk}/remove/")]
    assert ([answer.status_code for answer in answers], feed.asked) == ([404, 404], [])


@pytest.mark.parametrize(
    ("when_stale", "sentence"),
    [
        ("close", "no time is offered with them"),
        ("trust", "its last copy is trusted"),
        ("ignore", "calls may fall on their other appointments"),
    ],
)
def test_a_silent_calendar_is_seen_where_it_matters(
    desk: Client, dana: Practitioner, path: str, when_stale: str, sentence: str
) -> None:
    a_broken_calendar(dana, now=NOW - SILENT)
    OutsideCalendar.objects.update(when_stale=when_stale)
    own = signed_in("dana")
    pages = [desk.get("/desk/"), desk.get("/desk/calendar/"), own.get("/desk/calls/"), own.get("/desk/calendar/")]
    for page in map(Page, pages):
        assert f"The calendar “google” of {dana.name} was last read Today, 8:59 AM" in page.text
        assert sentence in page.text
        assert path in page.source


def test_a_silent_calendar_is_shown_to_whom_it_concerns_and_no_longer_than_that(dana: Practitioner) -> None:
    other = Practitioner.objects.active().exclude(pk=dana.pk).order_by("pk")[0]
    a_broken_calendar(other, now=NOW - SILENT)
    assert "was last read" not in Page(signed_in("dana").get("/desk/calls/")).text
    OutsideCalendar.objects.update(is_paused=True)
    assert "was last read" not in Page(signed_in("cleo").get("/desk/")).text


def test_a_calendar_that_a_program_puts_here_is_listed_too(path: str, dana: Practitioner) -> None:
    OutsideCalendar.objects.create(practitioner=dana, name="sync", read_at=NOW - SILENT)
    page = Page(signed_in("dana").get(path))
    assert ("put here by a program" in page.text, "Silent" in page.text, "Test it now" in page.text) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_as_many_queries_whatever_it_shows(path: str, dana: Practitioner, rows: int) -> None:
    for number in range(rows):
        row = OutsideCalendar.objects.create(practitioner=dana, name=f"c{number}", read_at=NOW)
        moments = {"copied_until": NOW, "next_read_at": NOW, "created_at": NOW}
        CalendarSource.objects.create(
            calendar=row, form="feed", url="https://a.example/x", created_by=dana.staff_member, **moments
        )
        BusyTime.objects.create(calendar=row, start=NOW, end=NOW + SILENT)
    client = signed_in("dana")
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert len(queries) == 4
