"""Everybody records the second attempt at once: one is kept, with one follow-up; and a control without the guards."""

from threading import Barrier

import pytest
from django.db import connection

from inquiries.models import Activity
from scheduling import attempts
from scheduling.models import Appointment, CallAttempt, FollowUp
from tests.crowd import at_once
from tests.factories import a_clinic, a_staff_member, an_appointment

CROWD = 8
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tried_once() -> Appointment:
    a_clinic(practitioners=1)
    call = an_appointment("booked")
    attempts.record(appointment=call, number=1, result="no_answer", by=a_staff_member(), now=call.start)
    return call


def test_the_second_attempt_of_eight_people_leaves_one_follow_up(tried_once: Appointment) -> None:
    by, now = a_staff_member(), tried_once.start
    results = at_once(
        [
            lambda: attempts.record(appointment=tried_once, number=2, result="no_answer", by=by, now=now)
            for _ in range(CROWD)
        ]
    )

    assert sum(isinstance(result, CallAttempt) for result in results) == 1
    assert sum(isinstance(result, attempts.AttemptKnown) for result in results) == CROWD - 1
    assert (CallAttempt.objects.count(), FollowUp.objects.count()) == (2, 1)
    assert Activity.objects.filter(kind="appointment.missed").count() == 1


def test_without_lock_and_constraints_the_same_race_makes_many(tried_once: Appointment) -> None:
    """The control: everybody looks before anybody writes."""
    with connection.cursor() as cursor:
        cursor.execute("alter table scheduling_callattempt drop constraint call_attempt_number_once")
        cursor.execute("alter table scheduling_followup drop constraint scheduling_followup_appointment_id_key")
    gate, by, now = Barrier(CROWD), a_staff_member(), tried_once.start

    def unguarded() -> None:
        number = CallAttempt.objects.filter(appointment=tried_once).count() + 1
        missing = not FollowUp.objects.filter(appointment=tried_once).exists()
        gate.wait()
        CallAttempt.objects.create(appointment=tried_once, number=number, result="no_answer", at=now, by=by)
        if missing:
            FollowUp.objects.create(appointment=tried_once, due_at=now, made_at=now)

    try:
        at_once([unguarded] * CROWD)
        assert (CallAttempt.objects.filter(number=2).count(), FollowUp.objects.count()) == (CROWD, CROWD)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("truncate scheduling_followup, scheduling_callattempt cascade")
            cursor.execute(
                "alter table scheduling_callattempt add constraint call_attempt_number_once"
                " unique (appointment_id, number)"
            )
            cursor.execute(
                "alter table scheduling_followup add constraint scheduling_followup_appointment_id_key"
                " unique (appointment_id)"
            )
