"""Knowing that it works: heartbeats, lateness, limits in order, invariants, and tasks that carry nothing."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from config import desk_health
from notifications import checks, pulse
from notifications.models import Heartbeat, Notification
from notifications.tasks import work as work_task
from scheduling import booking
from scheduling.models import Appointment
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
CODE = ("config", "inquiries", "scheduling", "notifications")
BASE = Path(__file__).resolve().parents[2]


def troubles(now: dt.datetime = NOW) -> set[str]:
    return {name for name, check in pulse.checks(now=now).items() if not check["ok"]}


def test_nothing_is_well_before_anybody_was_heard_of(clinic: SmtpSink) -> None:
    assert troubles() == {"worker", "beat"}


@pytest.mark.parametrize(("silence", "expected"), [(90, set()), (91, {"worker", "beat"})])
def test_ninety_seconds_of_silence_are_trouble(clinic: SmtpSink, silence: int, expected: set[str]) -> None:
    work_task()

    assert troubles(NOW + dt.timedelta(seconds=silence)) == expected


def test_a_wake_up_of_the_web_is_no_sign_of_life_of_beat(clinic: SmtpSink) -> None:
    work_task(by="wake")

    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["worker"]


@pytest.mark.parametrize(("minutes", "expected"), [(5, set()), (6, {"messages"})])
def test_a_message_five_minutes_late_is_trouble(clinic: SmtpSink, minutes: int, expected: set[str]) -> None:
    an_inquiry()
    call_command("work", stdout=StringIO())
    Notification.objects.filter(kind="inquiry_received").update(status="due", sent_at=None, attempts=0, try_at=NOW)

    assert troubles(NOW + dt.timedelta(minutes=minutes)) - {"worker", "beat"} == expected


def test_what_nobody_plans_is_trouble(clinic: SmtpSink) -> None:
    an_inquiry()

    assert "planning" in troubles(NOW + dt.timedelta(minutes=6))


def test_readyz_says_whether_the_worker_lives(clinic: SmtpSink, client: Client) -> None:
    assert client.get("/readyz").status_code == 503

    work_task()

    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]["ok"]) == (200, True)


def test_limits_that_do_not_rise_stop_the_start(settings: Any) -> None:
    assert checks.limits_are_in_order() == []

    settings.LEASE_SECONDS = 100

    (error,) = checks.limits_are_in_order()
    assert error.id == "notifications.E001"


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        ("95", "These limits must rise, so that no message is in two hands: EMAIL_TIMEOUT=95 <"),
        ("-1", "These limits must rise, so that no message is in two hands: EMAIL_TIMEOUT=-1 <"),
        ("0", "These limits must rise, so that no message is in two hands: EMAIL_TIMEOUT=0 <"),
        ("soon", "EMAIL_TIMEOUT='soon' is no whole number."),
        ("", "EMAIL_TIMEOUT='' is no whole number."),
    ],
)
def test_a_worker_with_wrong_limits_refuses_to_start(seconds: str, sentence: str) -> None:
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo"]
    env = {**os.environ, "EMAIL_TIMEOUT": seconds}

    ended = subprocess.run(argv, check=False, env=env, cwd=BASE, capture_output=True, text=True, timeout=60)

    assert ended.returncode != 0
    assert sentence in ended.stderr.strip().splitlines()[-1]


def test_work_done_by_hand_says_what_it_did(clinic: SmtpSink) -> None:
    an_inquiry()
    said = StringIO()

    call_command("work", stdout=said)

    assert said.getvalue() == "expired 0, offered 0, planned 1, sent 1, erased 0\n"


def test_mail_leaves_without_redis(clinic: SmtpSink, settings: Any) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    row = an_appointment()
    booking.confirm(appointment=row, by=a_staff_member(), now=NOW - dt.timedelta(seconds=60))

    call_command("work", stdout=StringIO())

    assert "confirmed" in " ".join(clinic.subjects())


def test_a_clinic_at_work_contradicts_nothing(clinic: SmtpSink) -> None:
    for status in Appointment.Status:
        an_appointment(status)
    call_command("work", stdout=StringIO())
    said = StringIO()

    call_command("check_invariants", stdout=said)

    assert json.loads(said.getvalue())["ok"]


BREAK = {
    "I3_no_lost_lease": "update notifications_notification set status = 'sending', try_at = null, sent_at = null,"
    " lease_token = gen_random_uuid(), lease_until = '2026-12-07 14:00Z' where kind = 'request_received'",
    "I5_no_message_of_what_never_was": "update notifications_notification set sequence = 9 where kind = 'reminder'",
    "I6_story_unbroken": "update inquiries_inquiry set activity_count = 99",
    "I7_legal_histories": "update scheduling_appointment set version = 9",
}


@pytest.mark.parametrize("broken", BREAK)
def test_each_contradiction_is_found(clinic: SmtpSink, broken: str) -> None:
    an_appointment(Appointment.Status.BOOKED)
    call_command("work", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute(BREAK[broken])
    said = StringIO()

    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=said)

    report = json.loads(said.getvalue())
    assert [name for name, found in report.items() if found and name != "ok"] == [broken]


def test_two_calls_at_one_time_are_found(clinic: SmtpSink) -> None:
    said = StringIO()
    with connection.cursor() as cursor:
        cursor.execute("alter table scheduling_appointment drop constraint appointment_time_once")
    one, two = an_appointment(), an_appointment()
    with connection.cursor() as cursor:
        facts = [one.practitioner_id, one.occupied.lower, one.occupied.upper, two.pk]
        cursor.execute(
            "update scheduling_appointment set practitioner_id = %s, start = start + interval '1 minute',"
            " \"end\" = start + interval '2 minutes', occupied = tstzrange(%s, %s) where id = %s",
            facts,
        )

    with pytest.raises(SystemExit):
        call_command("check_invariants", stdout=said)

    assert json.loads(said.getvalue())["I1_no_overlap"] == [" ".join(sorted(map(str, (one.pk, two.pk))))]


def test_no_task_carries_a_time_or_tries_itself_again() -> None:
    """R1: what is due stands in PostgreSQL. A broker that is asked to wait, forget or repeat does all three wrongly."""
    forbidden = re.compile(r"\bcountdown=|\beta=|\.retry\(|\bexpires=|\bchain\(|\bchord\(|result_backend", re.I)
    files = [path for folder in CODE for path in (BASE / folder).rglob("*.py")]

    found = [f"{path}: {line}" for path in files for line in path.read_text().splitlines() if forbidden.search(line)]

    assert (len(files) > 50, found) == (True, [])


def test_the_desk_says_that_redis_is_away(clinic: SmtpSink, client: Client, settings: Any) -> None:
    client.force_login(a_staff_member())
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    page = client.get("/desk/health/").text
    assert "Redis does not answer" in page
    assert "Mail leaves all the same, up to a minute later. Tell whoever runs Firstcall." in page


def test_each_trouble_says_what_to_do_meanwhile(clinic: SmtpSink, settings: Any) -> None:
    settings.CANARY_EMAIL = "sender"

    assert set(desk_health.MEANWHILE) == set(desk_health.CHECKS) == {"database", "broker", *pulse.checks(now=NOW)}


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("BOUNCE_ADDRESS", "bounces@example.org", 0),
        ("BOUNCE_ADDRESS", "Bounces <bounces@example.org>", 1),
        ("BOUNCE_ADDRESS", "bounces@exámple.org", 1),
        ("DEFAULT_FROM_EMAIL", "The Clinic <calls@127.0.0.1>", 0),
        ("DEFAULT_FROM_EMAIL", "The Clinic", 1),
    ],
)
def test_a_sender_that_no_server_takes_refuses_the_start(settings: Any, name: str, value: str, wrong: int) -> None:
    setattr(settings, name, value)

    assert [error.id for error in checks.sender_can_be_addressed()] == ["notifications.E003"] * wrong
