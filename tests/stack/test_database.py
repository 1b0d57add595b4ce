"""The connection that a process keeps: found ended without asking, and ended ones are never used."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction
from django.test import Client

from inquiries import clinic
from inquiries.models import Inquiry, StaffMember
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """One connection a test, so that what is done to it stays in it."""
    connection.close()
    yield
    connection.close()


def end_the_connection() -> None:
    """As a restarted server does, seen from a second connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with connection.copy()._nodb_cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_the_server_has_ended_is_not_usable() -> None:
    connection.ensure_connection()
    assert connection.is_usable()

    end_the_connection()

    assert not connection.is_usable()


def test_a_request_after_a_restart_gets_a_new_connection() -> None:
    end_the_connection()
    close_old_connections()  # as each request begins

    assert StaffMember.objects.count() == 0


@pytest.fixture
def frozen() -> Iterator[None]:
    """The server's end of our connection stands still; for ten seconds, so that whoever waits for it fails."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    thaw = threading.Timer(10, os.kill, (pid, signal.SIGCONT))
    os.kill(pid, signal.SIGSTOP)
    thaw.start()
    yield
    thaw.cancel()
    os.kill(pid, signal.SIGCONT)


def test_a_server_that_stops_answering_is_given_up_and_asked_anew(frozen: None, settings: Any) -> None:
    settings.DATABASE_ANSWERS_WITHIN_SECONDS = 0.5

    with pytest.raises(OperationalError):
        StaffMember.objects.count()
    close_old_connections()  # as each request ends

    assert StaffMember.objects.count() == 0


def test_whom_to_call_is_said_at_once_while_the_server_stands_still(frozen: None, client: Client) -> None:
    """The control: without `within` the page waits until the server is thawed, ten seconds later."""
    clinic.known(None, lasts=0)
    began = time.monotonic()

    page = client.get("/help/")

    assert (page.status_code, "988" in page.text) == (200, True)
    assert time.monotonic() - began < clinic.PATIENCE_SECONDS + 3


def test_a_transaction_ends_when_the_server_stops_answering(frozen: None, settings: Any) -> None:
    settings.DATABASE_ANSWERS_WITHIN_SECONDS = 0.5

    with pytest.raises(OperationalError), transaction.atomic():
        StaffMember.objects.count()

    assert StaffMember.objects.count() == 0


def test_statements_are_planned_once_a_connection() -> None:
    for _ in range(8):
        list(StaffMember.objects.filter(username="cleo"))

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like %s", ['%"username" =%'])
        assert cursor.fetchone() == (1,)


def test_more_rows_are_written_than_a_statement_has_parameters_for() -> None:
    facts = {"created_at": NOW, "time_zone": "UTC", "consent_contact_at": NOW, "consent_text_version": "1"}

    Inquiry.objects.bulk_create(Inquiry(**facts) for _ in range(4_000))

    assert Inquiry.objects.count() == 4_000
