"""Sixty-four clients, one time, one practitioner, through real HTTP and real processes; and the control."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from inquiries.models import Inquiry
from scheduling.models import Appointment
from tests.api.caller import a_wish, ask
from tests.crowd import overlapping_pairs
from tests.factories import a_clinic, free_times
from tests.race.server import Answer, post_at_once, serving

CLIENTS = 64

pytestmark = pytest.mark.django_db(transaction=True)


def race(application: str, folder: Path) -> list[Answer]:
    """Everybody asks for the same time."""
    a_clinic(practitioners=1)
    start = free_times(now=timezone.now())[0].isoformat()
    bodies = [ask(given_name=f"N{number}", appointment=a_wish(start)) for number in range(CLIENTS)]
    with serving(application, folder) as port:
        return post_at_once(port, "/api/v1/inquiries/", bodies)


def test_of_64_clients_one_has_the_time_and_63_have_alternatives_and_a_kept_inquiry(tmp_path: Path) -> None:
    answers = race("config.wsgi:application", tmp_path)

    assert Counter(answer.status for answer in answers) == {201: 1, 409: CLIENTS - 1}
    (won,) = [answer.body for answer in answers if answer.status == 201]
    lost = [answer.body for answer in answers if answer.status == 409]
    assert str(Appointment.objects.get().pk) == won["appointment"]["id"]
    assert {body["code"] for body in lost} == {"slot_taken"}
    assert {len(body["alternatives"]) for body in lost} == {3}
    kept = {won["id"], *(body["inquiry"]["id"] for body in lost)}
    assert kept == {str(pk) for pk in Inquiry.objects.values_list("pk", flat=True)}
    assert len(kept) == CLIENTS


@pytest.fixture
def _no_constraint() -> Iterator[None]:
    """The database without its guard, put back afterwards whatever happened."""
    with connection.cursor() as cursor:
        cursor.execute("alter table scheduling_appointment drop constraint appointment_time_once")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("truncate scheduling_appointment cascade")
        guard = next(one for one in Appointment._meta.constraints if one.name == "appointment_time_once")
        with connection.schema_editor() as editor:
            editor.add_constraint(Appointment, guard)


@pytest.mark.usefixtures("_no_constraint")
def test_without_the_guard_the_same_race_sells_the_time_twice(tmp_path: Path) -> None:
    """The control: a look before the write, without lock and constraint, is not enough."""
    answers = race("tests.race.unguarded:application()", tmp_path)

    assert Counter(answer.status for answer in answers)[201] > 1
    assert overlapping_pairs() != []
