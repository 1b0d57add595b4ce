"""The ledger over HTTP, as staff's programs read it."""

from typing import Any

import pytest

from notifications.models import Notification
from scheduling.models import Appointment
from tests.api.caller import NOBODY, Caller, at_the_desk
from tests.factories import an_appointment, an_inquiry
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(clinic: SmtpSink) -> Caller:
    return at_the_desk()


def test_the_plan_of_an_appointment_is_there_before_anything_is_sent(desk: Caller, work: Any) -> None:
    row = an_appointment(Appointment.Status.BOOKED)
    work()

    answer = desk.get("desk/notifications/", appointment=str(row.pk))

    to_ana = [each for each in reversed(answer.json()["results"]) if not each["kind"].startswith("staff")]
    assert [(each["kind"], each["status"], each["reason"]) for each in to_ana] == [
        ("reminder", "skipped", "too_late"),
        ("request_received", "cancelled", "superseded"),
        ("appointment_confirmed", "due", ""),
        ("reminder", "due", ""),
    ]


def test_one_message_says_everything_but_what_it_says(desk: Caller, work: Any) -> None:
    an_inquiry()
    work()
    row = Notification.objects.get(kind="inquiry_received")

    answer = desk.get(f"desk/notifications/{row.pk}/").json()

    assert answer == {
        "id": str(row.pk),
        "kind": "inquiry_received",
        "variant": "",
        "channel": "email",
        "recipient": "a…@example.com",
        "due_at": "2026-12-07T10:00:00-05:00",
        "expires_at": "2026-12-08T10:00:00-05:00",
        "status": "sent",
        "reason": "",
        "attempts": 1,
        "last_reply": "250 2.0.0",
        "sent_at": "2026-12-07T10:00:00-05:00",
        "message_id": row.message_id,
        "inquiry": str(row.inquiry_id),
        "appointment": None,
        "sequence": 0,
    }


def test_the_ledger_is_searched_by_status_and_kind(desk: Caller, work: Any) -> None:
    an_inquiry()
    work()

    found = desk.get("desk/notifications/", status="sent", kind="staff_new_request").json()["results"]

    assert [each["recipient"] for each in found] == ["c…@example.com"]


def test_a_failed_message_is_tried_again(desk: Caller, clinic: SmtpSink, work: Any) -> None:
    an_inquiry()
    clinic.reply_with("554 5.7.1 No", times=2, at="RCPT")
    work()
    row = Notification.objects.get(kind="inquiry_received")

    answer = desk.post(f"desk/notifications/{row.pk}/retry/")

    assert (answer.status_code, answer.json()["status"]) == (200, "due")
    work()
    assert Notification.objects.get(pk=row.pk).status == "sent"


def test_a_message_that_was_sent_is_not(desk: Caller, work: Any) -> None:
    an_inquiry()
    work()
    row = Notification.objects.get(kind="inquiry_received")

    answer = desk.post(f"desk/notifications/{row.pk}/retry/")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")


@pytest.mark.parametrize("path", ["", f"{NOBODY}/"])
def test_nobody_reads_the_ledger_without_a_token(clinic: SmtpSink, path: str) -> None:
    assert Caller().get(f"desk/notifications/{path}").status_code == 401


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("", {"status": "posted"}, 400),
        ("", {"appointment": "x"}, 400),
        ("", {"foo": "1"}, 400),
        (f"{NOBODY}/", {}, 404),
    ],
)
def test_bad_questions_are_answered_with_what_to_do(
    desk: Caller, path: str, query: dict[str, str], status: int
) -> None:
    assert desk.get(f"desk/notifications/{path}", **query).status_code == status


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_takes_two_queries_however_long(
    desk: Caller, work: Any, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        an_inquiry()
    work()

    with django_assert_num_queries(2):
        desk.get("desk/notifications/")
