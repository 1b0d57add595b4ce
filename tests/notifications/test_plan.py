"""The plan of each activity, as a table: pure, so no database is here."""

import datetime as dt

import pytest

from notifications.facts import Happening, Message, Plan, Reader, Rules, Scope, Told
from notifications.night import by_day
from notifications.plan import TABLE, plan

AT = dt.datetime(2026, 12, 7, 15, 0, tzinfo=dt.UTC)
START = AT + dt.timedelta(days=5)
RULES = Rules(offsets_minutes=(4320, 1440), quiet_minutes=120, undo=dt.timedelta(seconds=60))
A_DAY = dt.timedelta(days=1)


def planned(kind: str, *, reader: Reader | None = None, told: Told | None = None, **facts: object) -> Plan:
    facts = {"at": AT, "start": START} | facts
    return plan(Happening(kind=kind, **facts), reader=reader or Reader(), rules=RULES, told=told)


def said(made: Plan) -> list[str]:
    return [" ".join(filter(None, (message.kind, message.variant, message.skip))) for message in made.messages]


def only(made: Plan, kind: str) -> Message:
    (found,) = (message for message in made.messages if message.kind == kind)
    return found


def test_who_goes_on_to_choose_a_time_hears_of_both_at_once() -> None:
    waiting = only(planned("inquiry.received", choosing=True), "inquiry_received")
    at_once = only(planned("inquiry.received"), "inquiry_received")
    assert (waiting.due_at - AT, at_once.due_at - AT) == (dt.timedelta(minutes=10), dt.timedelta())


REMINDERS = ["reminder 4320", "reminder 1440"]


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        ("inquiry.received", {}, ["inquiry_received", "staff_new_request"]),
        ("inquiry.received", {"has_appointment": True}, []),
        ("inquiry.received", {"urgent": True}, ["urgent_inquiry", "inquiry_received"]),
        ("inquiry.received", {"urgent": True, "has_appointment": True}, ["urgent_inquiry"]),
        (
            "inquiry.received",
            {"urgent": True, "has_appointment": True, "alert_again": (AT, AT + A_DAY)},
            ["urgent_inquiry", "urgent_inquiry again", "urgent_inquiry everybody"],
        ),
        ("inquiry.received", {"by": "staff"}, []),
        ("inquiry.erasure_requested", {}, ["erased"]),
        ("inquiry.noted", {}, []),
        ("appointment.requested", {"status": "pending"}, ["request_received", "staff_new_request"]),
        ("appointment.booked", {"by": "staff"}, ["appointment_confirmed", *REMINDERS]),
        ("appointment.booked", {}, ["appointment_confirmed", *REMINDERS, "staff_new_request"]),
        ("appointment.confirmed", {"by": "staff"}, ["appointment_confirmed", *REMINDERS]),
        ("appointment.accepted", {}, ["appointment_confirmed", *REMINDERS, "staff_patient_changed"]),
        ("appointment.declined", {"by": "staff"}, ["request_declined"]),
        ("appointment.proposed", {"by": "staff"}, ["times_proposed"]),
        ("appointment.offers_refused", {}, ["staff_patient_changed"]),
        ("appointment.expired", {"by": "system", "was": "pending"}, ["request_expired"]),
        ("appointment.expired", {"by": "system", "was": "proposed"}, ["request_expired", "staff_patient_changed"]),
        ("appointment.move_requested", {"status": "pending"}, ["request_received", "staff_patient_changed"]),
        (
            "appointment.move_requested",
            {"status": "booked"},
            ["appointment_rescheduled", *REMINDERS, "staff_patient_changed"],
        ),
        ("appointment.move_declined", {"by": "staff", "status": "booked"}, ["request_declined", *REMINDERS]),
        ("appointment.move_expired", {"by": "system", "status": "booked"}, ["request_expired", *REMINDERS]),
        ("appointment.rescheduled", {"by": "staff"}, ["appointment_rescheduled", *REMINDERS]),
        ("appointment.reassigned", {"by": "staff"}, []),
        ("appointment.attendance_confirmed", {}, []),
        ("appointment.withdrawn", {}, ["appointment_cancelled", "staff_patient_changed"]),
        ("appointment.cancelled", {"by": "staff"}, ["appointment_cancelled"]),
        ("appointment.completed", {"by": "staff"}, []),
        ("appointment.called_back", {"by": "staff"}, []),
        ("appointment.missed", {"by": "staff", "start": AT - dt.timedelta(hours=1)}, ["no_show_follow_up"]),
    ],
)
def test_each_activity_is_told_to_whom_it_concerns(kind: str, facts: dict[str, object], expected: list[str]) -> None:
    made = planned(kind, **facts)

    assert said(made) == expected


def test_a_decision_of_staff_waits_until_it_cannot_be_taken_back() -> None:
    confirmed = only(planned("appointment.confirmed", by="staff"), "appointment_confirmed")

    assert confirmed.due_at == AT + dt.timedelta(seconds=60)


def test_what_the_patient_did_is_told_at_once() -> None:
    accepted = planned("appointment.accepted", by="patient")

    assert only(accepted, "appointment_confirmed").due_at == AT
    assert only(accepted, "staff_patient_changed").due_at == AT


def test_a_reminder_is_due_so_long_before_the_call_and_gives_way_to_the_next() -> None:
    three_days, one_day = planned("appointment.confirmed").messages[1:]

    assert (three_days.due_at, three_days.expires_at) == (START - 3 * A_DAY, START - A_DAY)
    assert (one_day.due_at, one_day.expires_at) == (START - A_DAY, START)


@pytest.mark.parametrize(
    ("before_start", "skipped"),
    [
        (dt.timedelta(minutes=4320 + 121), []),
        (dt.timedelta(minutes=4320 + 120), []),
        (dt.timedelta(minutes=4320 + 119), ["4320"]),
        (dt.timedelta(minutes=4320), ["4320"]),
        (dt.timedelta(minutes=1440 + 120), ["4320"]),
        (dt.timedelta(minutes=1440 + 119), ["4320", "1440"]),
        (dt.timedelta(minutes=60), ["4320", "1440"]),
    ],
)
def test_a_reminder_before_or_soon_after_the_confirmation_is_skipped(
    before_start: dt.timedelta, skipped: list[str]
) -> None:
    made = planned("appointment.confirmed", start=AT + before_start)

    assert [message.variant for message in made.messages if message.skip == "too_late"] == skipped


def test_the_reminder_before_a_skipped_one_lasts_until_the_call() -> None:
    rules = Rules(offsets_minutes=(1440, 30), quiet_minutes=120)
    start = AT + dt.timedelta(minutes=60)

    made = plan(Happening(kind="appointment.confirmed", at=AT, start=start), reader=Reader(), rules=rules)

    assert [message.expires_at for message in made.messages[1:]] == [start, start]


def test_reminders_need_consent_and_nothing_else_does() -> None:
    made = planned("appointment.confirmed", reader=Reader(reminders_ok=False))

    assert said(made) == ["appointment_confirmed", "reminder 4320 no_consent", "reminder 1440 no_consent"]


@pytest.mark.parametrize("why", ["no_email", "email_not_wanted"])
def test_who_cannot_be_written_to_is_skipped_with_the_reason_and_staff_hear_as_ever(why: str) -> None:
    made = planned("appointment.withdrawn", reader=Reader(unreachable=why))

    assert said(made) == [f"appointment_cancelled {why}", "staff_patient_changed"]


def test_staff_are_nudged_when_the_promise_is_over_until_the_time_is_let_go() -> None:
    promise = {"answer_by": AT + dt.timedelta(hours=4), "held_until": AT + dt.timedelta(hours=8)}

    nudge, _ = unanswered(planned("appointment.requested", **promise))

    assert (nudge.variant, nudge.due_at, nudge.expires_at) == ("nudge", *promise.values())


def unanswered(made: Plan) -> list[Message]:
    return [message for message in made.messages if message.kind == "staff_unanswered"]


def test_a_second_person_hears_halfway_between_the_promise_and_the_end() -> None:
    promise = {"answer_by": AT + dt.timedelta(hours=4), "held_until": AT + dt.timedelta(hours=8)}

    _, second = unanswered(planned("appointment.move_requested", status="pending", **promise))

    assert (second.variant, second.due_at, second.expires_at) == (
        "second",
        AT + dt.timedelta(hours=6),
        AT + dt.timedelta(hours=8),
    )


@pytest.mark.parametrize("held_until", [None, AT + dt.timedelta(hours=4)])
def test_there_is_no_second_person_where_there_is_no_time_for_one(held_until: dt.datetime | None) -> None:
    made = planned("appointment.requested", answer_by=AT + dt.timedelta(hours=4), held_until=held_until)

    assert [message.variant for message in unanswered(made)] == ["nudge"]


@pytest.mark.parametrize("kind", sorted(TABLE))
@pytest.mark.parametrize("by", ["patient", "staff", "system"])
def test_nothing_about_a_call_to_come_outlives_its_start(kind: str, by: str) -> None:
    about_to_come = {
        "request_received",
        "appointment_confirmed",
        "appointment_rescheduled",
        "times_proposed",
        "reminder",
        "request_declined",
        "appointment_cancelled",
    }
    made = planned(kind, by=by, status="booked", held_until=START, answer_by=AT + dt.timedelta(hours=1))

    late = [message for message in made.messages if message.kind in about_to_come and message.expires_at > START]

    assert late == []


@pytest.mark.parametrize("kind", ["appointment.confirmed", "appointment.rescheduled", "appointment.requested"])
def test_a_call_that_has_begun_is_not_announced(kind: str) -> None:
    made = planned(kind, by="staff", start=AT + dt.timedelta(seconds=60))

    assert {message.skip for message in made.messages if not message.kind.startswith("staff")} == {"too_late"}


def test_a_decision_taken_back_before_anybody_was_told_leaves_only_new_reminders() -> None:
    told = Told(status="booked", start=START, at=AT - dt.timedelta(hours=3), invited=True)

    made = planned("appointment.undone", by="staff", status="booked", told=told)

    assert (said(made), made.supersedes) == (REMINDERS, Scope.APPOINTMENT)


def test_what_was_never_told_is_told_when_a_decision_is_taken_back() -> None:
    told = Told(status="pending", start=START, at=AT)

    made = planned("appointment.undone", by="staff", status="booked", told=told)

    assert said(made) == ["appointment_confirmed", *REMINDERS]


def test_a_request_that_is_open_again_is_said_only_to_who_heard_otherwise() -> None:
    knows = planned("appointment.undone", by="staff", status="pending", told=Told(status="pending", start=START))
    heard_no = planned("appointment.undone", by="staff", status="pending", told=Told(status="cancelled", start=START))

    assert (said(knows), said(heard_no)) == ([], ["request_received"])


def test_staff_are_not_nudged_again_by_a_decision_that_they_took_back() -> None:
    promise = {"answer_by": AT, "held_until": AT + dt.timedelta(hours=8)}

    made = planned(
        "appointment.undone", by="staff", status="pending", told=Told(status="pending", start=START), **promise
    )

    assert said(made) == ["staff_unanswered nudge too_late", "staff_unanswered second"]


def test_a_refusal_takes_the_call_out_of_the_calendar_that_has_it() -> None:
    made = planned("appointment.offers_refused", told=Told(status="proposed", invited=True))

    assert said(made) == ["appointment_cancelled", "staff_patient_changed"]


@pytest.mark.parametrize(
    ("due", "zone", "said"),
    [
        ("2026-12-08T02:00-05:00", "America/New_York", "2026-12-07T20:00-05:00"),
        ("2026-12-08T07:59-05:00", "America/New_York", "2026-12-07T20:00-05:00"),
        ("2026-12-08T08:00-05:00", "America/New_York", "2026-12-08T08:00-05:00"),
        ("2026-12-08T20:59-05:00", "America/New_York", "2026-12-08T20:59-05:00"),
        ("2026-12-08T21:00-05:00", "America/New_York", "2026-12-08T20:00-05:00"),
        ("2026-12-08T09:00-05:00", "America/Los_Angeles", "2026-12-07T23:00-05:00"),
        ("2026-11-01T02:30-05:00", "America/New_York", "2026-10-31T20:00-04:00"),  # the night in which clocks go back
    ],
)
def test_nobody_is_reminded_at_night(due: str, zone: str, said: str) -> None:
    moments = [dt.datetime.fromisoformat(each) for each in (due, said)]

    assert by_day(moments[0], zone) == moments[1]


def test_a_reminder_that_would_come_at_night_goes_the_evening_before() -> None:
    rules = Rules(offsets_minutes=(1440, 360), quiet_minutes=120)
    start = dt.datetime(2026, 12, 10, 14, 0, tzinfo=dt.UTC)  # nine in the morning
    happening = Happening(kind="appointment.confirmed", at=AT, start=start)

    _, day_before, six_hours = plan(happening, reader=Reader(zone="America/New_York"), rules=rules).messages

    assert day_before.due_at == start - A_DAY
    assert six_hours.due_at == dt.datetime(2026, 12, 10, 1, 0, tzinfo=dt.UTC)
    assert (day_before.expires_at, six_hours.expires_at) == (six_hours.due_at, start)


def test_of_two_reminders_in_one_night_one_goes_the_evening_before() -> None:
    rules = Rules(offsets_minutes=(600, 360), quiet_minutes=0)
    start = dt.datetime(2026, 12, 10, 14, 0, tzinfo=dt.UTC)
    happening = Happening(kind="appointment.confirmed", at=AT, start=start)

    made = plan(happening, reader=Reader(zone="America/New_York"), rules=rules)

    assert said(made) == ["appointment_confirmed", "reminder 600 night", "reminder 360"]
