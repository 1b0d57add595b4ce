"""What staff see and decide over HTTP."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from inquiries.models import Activity, Inquiry, Statement
from scheduling.models import Appointment, Practitioner
from tests.api.caller import NOBODY, Caller, a_wish, ask
from tests.factories import Status, an_appointment, an_inquiry, free_times


def path_of(appointment: Appointment, verb: str = "") -> str:
    return f"desk/appointments/{appointment.pk}/" + (f"{verb}/" if verb else "")


# --- Reading ----------------------------------------------------------------------------------------


def test_the_list_shows_who_calls_whom_and_nothing_of_who_asked(desk: Caller) -> None:
    appointment = an_appointment()

    answer = desk.get("desk/appointments/")

    (row,) = answer.json()["results"]
    assert (row["id"], row["status"], row["version"]) == (str(appointment.pk), "pending", 1)
    assert row["practitioner"] == {"id": appointment.practitioner_id, "name": "Dana Whitfield, RN"}
    assert row["inquiry"]["id"] == str(appointment.inquiry_id)
    assert not [fact for fact in ("Ana", "Ruiz", "example.com", "5550123") if fact in answer.content.decode()]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_two_queries(desk: Caller, rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(rows):
        an_appointment()

    with django_assert_num_queries(2):
        assert len(desk.get("desk/appointments/").json()["results"]) == rows


def test_the_list_is_filtered(desk: Caller) -> None:
    pending, booked = an_appointment(), an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])

    def found(**query: str) -> list[str]:
        return [row["id"] for row in desk.get("desk/appointments/", **query).json()["results"]]

    assert found() == [str(pending.pk), str(booked.pk)]
    assert found(status="pending") == [str(pending.pk)]
    assert found(practitioner=str(booked.practitioner_id), status="booked") == [str(booked.pk)]
    assert found(start="2026-12-10") == [str(booked.pk)]
    assert found(end="2026-12-10T00:00:00-05:00") == [str(pending.pk)]
    assert found(status="", practitioner="") == found()


def test_the_list_comes_in_pages(desk: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inquiries.api.pages.CursorPages.page_size", 2)
    wanted = [str(an_appointment(start=start).pk) for start in free_times(5)]

    seen, page = [], desk.get("desk/appointments/").json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = desk.get(page["next"].partition("/api/v1/")[2]).json()

    assert seen == wanted


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"practitioner": "Dana"},
        {"practitioner": "0"},
        {"practitioner": "9" * 30},
        {"start": "yesterday"},
        {"start": "2026-12-09T10:00:00"},
        {"end": "0001-01-01"},
        {"colour": "red"},
        {"cursor": "é"},
        {"cursor": "cD1hYmM="},
        {"status": ["pending", "booked"]},
    ],
)
def test_a_question_that_cannot_be_answered_is_a_problem(desk: Caller, query: dict[str, Any]) -> None:
    answer = desk.get("desk/appointments/", **query)

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) in (list(query), ["body"])


def test_one_appointment_shows_how_to_reach_the_person_and_its_version(desk: Caller) -> None:
    appointment = an_appointment(Status.PROPOSED)

    answer = desk.get(path_of(appointment))

    row = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert row["inquiry"]["contact"]["email"] == "ana@example.com"
    assert len(row["proposals"]) == 2
    assert row["actions"] == ["propose", "reschedule", "cancel"]
    assert (row["reminders"], row["kept"], row["time_zone"]) == ([], None, "America/New_York")


def test_an_unknown_appointment_is_not_found(desk: Caller) -> None:
    for path in (f"desk/appointments/{NOBODY}/", "desk/appointments/7/", f"desk/inquiries/{NOBODY}/"):
        assert desk.get(path).json()["code"] == "not_found"


def test_an_inquiry_tells_its_story(desk: Caller, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    appointment = an_appointment(Status.FULFILLED, inquiry=an_inquiry(message="Evenings.", concerns=("anxiety",)))
    desk.post(f"desk/inquiries/{appointment.inquiry_id}/notes/", {"text": "Call her sister."})

    with django_assert_num_queries(6):
        row = desk.get(f"desk/inquiries/{appointment.inquiry_id}/").json()

    assert (row["message"], row["concerns"], row["contact"]["given_name"]) == ("Evenings.", ["anxiety"], "Ana")
    assert [note["text"] for note in row["notes"]] == ["Call her sister."]
    assert [told["kind"] for told in row["timeline"]] == [
        "inquiry.received",
        "appointment.requested",
        "appointment.confirmed",
        "appointment.completed",
        "inquiry.noted",
    ]
    assert row["timeline"][2]["staff_member"] == "cleo"
    assert [call["id"] for call in row["appointments"]] == [str(appointment.pk)]


def test_inquiries_are_found_by_what_was_said_of_them(desk: Caller) -> None:
    ana, eva = an_inquiry(), an_inquiry(given_name="Eva", email="eva@example.com", phone="", needs_help_now="yes")

    def found(**query: str) -> list[str]:
        return [row["id"] for row in desk.get("desk/inquiries/", **query).json()["results"]]

    assert set(found()) == {str(ana.pk), str(eva.pk)}
    assert found(q="EVA@example.com") == [str(eva.pk)]
    assert found(q="+13055550123") == [str(ana.pk)]
    assert found(q="nobody") == []
    assert found(urgent="true") == [str(eva.pk)]
    assert found(urgent="false") == [str(ana.pk)]
    assert found(status="closed") == []


# --- Deciding ---------------------------------------------------------------------------------------


def test_confirming_books_the_call(desk: Caller) -> None:
    answer = desk.post(path_of(an_appointment(), "confirm"))

    assert (answer.status_code, answer.json()["status"], answer.headers["ETag"]) == (200, "booked", '"2"')
    told = Activity.objects.filter(kind="appointment.confirmed")
    assert [row.staff_member.username for row in told if row.staff_member] == ["coordinator"]


def test_declining_says_why_by_code(desk: Caller) -> None:
    answer = desk.post(path_of(an_appointment(), "decline"), {"reason": "staff_ill"})

    assert (answer.json()["status"], answer.json()["reason"]) == ("cancelled", "declined")
    assert Activity.objects.get(kind="appointment.declined").facts["why"] == "staff_ill"
    assert not Statement.objects.exists()


def test_another_reason_is_a_sealed_note_and_never_told(desk: Caller) -> None:
    desk.post(path_of(an_appointment(Status.BOOKED), "cancel"), {"reason": "She moved to Ohio."})

    assert Activity.objects.get(kind="appointment.cancelled").facts["why"] == "other"
    assert [row.text.reveal() for row in Statement.objects.all()] == ["She moved to Ohio."]
    assert "Ohio" not in str(list(Activity.objects.values_list("facts", flat=True)))


def test_offering_three_times_holds_all_of_them(desk: Caller) -> None:
    starts = [start.isoformat() for start in free_times(3, days_ahead=4)]

    answer = desk.post(path_of(an_appointment(), "propose"), {"starts": starts}).json()

    assert answer["status"] == "proposed"
    assert [dt.datetime.fromisoformat(offer["start"]) for offer in answer["proposals"]] == free_times_at(starts)
    assert Appointment.objects.holding_time().count() == 3


def free_times_at(starts: list[str]) -> list[dt.datetime]:
    return [dt.datetime.fromisoformat(start) for start in starts]


def test_staff_move_a_call_and_it_stays_booked(desk: Caller) -> None:
    later = free_times(days_ahead=4)[0]

    answer = desk.post(path_of(an_appointment(Status.BOOKED), "reschedule"), {"start": later.isoformat()}).json()

    assert (answer["status"], answer["sequence"]) == ("booked", 1)
    assert dt.datetime.fromisoformat(answer["start"]) == later


def test_a_call_is_given_to_somebody_else(desk: Caller) -> None:
    appointment = an_appointment(Status.BOOKED)
    other = Practitioner.objects.active().exclude(pk=appointment.practitioner_id)[0]

    answer = desk.post(path_of(appointment, "reassign"), {"practitioner": other.pk}).json()

    assert answer["practitioner"]["id"] == other.pk


def test_completing_keeps_the_outcome_and_seals_the_note(desk: Caller) -> None:
    body = {"outcome": "needs_records", "note": "Asked Dr. Gray."}

    answer = desk.post(path_of(an_appointment(Status.BOOKED), "complete"), body).json()

    assert (answer["status"], answer["outcome"]) == ("fulfilled", "needs_records")
    assert [(row.kind, row.text.reveal()) for row in Statement.objects.all()] == [("outcome", "Asked Dr. Gray.")]


def test_a_no_show_can_be_taken_back_for_a_minute(desk: Caller) -> None:
    appointment = an_appointment(Status.BOOKED)

    assert desk.post(path_of(appointment, "no-show")).json()["status"] == "noshow"
    assert desk.post(path_of(appointment, "undo")).json()["status"] == "booked"
    again = desk.post(path_of(appointment, "undo"))
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_undo")


def test_who_calls_back_after_a_no_show_is_recorded_as_spoken_with(desk: Caller) -> None:
    missed = an_appointment(Status.NOSHOW)

    answer = desk.post(path_of(missed, "call-back"), {"outcome": "needs_records", "note": "Rang at ten."}).json()
    assert (answer["status"], answer["outcome"]) == ("fulfilled", "needs_records")
    assert desk.post(path_of(missed, "call-back")).json()["code"] == "invalid_transition"


def test_what_the_state_forbids_says_the_state(desk: Caller) -> None:
    answer = desk.post(path_of(an_appointment(Status.BOOKED), "confirm"))

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert (answer.json()["status"], answer.json()["version"]) == ("booked", 2)


@pytest.mark.parametrize("verb", ["confirm", "decline", "cancel", "complete", "no-show", "call-back", "undo"])
@pytest.mark.parametrize("tag", ['"9"', '"x"', 'W/"9"', '"8", "9"'])
def test_a_stale_version_is_refused_before_anything_changes(desk: Caller, verb: str, tag: str) -> None:
    appointment = an_appointment()

    answer = desk.post(path_of(appointment, verb), headers={"If-Match": tag})

    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert Appointment.objects.get().version == 1


@pytest.mark.parametrize("tag", ["", "1", "junk", '"1', '"1" "2"', '"1",', "**"])
def test_a_version_that_cannot_be_read_is_a_bad_request(desk: Caller, tag: str) -> None:
    answer = desk.post(path_of(an_appointment(), "confirm"), headers={"If-Match": tag})

    assert (answer.status_code, answer.json()["code"]) == (400, "if_match_invalid")
    assert Appointment.objects.get().version == 1


@pytest.mark.parametrize("tag", ['"1"', "*", 'W/"1"', '"7", "1"'])
def test_the_current_version_is_let_through(desk: Caller, tag: str) -> None:
    assert desk.post(path_of(an_appointment(), "confirm"), headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("propose", {}, 400),
        ("propose", {"starts": []}, 400),
        ("propose", {"starts": "2026-12-10T15:00:00Z"}, 400),
        ("propose", {"starts": ["2026-12-10T15:00:00"]}, 400),
        ("propose", {"starts": ["2026-12-10T15:00:00Z"] * 4}, 400),
        ("propose", {"starts": ["2026-12-12T15:00:00Z"]}, 422),
        ("reschedule", {}, 400),
        ("reschedule", {"start": "2026-12-12T15:00:00Z"}, 422),
        ("reschedule", {"start": "2026-12-10T15:00:00Z", "overrule": "yes"}, 400),
        ("reassign", {"practitioner": "Dana"}, 400),
        ("reassign", {"practitioner": 10**30}, 400),
        ("reassign", {"practitioner": True}, 400),
        ("reassign", {"practitioner": 999_999}, 400),
        ("decline", {"reason": 5}, 400),
        ("decline", {"reason": "x" * 5000}, 400),
        ("decline", {"reason": "a\0"}, 400),
        ("confirm", {"please": True}, 400),
        ("confirm", [], 400),
    ],
)
def test_a_wrong_body_changes_nothing(desk: Caller, verb: str, body: Any, status: int) -> None:
    appointment = an_appointment()

    answer = desk.post(path_of(appointment, verb), body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert Appointment.objects.get().version == 1
    assert Activity.objects.count() == 2


# --- Inquiries --------------------------------------------------------------------------------------


def test_a_caller_on_the_phone_is_booked_at_once(desk: Caller) -> None:
    caller = {"given_name": "Rosa", "phone": "305 555 0199", "consent": {"contact": True}, "appointment": a_wish()}

    answer = desk.post("desk/inquiries/", caller)

    assert (answer.status_code, answer.json()["appointment"]["status"]) == (201, "booked")
    assert Activity.objects.order_by("pk")[0].actor == "staff"


def test_a_time_is_booked_for_somebody_who_asked(desk: Caller) -> None:
    inquiry = an_inquiry()
    desk.post(f"desk/inquiries/{inquiry.pk}/close/", {"reason": "not_reached"})

    answer = desk.post(f"desk/inquiries/{inquiry.pk}/book/", a_wish())

    assert (answer.status_code, answer.json()["status"]) == (201, "open")
    assert [call["status"] for call in answer.json()["appointments"]] == ["booked"]


def test_an_urgent_inquiry_is_acknowledged_once(desk: Caller) -> None:
    inquiry = an_inquiry(needs_help_now="yes")
    path = f"desk/inquiries/{inquiry.pk}/acknowledge/"

    first, second = desk.post(path), desk.post(path)

    assert (first.json()["urgent"], first.json()["acknowledged_by"]) == (False, "coordinator")
    assert (second.status_code, second.json()["code"]) == (409, "nothing_to_acknowledge")


def test_an_inquiry_is_closed_once_and_another_reason_is_a_note(desk: Caller) -> None:
    path = f"desk/inquiries/{an_inquiry().pk}/close/"

    first, second = desk.post(path, {"reason": "Moved away."}), desk.post(path)

    assert (first.json()["status"], first.json()["closed_reason"]) == ("closed", "other")
    assert [note["text"] for note in first.json()["notes"]] == ["Moved away."]
    assert (second.status_code, second.json()["code"]) == (409, "inquiry_closed")
    assert Statement.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, {"text": "x" * 5000}, {"text": "a\0"}])
def test_a_note_says_something(desk: Caller, body: dict[str, Any]) -> None:
    answer = desk.post(f"desk/inquiries/{an_inquiry().pk}/notes/", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["text"])
    assert not Statement.objects.exists()


def test_a_visitors_rules_hold_at_the_desk_too(desk: Caller) -> None:
    assert desk.post("desk/inquiries/", ask(email="no")).status_code == 400
    assert not Inquiry.objects.exists()
