"""Outside calendars over HTTP: put whole, read by staff, changed by managers."""

from typing import Any

import pytest

from scheduling.models import BusyTime, Practitioner
from tests.api.caller import Caller

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
