"""The call desk: a day's calls, the attempts, the checklist, and what comes of a call."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from inquiries import intake
from inquiries.models import Activity, Inquiry, StaffMember, Statement
from notifications import circumstances, planner
from notifications.models import Notification
from scheduling import attempts, booking, checklist
from scheduling.checklist import Answer
from scheduling.models import Appointment, CallAttempt, ChecklistLine, FollowUp, Practitioner
from tests.desk.conftest import back_at_the_desk
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
Status = Appointment.Status
LATER = dt.timedelta(minutes=20)


@pytest.fixture
def call(desk: Client, clock: Any) -> Appointment:
    """Ana's call, just begun."""
    row = an_appointment("booked", inquiry=an_inquiry(voicemail_ok=False, discreet=True, message="Can I keep my job?"))
    clock.move_to(row.start)
    back_at_the_desk(desk)
    return row


def press(desk: Client, call: Appointment, deed: str, **sent: object) -> Any:
    return desk.post(f"/desk/calls/{call.pk}/{deed}/", sent)


def mails(kind: str) -> list[str]:
    planner.plan_pending(now=NOW)
    return list(Notification.objects.filter(kind=kind).values_list("status", flat=True))


def told(call: Appointment) -> list[str]:
    return list(call.inquiry.activities.order_by("number").values_list("kind", flat=True))[3:]


def test_the_day_says_what_they_ask_and_what_may_be_said(desk: Client, call: Appointment) -> None:
    text = Page(desk.get("/desk/calls/")).text

    assert "Can I keep my job?" in text
    assert "Others may hear: say only your name and a number to call" in text
    assert "Leave no voicemail" in text
    assert "has not said that they will be there" in text


def test_one_attempt_leaves_the_call_as_it_is(desk: Client, call: Appointment) -> None:
    press(desk, call, "attempt", number=1, result="no_answer")

    call.refresh_from_db()
    assert (call.status, FollowUp.objects.count()) == (Status.BOOKED, 0)
    assert "After the second attempt the call counts as missed." in Page(desk.get(f"/desk/calls/{call.pk}/")).text


def test_two_attempts_make_one_task_and_one_mail(desk: Client, call: Appointment) -> None:
    press(desk, call, "attempt", number=1, result="no_answer")
    press(desk, call, "attempt", number=2, result="no_answer")
    press(desk, call, "attempt", number=3, result="no_answer")

    call.refresh_from_db()
    assert call.status == Status.NOSHOW
    assert FollowUp.objects.get().due_at == dt.datetime(2026, 12, 10, 14, 0, tzinfo=dt.UTC)
    assert mails("no_show_follow_up") == ["due"]
    assert told(call) == ["inquiry.call_attempted"] * 2 + ["appointment.missed", "inquiry.call_attempted"]


def test_nobody_is_written_to_who_wants_no_mail(desk: Client, clock: Any) -> None:
    call = an_appointment("booked", inquiry=an_inquiry(contact_by=("phone",)))
    clock.move_to(call.start)
    back_at_the_desk(desk)
    for number in (1, 2):
        press(desk, call, "attempt", number=number, result="no_answer")

    assert (mails("no_show_follow_up"), FollowUp.objects.count()) == (["skipped"], 1)


def test_a_second_press_records_nothing_more(desk: Client, call: Appointment) -> None:
    answers = [press(desk, call, "attempt", number=1, result="no_answer").status_code for _ in range(2)]

    assert answers == [302, 409]
    assert CallAttempt.objects.count() == 1


def test_no_voicemail_is_recorded_where_none_may_be_left(desk: Client, call: Appointment) -> None:
    answer = press(desk, call, "attempt", number=1, result="voicemail")

    assert (answer.status_code, CallAttempt.objects.count()) == (409, 0)
    assert "They asked that no voicemail be left." in Page(answer).text


def test_no_attempt_is_recorded_before_the_call_begins(desk: Client, call: Appointment, clock: Any) -> None:
    clock.move_to(call.start - dt.timedelta(seconds=1))

    assert press(desk, call, "attempt", number=1, result="no_answer").status_code == 409


def test_the_task_is_on_the_queue_and_among_the_calls_until_it_is_settled(desk: Client, call: Appointment) -> None:
    for number in (1, 2):
        press(desk, call, "attempt", number=number, result="wrong_number")
    assert "Tried twice: call again from Tomorrow, 9:00 AM on" in Page(desk.get("/desk/")).text
    assert "To try again" in Page(desk.get("/desk/calls/?date=2026-12-10")).text

    press(desk, call, "settle")

    assert "To try again" not in Page(desk.get("/desk/calls/?date=2026-12-10")).text
    assert told(call)[-1] == "inquiry.followed_up"


def test_a_missed_call_taken_back_leaves_no_task(desk: Client, call: Appointment, cleo: StaffMember) -> None:
    for number in (1, 2):
        attempts.record(appointment=call, number=number, result="no_answer", by=cleo, now=call.start)
    booking.undo(appointment=call, by=cleo, now=call.start)
    assert list(FollowUp.objects.open()) == []

    attempts.record(appointment=call, number=3, result="no_answer", by=cleo, now=call.start + LATER)

    assert FollowUp.objects.open().count() == FollowUp.objects.count() == 1


def test_a_new_time_ends_the_task(desk: Client, call: Appointment, cleo: StaffMember) -> None:
    for number in (1, 2):
        attempts.record(appointment=call, number=number, result="no_answer", by=cleo, now=call.start)

    an_appointment("booked", inquiry=call.inquiry, now=call.start + LATER)

    assert list(FollowUp.objects.open()) == []


def test_what_they_answer_is_sealed_and_goes_with_them(desk: Client, call: Appointment, cleo: StaffMember) -> None:
    line = ChecklistLine.objects.create(position=1, text_en="Blood pressure", text_es="Presión arterial")
    press(desk, call, "keep", **{f"asked-{line.pk}": "on", f"answer-{line.pk}": "forty over ninety", "note": "calm"})

    assert checklist.answers_of(call) == {line.pk: Answer(is_asked=True, text="forty over ninety")}
    assert {row.kind for row in Statement.objects.filter(written_by=cleo)} == {"answer", "note"}
    assert [fact for fact in Activity.objects.values_list("facts", flat=True) if "forty" in str(fact)] == []
    intake.erase(inquiry=call.inquiry, by=cleo, now=call.start)
    assert checklist.answers_of(call) == {line.pk: Answer(is_asked=True, text="")}


def test_what_was_typed_is_kept_with_the_outcome_and_shown_again_when_refused(desk: Client, call: Appointment) -> None:
    line = ChecklistLine.objects.create(position=1, text_en="Medicines", text_es="Medicamentos")
    refused = press(desk, call, "complete", **{f"answer-{line.pk}": "lithium", "note": "kind"})
    assert (refused.status_code, checklist.answers_of(call)) == (400, {})
    assert ("lithium" in refused.content.decode(), "kind" in refused.content.decode()) == (True, True)

    press(desk, call, "complete", outcome="needs_records", version=call.version, **{f"answer-{line.pk}": "lithium"})

    call.refresh_from_db()
    assert (call.status, call.outcome) == (Status.FULFILLED, "needs_records")
    assert checklist.answers_of(call) == {line.pk: Answer(is_asked=False, text="lithium")}
    assert "Ask for the records" in Page(desk.get(f"/desk/calls/{call.pk}/")).text


def test_who_asked_not_to_be_contacted_hears_nothing_more(desk: Client, call: Appointment, cleo: StaffMember) -> None:
    planner.plan_pending(now=NOW)
    press(desk, call, "complete", outcome="do_not_contact", version=call.version)
    planner.plan_pending(now=NOW)

    inquiry = Inquiry.objects.get()
    assert (inquiry.status, inquiry.is_not_to_be_contacted) == ("closed", True)
    to_them = Notification.objects.filter(kind__in=Notification.PATIENT_KINDS)
    assert list(to_them.waiting()) == []
    assert circumstances.reader_of(inquiry, call, refusing=set()).unreachable == "no_contact"


def test_who_calls_back_after_two_attempts_is_recorded_and_not_written_to(desk: Client, call: Appointment) -> None:
    press(desk, call, "attempt", number=1, result="no_answer")
    press(desk, call, "attempt", number=2, result="no_answer")
    assert mails("no_show_follow_up") == ["due"]
    call.refresh_from_db()
    assert "They called back, or were reached" in Page(desk.get(f"/desk/calls/{call.pk}/")).text

    press(desk, call, "call_back", outcome="needs_records", note="Rang at ten.", version=call.version)

    call.refresh_from_db()
    assert (call.status, call.outcome, FollowUp.objects.open().count()) == (Status.FULFILLED, "needs_records", 0)
    assert mails("no_show_follow_up") == ["cancelled"]
    assert Statement.objects.get(kind="outcome").text.reveal() == "Rang at ten."


def test_a_call_back_recorded_by_mistake_is_a_missed_call_again(desk: Client, call: Appointment) -> None:
    press(desk, call, "attempt", number=1, result="no_answer")
    press(desk, call, "attempt", number=2, result="no_answer")
    call.refresh_from_db()
    press(desk, call, "call_back", outcome="needs_records", version=call.version)

    desk.post(f"/desk/appointments/{call.pk}/undo/", {"version": call.version + 1})

    call.refresh_from_db()
    assert (call.status, call.outcome, FollowUp.objects.open().count()) == (Status.NOSHOW, "", 1)
    assert mails("no_show_follow_up") == ["cancelled", "due"]


def test_taking_that_back_opens_the_inquiry_again(desk: Client, call: Appointment, cleo: StaffMember) -> None:
    press(desk, call, "complete", outcome="do_not_contact", version=call.version)

    booking.undo(appointment=call, by=cleo, now=call.start)

    assert Inquiry.objects.get().is_not_to_be_contacted is False


def test_a_practitioner_works_on_their_own_calls_only(call: Appointment, client: Client) -> None:
    dana = a_staff_member("dana", "practitioner")
    client.force_login(dana)
    assert client.get(f"/desk/calls/{call.pk}/").status_code == 404

    Practitioner.objects.filter(pk=call.practitioner_id).update(staff_member=dana)

    assert client.get(f"/desk/calls/{call.pk}/").status_code == 200


def test_managers_write_the_checklist(manager: Client) -> None:
    ChecklistLine.objects.all().delete()
    first, second = (ChecklistLine.objects.create(position=n, text_en=f"E{n}", text_es=f"S{n}") for n in (1, 2))
    sent = {f"en-{first.pk}": "Sleep", f"es-{first.pk}": "Sueño", f"place-{first.pk}": 5, f"remove-{second.pk}": "on"}
    sent |= {"en-new": "Work", "es-new": "Trabajo", "place-new": 1}

    manager.post("/desk/settings/checklist/", sent)

    assert [line.text_en for line in ChecklistLine.objects.in_use()] == ["Work", "Sleep"]
    assert ChecklistLine.objects.filter(retired_at__isnull=False).get() == second


def test_a_line_is_written_in_both_languages_or_not_at_all(manager: Client) -> None:
    ChecklistLine.objects.all().delete()

    answer = manager.post("/desk/settings/checklist/", {"en-new": "Work", "es-new": "", "place-new": 1})

    assert (answer.status_code, ChecklistLine.objects.count()) == (400, 0)
    assert "Write the line in both languages, or remove it." in Page(answer).text
    with pytest.raises(IntegrityError), transaction.atomic():
        ChecklistLine.objects.create(position=1, text_en="Work", text_es="")
