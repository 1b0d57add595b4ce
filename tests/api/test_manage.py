"""What the patient's link lets them see and do over HTTP."""

import datetime as dt

import pytest
import time_machine

from inquiries.models import AccessLink, Activity, Inquiry
from scheduling import booking
from scheduling.models import Appointment
from tests.api.caller import Caller, a_wish
from tests.factories import NOW, Status, a_link, a_staff_member, an_appointment, an_inquiry, free_times

VERBS = ("appointment", "cancel", "reschedule", "accept", "refuse", "confirm-attendance", "erase")


def link_of(appointment: Appointment) -> str:
    return f"manage/{a_link(appointment.inquiry)}/"


def test_the_page_of_a_request_says_what_stands_and_what_can_be_done(visitor: Caller) -> None:
    appointment = an_appointment()

    answer = visitor.get(link_of(appointment)).json()

    assert answer["status"] == "open"
    assert (answer["appointment"]["id"], answer["appointment"]["status"]) == (str(appointment.pk), "pending")
    assert answer["appointment"]["start"] == "2026-12-09T10:00:00-05:00"
    assert answer["proposals"] == []
    assert answer["actions"] == ["reschedule", "cancel", "erase"]


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.PENDING, ["reschedule", "cancel", "erase"]),
        (Status.PROPOSED, ["accept", "refuse", "reschedule", "cancel", "erase"]),
        (Status.BOOKED, ["reschedule", "cancel", "confirm-attendance", "earlier", "erase"]),
        (Status.CANCELLED, ["appointment", "erase"]),
        (Status.FULFILLED, ["appointment", "erase"]),
        (Status.NOSHOW, ["appointment", "erase"]),
    ],
)
def test_the_actions_are_those_that_the_state_allows(visitor: Caller, status: str, actions: list[str]) -> None:
    assert visitor.get(link_of(an_appointment(status))).json()["actions"] == actions


def test_somebody_without_an_appointment_can_ask_for_one(visitor: Caller) -> None:
    inquiry = an_inquiry()
    link = f"manage/{a_link(inquiry)}/"

    assert visitor.get(link).json() == {
        "status": "new",
        "appointment": None,
        "proposals": [],
        "actions": ["appointment", "erase"],
    }
    answer = visitor.post(f"{link}appointment/", a_wish())

    assert (answer.status_code, answer.json()["appointment"]["status"]) == (201, "pending")


def test_a_second_appointment_is_refused(visitor: Caller) -> None:
    answer = visitor.post(f"{link_of(an_appointment())}appointment/", a_wish())

    assert (answer.status_code, answer.json()["code"]) == (409, "already_has_appointment")
    assert (answer.json()["status"], answer.json()["version"]) == ("pending", 1)


def test_cancelling_frees_the_time(visitor: Caller) -> None:
    appointment = an_appointment()

    answer = visitor.post(f"{link_of(appointment)}cancel/")

    assert answer.json()["appointment"]["status"] == "cancelled"
    assert (appointment.start) in free_times(1)


def test_a_confirmed_call_moves_to_pending_and_keeps_its_old_time(visitor: Caller) -> None:
    appointment = an_appointment(Status.BOOKED)
    later = free_times(days_ahead=4)[0]

    answer = visitor.post(f"{link_of(appointment)}reschedule/", {"start": later.isoformat()})

    assert (answer.status_code, answer.json()["appointment"]["status"]) == (200, "pending")
    assert dt.datetime.fromisoformat(answer.json()["appointment"]["start"]) == later
    assert Appointment.objects.filter(held_for=appointment, start=appointment.start).exists()


def test_one_of_the_offered_times_is_accepted_and_the_others_are_free(visitor: Caller) -> None:
    link = link_of(an_appointment(Status.PROPOSED))
    offered = visitor.get(link).json()["proposals"]
    assert [set(offer) for offer in offered] == [{"id", "start", "end", "expires_at"}] * 2

    answer = visitor.post(f"{link}accept/", {"proposal": offered[1]["id"]}).json()

    assert (answer["appointment"]["status"], answer["appointment"]["start"]) == ("booked", offered[1]["start"])
    assert answer["proposals"] == []
    assert Appointment.objects.count() == 1


def test_an_offer_that_is_not_theirs_is_refused(visitor: Caller) -> None:
    link = link_of(an_appointment(Status.PROPOSED))

    for proposal, status in ((str(Inquiry.objects.get().pk), 409), ("first", 400), (1, 400), (None, 400)):
        assert visitor.post(f"{link}accept/", {"proposal": proposal}).status_code == status
    assert Appointment.objects.spoken_of().get().status == "proposed"


def test_refusing_the_offers_ends_the_request(visitor: Caller) -> None:
    answer = visitor.post(f"{link_of(an_appointment(Status.PROPOSED))}refuse/").json()

    assert (answer["appointment"]["status"], answer["appointment"]["reason"]) == ("cancelled", "refused")


def test_attendance_is_confirmed_once(visitor: Caller) -> None:
    link = link_of(an_appointment(Status.BOOKED))

    first, second = (visitor.post(f"{link}confirm-attendance/").json() for _ in range(2))

    assert first == second
    assert first["appointment"]["attendance_confirmed_at"] == "2026-12-07T10:00:00-05:00"


def test_forgetting_frees_the_time_and_ends_the_link(visitor: Caller) -> None:
    appointment = an_appointment(Status.BOOKED)
    link = link_of(appointment)

    answer = visitor.post(f"{link}erase/")

    assert (answer.status_code, answer.json()["actions"]) == (200, [])
    assert visitor.get(link).status_code == 404
    assert Appointment.objects.get().status == "cancelled"


def test_what_the_state_forbids_says_the_state(visitor: Caller) -> None:
    answer = visitor.post(f"{link_of(an_appointment(Status.CANCELLED))}cancel/")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "invalid_transition")
    assert (problem["status"], problem["version"]) == ("cancelled", 2)


def test_a_lost_time_names_alternatives_in_the_persons_zone(visitor: Caller) -> None:
    start = free_times(days_ahead=4)[0]
    for _ in range(3):
        an_appointment(start=start)
    inquiry = an_inquiry(time_zone="America/Los_Angeles")

    answer = visitor.post(f"manage/{a_link(inquiry)}/appointment/", a_wish(start.isoformat()))

    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert [slot["start"][-6:] for slot in answer.json()["alternatives"]] == ["-08:00"] * 3


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_never_changes_anything(visitor: Caller, method: str) -> None:
    link = link_of(an_appointment(Status.PROPOSED))
    before = everything()

    for _ in range(2):
        assert visitor.send(method, link).status_code == 200
        for verb in VERBS:
            assert visitor.send(method, f"{link}{verb}/").status_code == 405

    assert everything() == before


def everything() -> list[object]:
    models = (Appointment, Activity, AccessLink, Inquiry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_wrong_expired_revoked_and_unknown_links_are_one_answer(visitor: Caller, clock: time_machine.Traveller) -> None:
    inquiry = an_inquiry()
    revoked = a_link(inquiry)
    AccessLink.objects.update(revoked_at=NOW)
    expired = a_link(inquiry, now=NOW - AccessLink.LIFETIME)
    tokens = [revoked, expired, "x" * 43, "x", "%00", "%ff", "a" * 2000, "..%2f"]

    answers = {visitor.get(f"manage/{token}/").content for token in tokens}
    answers |= {visitor.post(f"manage/{token}/{verb}/").content for token in tokens for verb in VERBS}
    answers |= {
        visitor.post(f"manage/{token}/cancel/", raw=b"{", content_type="text/plain").content for token in tokens
    }

    assert len(answers) == 1
    assert b'"status":404' in answers.pop()


def test_the_answer_is_stored_nowhere(visitor: Caller) -> None:
    answer = visitor.get(link_of(an_appointment()))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_link_shows_no_personal_fact(visitor: Caller) -> None:
    body = visitor.get(link_of(an_appointment())).content.decode()

    assert not [fact for fact in ("Ana", "Ruiz", "ana@example.com", "5550123", "Ortega") if fact in body]


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("cancel", {"why": "no"}),
        ("reschedule", {}),
        ("reschedule", {"start": "2026-12-10T10:00:00"}),
        ("reschedule", {"start": 5}),
        ("accept", {}),
        ("appointment", {"start": "2026-12-10T10:00:00Z"}),
        ("erase", {"really": True}),
    ],
)
def test_a_wrong_body_changes_nothing(visitor: Caller, verb: str, body: dict[str, object]) -> None:
    link = link_of(an_appointment(Status.BOOKED))
    before = everything()

    assert visitor.post(f"{link}{verb}/", body).status_code == 400
    assert everything() == before


def test_a_kept_time_comes_back_when_staff_decline_the_move(visitor: Caller) -> None:
    appointment = an_appointment(Status.BOOKED)
    link, later = link_of(appointment), free_times(days_ahead=4)[0]
    visitor.post(f"{link}reschedule/", {"start": later.isoformat()})
    booking.decline(appointment=appointment, by=a_staff_member(), now=NOW)

    answer = visitor.get(link).json()["appointment"]

    assert (answer["status"], dt.datetime.fromisoformat(answer["start"])) == ("booked", appointment.start)
