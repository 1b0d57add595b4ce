"""Outside calendars over HTTP: put whole, read by staff, changed by managers."""

from typing import Any

import pytest

from scheduling.models import BusyTime, OutsideCalendar, Practitioner
from tests.api.caller import Caller
from tests.calendar_servers import FeedServer, calendar, event

BUSY = {"start": "2026-12-09T10:00:00-05:00", "end": "2026-12-09T10:30:00-05:00"}


def path(name: str = "") -> str:
    return f"desk/practitioners/{Practitioner.objects.active()[0].pk}/calendars/{name and name + '/'}"


def test_a_copy_is_put_and_listed(manager: Caller, desk: Caller) -> None:
    answer = manager.put(path("outlook"), {"busy": [BUSY], "stale_after_minutes": 30, "when_stale": "trust"})

    shown = {"name": "outlook", "stale_after_minutes": 30, "when_stale": "trust", "is_stale": False}
    assert (answer.status_code, {key: answer.json()[key] for key in shown}) == (200, shown)
    assert desk.get(path()).json() == [answer.json()]


def test_a_busy_time_is_explained_and_not_offered(manager: Caller, desk: Caller) -> None:
    manager.put(path("outlook"), {"busy": [BUSY]})

    query = {"appointment_type": "screening-call", "start": "2026-12-09", "end": "2026-12-10"}
    found = desk.get("desk/slots/explain/", **query).json()

    assert any(each["reason"] == "external_busy" for each in found["starts"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"busy": [{**BUSY, "end": BUSY["start"]}]},
        {"busy": [{"start": "2026-12-09T10:00:00", "end": BUSY["end"]}]},
        {"busy": [{**BUSY, "title": "Therapy"}]},
        {"busy": [BUSY], "stale_after_minutes": 0},
        {"busy": [BUSY], "when_stale": "guess"},
        {"busy": [BUSY] * 5001},
        [],
    ],
)
def test_a_broken_copy_leaves_the_old_one(manager: Caller, body: Any) -> None:
    manager.put(path("outlook"), {"busy": [BUSY]})

    assert manager.put(path("outlook"), body).status_code in {400, 413}
    assert BusyTime.objects.count() == 1


def test_a_calendar_is_forgotten(manager: Caller) -> None:
    manager.put(path("outlook"), {"busy": [BUSY]})

    assert manager.send("DELETE", path("outlook")).status_code == 204
    assert (BusyTime.objects.count(), manager.send("DELETE", path("outlook")).status_code) == (0, 404)


def test_a_coordinator_reads_only(desk: Caller) -> None:
    assert (desk.get(path()).status_code, desk.put(path("outlook"), {"busy": []}).status_code) == (200, 403)


def test_a_calendar_is_read_listed_tested_paused_and_forgotten(manager: Caller, desk: Caller, feed: FeedServer) -> None:
    feed.body = calendar(event("DTSTART:20261209T150000Z", "DTEND:20261209T153000Z"))
    made = manager.post(path(), {"name": "google", "form": "feed", "url": feed.url})
    shown = {"form": "feed", "address": f"{feed.origin}/…", "busy_times": 1, "is_stale": False, "why": ""}
    assert (made.status_code, {key: made.json()[key] for key in shown}) == (201, shown)
    assert desk.get(path()).json() == [made.json()]
    assert "5ecre7" not in desk.get(path()).content.decode()

    feed.status = 401
    broken = manager.post(path("google") + "test/").json()
    assert (broken["why"], broken["broken_since"] is not None, broken["busy_times"]) == ("refused", True, 1)
    assert manager.patch(path("google"), {"is_paused": True}).json()["is_paused"] is True
    assert manager.send("DELETE", path("google")).status_code == 204


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "no slug"}, "name", "invalid"),
        ({"form": "fax"}, "form", "invalid_choice"),
        ({"form": "caldav"}, "username", "required"),
        ({"url": "http://10.0.0.8/"}, "url", "not_allowed"),
        ({"url": "http://127.0.0.1:9/"}, "url", "unreachable"),
        ({"url": 5}, "url", "invalid"),
        ({"title": "Therapy"}, "title", "unknown_field"),
    ],
)
def test_what_is_not_read_is_not_kept(manager: Caller, feed: FeedServer, changes: Any, field: str, code: str) -> None:
    answer = manager.post(path(), {"name": "google", "form": "feed", "url": feed.url} | changes)
    assert (answer.status_code, {field: answer.json()["errors"][field][0]["code"]}) == (400, {field: code})
    assert not OutsideCalendar.objects.exists()


def test_two_of_one_name_and_a_copy_of_what_we_read_are_refused(manager: Caller, feed: FeedServer) -> None:
    body = {"name": "google", "form": "feed", "url": feed.url}
    manager.post(path(), body)
    twice, put = manager.post(path(), body), manager.put(path("google"), {"busy": [BUSY]})
    assert (twice.status_code, twice.json()["code"]) == (400, "name_taken")
    assert (put.status_code, put.json()["code"]) == (409, "read_by_us")


def test_only_what_we_read_is_tested(manager: Caller) -> None:
    manager.put(path("outlook"), {"busy": [BUSY]})
    assert manager.post(path("outlook") + "test/").status_code == 404
