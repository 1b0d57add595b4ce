"""The rules of time over HTTP: managers change them, whole or not at all."""

from typing import Any

import pytest

from scheduling.models import AppointmentType, Closure, HoursOverride, Practitioner, WorkingHours
from tests.api.caller import Caller
from tests.factories import an_appointment

TYPE = "desk/appointment-types/screening-call/"


def hours_path() -> str:
    return f"desk/practitioners/{Practitioner.objects.order_by('pk')[0].pk}/hours/"


def overrides_path() -> str:
    return hours_path().replace("hours", "overrides")


def test_some_rules_of_a_type_change_and_the_others_stay(manager: Caller, kind: AppointmentType) -> None:
    before = manager.get(TYPE).json()

    answer = manager.patch(TYPE, {"notice_minutes": 60, "reminder_offsets_minutes": [60, 1440, 60]})

    assert answer.json() == before | {"notice_minutes": 60, "reminder_offsets_minutes": [1440, 60]}
    assert AppointmentType.objects.get().notice_minutes == 60


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("duration_minutes", 0),
        ("duration_minutes", 481),
        ("duration_minutes", "20"),
        ("duration_minutes", 20.0),
        ("duration_minutes", None),
        ("slot_step_minutes", 4),
        ("buffer_after_minutes", 1441),
        ("buffer_before_minutes", -1),
        ("horizon_days", 3660),
        ("notice_minutes", 10**12),
        ("daily_cap", 0),
        ("reminder_offsets_minutes", [0]),
        ("reminder_offsets_minutes", [60] * 11),
        ("reminder_offsets_minutes", "60"),
        ("auto_confirm", "true"),
        ("answer_within_business_minutes", 0),
        ("colour", "red"),
    ],
)
def test_a_rule_out_of_bounds_changes_nothing(manager: Caller, rule: str, value: Any) -> None:
    before = AppointmentType.objects.values().get()

    answer = manager.patch(TYPE, {"notice_minutes": 1, rule: value} if rule != "notice_minutes" else {rule: value})

    assert answer.status_code == 400
    assert [name.partition(".")[0] for name in answer.json()["errors"]] == [rule]
    assert AppointmentType.objects.values().get() == before


def test_a_week_is_replaced_whole(manager: Caller) -> None:
    week = [
        {"weekday": 0, "start": "09:00", "end": "12:00"},
        {"weekday": 0, "start": "12:00", "end": "17:30"},
        {"weekday": 6, "start": "20:00", "end": "24:00"},
    ]

    answer = manager.put(hours_path(), week)

    assert [dict(sorted(each.items())) for each in answer.json()] == [dict(sorted(each.items())) for each in week]
    assert manager.get(hours_path()).json() == answer.json()


@pytest.mark.parametrize(
    "week",
    [
        [{"weekday": 0, "start": "09:00", "end": "12:00"}, {"weekday": 0, "start": "11:59", "end": "13:00"}],
        [{"weekday": 0, "start": "12:00", "end": "09:00"}],
        [{"weekday": 0, "start": "09:00", "end": "09:00"}],
        [{"weekday": 7, "start": "09:00", "end": "12:00"}],
        [{"weekday": "0", "start": "09:00", "end": "12:00"}],
        [{"weekday": 0, "start": "9:00", "end": "12:00"}],
        [{"weekday": 0, "start": "09:00", "end": "24:30"}],
        [{"weekday": 0, "start": 540, "end": 720}],
        [{"weekday": 0, "start": "09:00"}],
        [{"weekday": 0, "start": "09:00", "end": "12:00", "lunch": True}],
        ["Monday"],
        {"weekday": 0},
        None,
        [{"weekday": 0, "start": "09:00", "end": "12:00"}] * 101,
    ],
)
def test_a_broken_week_leaves_the_old_one(manager: Caller, week: Any) -> None:
    before = list(WorkingHours.objects.order_by("pk").values())

    assert manager.put(hours_path(), week).status_code == 400
    assert list(WorkingHours.objects.order_by("pk").values()) == before


def test_a_day_differs_once(manager: Caller) -> None:
    day = {"date": "2026-12-09", "intervals": [{"start": "10:00", "end": "11:00"}]}

    first, second = manager.send("POST", overrides_path(), day), manager.send("POST", overrides_path(), day)

    assert (first.status_code, first.json()) == (201, day)
    assert (second.status_code, second.json()["code"]) == (400, "already_there")
    assert manager.get(overrides_path()).json() == [day]
    assert manager.send("DELETE", f"{overrides_path()}2026-12-09/").status_code == 204
    assert not HoursOverride.objects.exists()


def test_a_day_can_be_put_in_place_of_what_it_was(manager: Caller) -> None:
    short = {"date": "2026-12-09", "intervals": [{"start": "10:00", "end": "11:00"}]}
    free = {"date": "2026-12-09", "intervals": []}

    answers = [manager.put(overrides_path(), day) for day in (short, free)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, short), (200, free)]
    assert manager.get(overrides_path()).json() == [free]


def test_an_impossible_date_is_not_found(manager: Caller) -> None:
    assert manager.send("DELETE", f"{overrides_path()}2026-02-30/").status_code == 404


@pytest.mark.parametrize(
    "day",
    [
        {"date": "2026-12-09"},
        {"date": "9.12.", "intervals": []},
        {"date": "2026-12-09", "intervals": [{"start": "10:00", "end": "09:00"}]},
        {"date": "2026-12-09", "intervals": [{"start": "10:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]},
        {"date": "2026-12-09", "intervals": [[600, 660]]},
    ],
)
def test_a_broken_day_is_not_kept(manager: Caller, day: Any) -> None:
    assert manager.post(overrides_path(), day).status_code == 400
    assert not HoursOverride.objects.exists()


def test_a_closure_takes_its_times_away_until_it_is_lifted(manager: Caller, visitor: Caller) -> None:
    day = {"appointment_type": "screening-call", "start": "2026-12-09", "end": "2026-12-10"}
    closure = {"start": "2026-12-09T00:00:00-05:00", "end": "2026-12-10T00:00:00-05:00", "reason": "Storm"}

    made = manager.post("desk/closures/", closure)

    assert made.status_code == 201
    assert visitor.get("slots/", **day).json()["slots"] == []
    reasons = {start["reason"] for start in manager.get("desk/slots/explain/", **day).json()["starts"]}
    assert reasons == {"closed", "outside_hours"}
    assert [row["id"] for row in manager.get("desk/closures/").json()] == [made.json()["id"]]
    assert manager.send("DELETE", f"desk/closures/{made.json()['id']}/").status_code == 204
    assert visitor.get("slots/", **day).json()["slots"] != []


@pytest.mark.parametrize(
    "change",
    [
        {"end": "2026-12-08T00:00:00-05:00"},
        {"start": "2026-12-09T00:00:00"},
        {"practitioners": [999_999]},
        {"practitioners": ["x"]},
        {"practitioners": [10**30]},
        {"practitioners": [True]},
        {"reason": 5},
        {"reason": "x" * 200},
    ],
)
def test_a_broken_closure_is_not_kept(manager: Caller, change: dict[str, Any]) -> None:
    closure = {"start": "2026-12-09T00:00:00-05:00", "end": "2026-12-10T00:00:00-05:00"} | change

    assert manager.post("desk/closures/", closure).status_code == 400
    assert not Closure.objects.exists()


def test_the_reasons_and_the_list_agree(desk: Caller, visitor: Caller) -> None:
    day = {"appointment_type": "screening-call", "start": "2026-12-07", "end": "2026-12-09"}

    starts = desk.get("desk/slots/explain/", **day).json()["starts"]

    free = sorted({start["start"] for start in starts if start["reason"] == "free"})
    assert free == [slot["start"] for slot in visitor.get("slots/", **day).json()["slots"]]
    assert {"free", "notice", "outside_hours"} <= {start["reason"] for start in starts}


def test_a_preview_of_hours_names_the_calls_left_outside(manager: Caller) -> None:
    row = an_appointment("booked")
    path = f"desk/practitioners/{row.practitioner_id}/hours/"
    late = [{"weekday": day, "start": "13:00", "end": "17:00"} for day in range(5)]

    (left,) = manager.post(path + "preview/", late).json()

    assert (left["appointment"], left["inquiry"], left["status"]) == (str(row.pk), str(row.inquiry_id), "booked")
    assert manager.post(path + "preview/", manager.get(path).json()).json() == []


def test_a_practitioner_is_added_and_changed(manager: Caller) -> None:
    nadia = {"name": "Nadia", "languages": ["es"], "time_zone": "America/Chicago", "staff_member": "manager"}

    added = manager.post("desk/practitioners/", nadia).json()
    path = f"desk/practitioners/{added['id']}/"

    assert added == nadia | {"id": added["id"], "is_active": True}
    assert manager.patch(path, {"is_active": False}).json() == added | {"is_active": False}
    assert manager.post("desk/practitioners/", nadia).json()["errors"]["staff_member"][0]["code"] == "does_not_exist"
    assert manager.patch(path, {"staff_member": "manager", "time_zone": "Mars/Olympus"}).status_code == 400
    assert manager.get(path).json()["time_zone"] == "America/Chicago"


def test_office_hours_are_replaced_whole(manager: Caller) -> None:
    hours = [{"weekday": 0, "start": "08:00", "end": "12:00"}]

    assert manager.put("desk/office-hours/", hours).json() == manager.get("desk/office-hours/").json() == hours
    assert manager.put("desk/office-hours/", hours * 2).status_code == 400
    assert manager.get("desk/office-hours/").json() == hours
