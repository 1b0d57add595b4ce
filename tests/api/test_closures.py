"""Closures over HTTP: a preview changes nothing, and applying moves everybody once."""

import datetime as dt

from scheduling.models import Appointment, Closure
from tests.api.caller import Caller
from tests.factories import an_appointment

TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)
DAY = {"start": "2026-12-09T00:00:00-05:00", "end": "2026-12-10T00:00:00-05:00"}


def test_a_preview_names_who_is_in_the_way_and_changes_nothing(manager: Caller) -> None:
    row = an_appointment(Appointment.Status.BOOKED, start=TEN)

    (affected,) = manager.post("desk/closures/preview/", DAY).json()

    assert affected["offered"][0] == "2026-12-10T09:00:00-05:00"
    assert len(affected.pop("offered")) == 3
    assert affected == {
        "appointment": str(row.pk),
        "inquiry": str(row.inquiry_id),
        "status": "booked",
        "practitioner": row.practitioner_id,
        "start": "2026-12-09T10:00:00-05:00",
        "has_email": True,
    }
    assert not Closure.objects.exists()


def test_applying_twice_moves_everybody_once(manager: Caller) -> None:
    row = an_appointment(Appointment.Status.BOOKED, start=TEN)
    door = f"desk/closures/{manager.post('desk/closures/', DAY).json()['id']}/apply/"

    first, second = (manager.post(door, {"text": "storm"}).json() for _ in range(2))

    assert (first["displaced"], first["cancelled"], first["text"]) == ([str(row.pk)], [], "storm")
    assert second == first | {"displaced": []}
    row.refresh_from_db()
    assert row.status == Appointment.Status.PROPOSED


def test_a_text_that_is_not_in_the_catalogue_moves_nobody(manager: Caller) -> None:
    row = an_appointment(Appointment.Status.BOOKED, start=TEN)
    pk = manager.post("desk/closures/", DAY).json()["id"]

    assert manager.post(f"desk/closures/{pk}/apply/", {"text": "the doctor has the flu"}).status_code == 400
    row.refresh_from_db()
    assert row.status == Appointment.Status.BOOKED


def test_a_coordinator_closes_too_because_a_storm_waits_for_no_manager(desk: Caller) -> None:
    assert desk.post("desk/closures/preview/", DAY).status_code == 200
    pk = desk.post("desk/closures/", DAY).json()["id"]
    assert desk.post(f"desk/closures/{pk}/apply/", {"text": "storm"}).status_code == 200
    assert desk.post("desk/closures/999999/apply/", {"text": "storm"}).status_code == 404


def test_whoever_names_no_text_lets_people_know_that_the_clinic_is_closed(desk: Caller) -> None:
    row = an_appointment(Appointment.Status.BOOKED, start=TEN)
    pk = desk.post("desk/closures/", DAY).json()["id"]

    applied = desk.post(f"desk/closures/{pk}/apply/").json()

    assert (applied["displaced"], applied["text"]) == ([str(row.pk)], "other")
    assert desk.get(f"desk/closures/{pk}/").json()["text"] == "other"


def test_days_mean_from_their_first_moment_at_the_clinic(desk: Caller) -> None:
    closure = desk.post("desk/closures/", {"start": "2026-12-09", "end": "2026-12-10", "reason": "Storm"}).json()

    assert {name: closure[name] for name in DAY} == DAY


def test_closing_the_same_twice_closes_once(desk: Caller) -> None:
    assert desk.post("desk/closures/", DAY).json() == desk.post("desk/closures/", DAY).json()
    assert desk.post("desk/closures/", DAY | {"reason": "Training"}).json()["id"] != Closure.objects.first().pk  # type: ignore[union-attr]
