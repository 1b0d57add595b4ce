"""The free times over HTTP."""

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Practitioner
from tests.api.caller import Caller
from tests.factories import an_appointment

WEEK = {"appointment_type": "screening-call", "start": "2026-12-07", "end": "2026-12-14"}


def test_slots_are_the_free_starts_with_the_offset_of_the_zone(visitor: Caller) -> None:
    answer = visitor.get("slots/", **WEEK, time_zone="America/Chicago").json()

    assert answer["appointment_type"] == "screening-call"
    assert answer["time_zone"] == "America/Chicago"
    assert answer["slots"][0] == {"start": "2026-12-07T11:00:00-06:00", "end": "2026-12-07T11:20:00-06:00"}
    assert answer["next_available"] == "2026-12-07T11:00:00-06:00"


def test_slots_default_to_two_weeks_in_the_clinics_zone(visitor: Caller) -> None:
    answer = visitor.get("slots/", appointment_type="screening-call").json()

    assert answer["time_zone"] == "America/New_York"
    assert answer["slots"][-1]["start"] == "2026-12-18T16:40:00-05:00"


def test_slots_name_no_practitioner(visitor: Caller) -> None:
    answer = visitor.get("slots/", **WEEK)

    assert {tuple(slot) for slot in answer.json()["slots"]} == {("start", "end")}
    assert not [person.name for person in Practitioner.objects.all() if person.name in answer.content.decode()]


def test_a_language_leaves_the_times_of_those_who_speak_it(visitor: Caller) -> None:
    Practitioner.objects.filter(languages__contains=["es"]).update(is_active=False)

    assert visitor.get("slots/", **WEEK, language="es").json()["slots"] == []
    assert visitor.get("slots/", **WEEK, language="en").json()["slots"] != []


def test_slots_take_two_queries_however_many_appointments(
    visitor: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        with django_assert_num_queries(2):
            visitor.get("slots/", **WEEK)
        an_appointment()


def test_the_types_say_what_can_be_booked_in_the_readers_language(visitor: Caller) -> None:
    answer = visitor.get("appointment-types/", headers={"Accept-Language": "es"})

    assert answer.json() == [
        {
            "slug": "screening-call",
            "name": "Llamada de evaluación inicial",
            "duration_minutes": 20,
            "languages": ["en", "es"],
        }
    ]
    assert answer.headers["Content-Language"] == "es"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"appointment_type": ""}, "appointment_type", "required"),
        ({"appointment_type": "massage"}, "appointment_type", "unknown_appointment_type"),
        ({"appointment_type": "a\0b"}, "appointment_type", "unknown_appointment_type"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "unknown_time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "unknown_time_zone"),
        ({"start": "soon"}, "start", "invalid"),
        ({"start": "2026-02-30"}, "start", "invalid"),
        ({"start": "0001-01-01"}, "start", "invalid"),
        ({"end": "9999-12-31"}, "end", "invalid"),
        ({"end": "2026-12-07"}, "end", "end_before_start"),
        ({"end": "2026-12-01"}, "end", "end_before_start"),
        ({"end": "2027-02-08"}, "end", "range_too_long"),
        ({"language": "tlh"}, "language", "invalid_choice"),
        ({"practitioner": "1"}, "practitioner", "unknown_field"),
        ({"start": ["2026-12-07", "2026-12-08"]}, "start", "repeated"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_problem(
    visitor: Caller, changes: dict[str, str], field: str, code: str
) -> None:
    answer = visitor.get("slots/", **(WEEK | changes))

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert [error["code"] for error in answer.json()["errors"][field]] == [code]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_sixty_two_days_are_not_too_long(visitor: Caller, desk: Caller) -> None:
    assert visitor.get("slots/", **(WEEK | {"end": "2027-02-07"})).status_code == 200
    assert desk.get("desk/slots/explain/", **(WEEK | {"end": "2027-02-07"})).status_code == 200
