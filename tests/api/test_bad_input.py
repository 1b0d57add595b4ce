"""Whatever is wrong with what was sent is a 4xx problem that says what to do, and changes nothing."""

from typing import Any

import pytest
from django.http import HttpResponse

from inquiries.models import AccessLink, Activity, Contact, IdempotentReply, Inquiry, Statement
from scheduling.models import Appointment
from tests.api.caller import Caller, a_wish, ask

STORED = (Inquiry, Contact, Statement, Activity, AccessLink, Appointment, IdempotentReply)
LONG = "x" * 5000


def nothing_is_kept() -> bool:
    return not any(model.objects.exists() for model in STORED)


def refused(answer: HttpResponse, status: int = 400) -> dict[str, Any]:
    """The problem, which is one of `status`."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.content
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert problem["status"] == status
    return problem


WRONG: list[tuple[str, Any, str, str]] = [
    # member, value, field of the error, its code
    ("given_name", None, "given_name", "required"),
    ("given_name", "", "given_name", "blank"),
    ("given_name", "  \u200b ", "given_name", "blank"),
    ("given_name", 7, "given_name", "invalid"),
    ("given_name", True, "given_name", "invalid"),
    ("given_name", ["Ana"], "given_name", "invalid"),
    ("given_name", {"a": 1}, "given_name", "invalid"),
    ("given_name", "A\0na", "given_name", "control_characters"),
    ("given_name", "A\x07na", "given_name", "control_characters"),
    ("given_name", "A\x85na", "given_name", "control_characters"),
    ("given_name", LONG, "given_name", "too_long"),
    ("family_name", 7, "family_name", "invalid"),
    ("family_name", LONG, "family_name", "too_long"),
    ("preferred_name", "\x1b[2J", "preferred_name", "control_characters"),
    ("email", "ana", "email", "invalid"),
    ("email", "ana@", "email", "invalid"),
    ("email", "ana@example", "email", "invalid"),
    ("email", "ana@example.com\nBcc: x@example.com", "email", "invalid"),
    ("email", "ána@example.com", "email", "invalid"),
    ("email", LONG + "@example.com", "email", "too_long"),
    ("email", 12, "email", "invalid"),
    ("phone", "12", "phone", "invalid"),
    ("phone", "call me", "phone", "invalid"),
    ("phone", "+1305555012300000000", "phone", "invalid"),
    ("phone", "305 555 0123 ext 4", "phone", "invalid"),
    ("phone", 13055550123, "phone", "invalid"),
    ("preferred_language", "fr", "preferred_language", "invalid_choice"),
    ("preferred_language", 1, "preferred_language", "invalid_choice"),
    ("time_zone", "Mars/Olympus", "time_zone", "unknown_time_zone"),
    ("email", "a@[1.2.3.4]", "email", "invalid"),
    ("time_zone", "EST5EDT\0", "time_zone", "control_characters"),
    ("time_zone", "../../etc/passwd", "time_zone", "unknown_time_zone"),
    ("time_zone", 5, "time_zone", "invalid"),
    ("concerns", "bipolar", "concerns", "not_a_list"),
    ("concerns", ["curse"], "concerns.0", "invalid_choice"),
    ("concerns", [["bipolar"]], "concerns.0", "invalid_choice"),
    ("message", LONG, "message", "too_long"),
    ("message", "a\0b", "message", "control_characters"),
    ("message", 3.5, "message", "invalid"),
    ("needs_help_now", "maybe", "needs_help_now", "invalid_choice"),
    ("needs_help_now", True, "needs_help_now", "invalid_choice"),
    ("contact", "phone", "contact", "invalid"),
    ("contact", {"by": ["pigeon"]}, "contact.by.0", "invalid_choice"),
    ("contact", {"voicemail_ok": "true"}, "contact.voicemail_ok", "invalid"),
    ("contact", {"discreet": 1}, "contact.discreet", "invalid"),
    ("contact", {"owl": True}, "contact.owl", "unknown_field"),
    ("consent", None, "consent", "required"),
    ("consent", {}, "consent.contact", "required"),
    ("consent", {"contact": False}, "consent.contact", "required"),
    ("consent", {"contact": "true"}, "consent.contact", "invalid"),
    ("consent", {"contact": 1}, "consent.contact", "invalid"),
    ("consent", {"contact": True, "reminders": "yes"}, "consent.reminders", "invalid"),
    ("source", "flyer", "source", "invalid"),
    ("source", {"gclid": "x"}, "source.gclid", "unknown_field"),
    ("source", {"utm_source": 1}, "source.utm_source", "invalid"),
    ("preferred_windows", {}, "preferred_windows", "not_a_list"),
    ("preferred_windows", [{"date": "2026-12-09"}], "preferred_windows.0.part", "required"),
    ("preferred_windows", [{"date": "2026-12-09", "part": "night"}], "preferred_windows.0.part", "invalid_choice"),
    ("preferred_windows", [{"date": "9.12.2026", "part": "morning"}], "preferred_windows.0.date", "invalid"),
    ("preferred_windows", [{"date": "2026-13-09", "part": "morning"}], "preferred_windows.0.date", "invalid"),
    ("preferred_windows", [{"date": 1, "part": "morning"}], "preferred_windows.0.date", "invalid"),
    ("preferred_windows", [{"date": "2026-12-06", "part": "morning"}], "preferred_windows", "past"),
    ("preferred_windows", [{"date": "2026-12-09", "part": "morning"}] * 4, "preferred_windows", "max_length"),
    ("appointment", "tomorrow", "appointment", "invalid"),
    ("appointment", [], "appointment", "invalid"),
    ("appointment", {}, "appointment.start", "required"),
    ("appointment", {"appointment_type": "screening-call"}, "appointment.start", "required"),
    ("appointment", {"start": "2026-12-09T15:00:00Z"}, "appointment.appointment_type", "required"),
    ("appointment", a_wish("2026-12-09T10:00:00"), "appointment.start", "offset_required"),
    ("appointment", a_wish("2026-12-09"), "appointment.start", "invalid"),
    ("appointment", a_wish("2026-12-09T25:00:00Z"), "appointment.start", "invalid"),
    ("appointment", a_wish("2026-02-30T10:00:00Z"), "appointment.start", "invalid"),
    ("appointment", a_wish("2026-12-09T10:00:00+99:00"), "appointment.start", "invalid"),
    ("appointment", a_wish("0001-01-01T00:00:00+14:00"), "appointment.start", "invalid"),
    ("appointment", a_wish("9999-12-31T23:59:59-14:00"), "appointment.start", "invalid"),
    ("appointment", a_wish("٢٠٢٦-12-09T10:00:00Z"), "appointment.start", "invalid"),
    ("appointment", a_wish("soon"), "appointment.start", "invalid"),
    ("appointment", {**a_wish("x"), "start": 1765292400}, "appointment.start", "invalid"),
    ("appointment", {**a_wish("x"), "start": None}, "appointment.start", "null"),
    (
        "appointment",
        {"appointment_type": "massage", "start": "2026-12-09T15:00:00Z"},
        "appointment.appointment_type",
        "unknown_appointment_type",
    ),
    ("appointment", {**a_wish("x"), "appointment_type": 1}, "appointment.appointment_type", "invalid"),
    ("appointment", {**a_wish("2026-12-09T15:00:00Z"), "practitioner": 1}, "appointment.practitioner", "unknown_field"),
    ("shoe_size", 42, "shoe_size", "unknown_field"),
    ("x" * 5000, 42, "x" * 80, "unknown_field"),
]


@pytest.mark.parametrize(("member", "value", "field", "code"), WRONG)
def test_a_wrong_value_is_an_error_of_its_field(
    visitor: Caller, member: str, value: Any, field: str, code: str
) -> None:
    problem = refused(visitor.post("inquiries/", ask(**{member: value})))

    assert code in [error["code"] for error in problem["errors"][field]]
    assert all(error["message"] for error in problem["errors"][field])
    assert nothing_is_kept()


@pytest.mark.parametrize("start", ["2020-01-06T10:00:00-05:00", "2026-12-09T03:00:00-05:00", "2199-01-01T00:00:00Z"])
def test_a_time_that_was_never_on_offer_is_not_offered(visitor: Caller, start: str) -> None:
    problem = refused(visitor.post("inquiries/", ask(appointment=a_wish(start))), 422)

    assert problem["code"] == "not_offered"
    assert nothing_is_kept()


def test_a_wall_time_in_the_gap_of_a_clock_change_is_an_instant_and_not_on_offer(visitor: Caller) -> None:
    refused(visitor.post("inquiries/", ask(appointment=a_wish("2027-03-14T02:20:00-05:00"))), 422)


def test_neither_email_nor_phone_is_an_error_of_both(visitor: Caller) -> None:
    problem = refused(visitor.post("inquiries/", ask(email="", phone="")))

    assert problem["code"] == "contact_required"
    assert set(problem["errors"]) == {"email", "phone"}


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


MALFORMED = {
    "nothing": b" ",
    "half an object": b'{"given_name": "Ana"',
    "not JSON": b"given_name=Ana",
    "single quotes": b"{'given_name': 'Ana'}",
    "NaN": b'{"given_name": NaN}',
    "Infinity": b'{"given_name": -Infinity}',
    "a number beyond floats": b'{"given_name": 1e999}',
    "a number of five thousand digits": b'{"given_name": ' + b"9" * 5000 + b"}",
    "a name twice": b'{"given_name": "Ana", "given_name": "Eva"}',
    "Latin-1": '{"given_name": "Ánà"}'.encode("latin-1"),
    "a half character": b'{"given_name": "\\ud800"}',
    "a half character as a name": b'{"\\ud800": 1}',
    "a raw NUL": b'{"given_name": "A\x00na"}',
    "21 levels": nested(21),
    "100,000 levels": b"[" * 100_000,
    "100,000 closed levels": b"[" * 100_000 + b"]" * 100_000,
    "a byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_body_is_refused_before_anything_looks_at_it(visitor: Caller, name: str) -> None:
    assert refused(visitor.post("inquiries/", raw=MALFORMED[name]))["code"] == "malformed"
    assert nothing_is_kept()


@pytest.mark.parametrize("body", [b"[]", b"null", b'"Ana"', b"1", b"true", b"[{}]"])
def test_a_body_that_is_no_object_is_refused(visitor: Caller, body: bytes) -> None:
    problem = refused(visitor.post("inquiries/", raw=body))

    assert list(problem["errors"]) == ["body"]
    assert nothing_is_kept()


def test_twenty_levels_can_be_read(visitor: Caller) -> None:
    assert refused(visitor.post("inquiries/", raw=nested(20)))["code"] != "malformed"


def test_more_than_256_kilobytes_are_too_large(visitor: Caller) -> None:
    large = b'{"message": "' + b"x" * 256 * 1024 + b'"}'

    assert refused(visitor.post("inquiries/", raw=large), 413)["code"] == "too_large"
    assert nothing_is_kept()


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "text/json"]
)
def test_only_json_is_read(visitor: Caller, content_type: str) -> None:
    answer = visitor.post("inquiries/", raw=b"given_name=Ana", content_type=content_type)

    assert refused(answer, 415)["code"] == "unsupported_media_type"
    assert nothing_is_kept()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_another_method_is_not_allowed(visitor: Caller, method: str) -> None:
    assert visitor.send(method, "inquiries/").status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["TRACE", "POST"])
def test_the_health_of_the_house_is_only_read(visitor: Caller, path: str, method: str) -> None:
    assert visitor.client.generic(method, path).status_code == 405


def test_an_address_that_is_none_is_a_problem_too(visitor: Caller) -> None:
    assert refused(visitor.get("nowhere/"), 404)["code"] == "not_found"
    assert visitor.get("slots", appointment_type="screening-call").status_code == 301


def test_the_sentences_are_in_the_readers_language(visitor: Caller) -> None:
    problem = refused(visitor.post("inquiries/", ask(given_name=None), headers={"Accept-Language": "es"}))

    assert problem["errors"]["given_name"] == [{"code": "required", "message": "Este campo es requerido."}]


def test_what_was_sent_is_not_echoed(visitor: Caller) -> None:
    wrong = {"email": "secret-person", "phone": "secret", "time_zone": "Secret/Zone", "concerns": ["secret-sorrow"]}

    answer = visitor.post("inquiries/", ask(**wrong))

    assert b"secret" not in answer.content.lower()
