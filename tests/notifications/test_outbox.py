"""After a restore nothing is sent until a person says so."""

import datetime as dt
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from notifications import outbox, planner, pulse
from notifications.models import Notification, Outbox
from tests.factories import NOW, a_staff_member, an_inquiry
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
A_MINUTE = 60


def command(*arguments: str) -> str:
    said = StringIO()
    call_command("outbox", *arguments, stdout=said)
    return said.getvalue().strip()


@pytest.fixture
def sent(clinic: SmtpSink, work: Any, settings: Any, tmp_path: Path) -> SmtpSink:
    """One message has gone; a second one is due."""
    settings.DATA_DIR = tmp_path
    an_inquiry()
    work()
    an_inquiry(email="bea@example.com")
    planner.plan_pending(now=NOW)
    return clinic


def put_back_to_an_older_dump() -> None:
    Outbox.objects.update(epoch=0 if Outbox.objects.get().epoch == 1 else 1)


def test_a_database_that_is_older_than_what_was_sent_sends_nothing(sent: SmtpSink, work: Any) -> None:
    call_command("outbox", "resume", stdout=StringIO())
    put_back_to_an_older_dump()

    work(A_MINUTE)

    assert (len(sent.messages), kinds(status="due")) == (1, ["inquiry_received due"])
    assert "restored" in command("status")


def test_without_the_note_the_restored_database_would_send(sent: SmtpSink, work: Any, tmp_path: Path) -> None:
    """The control of the one above."""
    call_command("outbox", "resume", stdout=StringIO())
    put_back_to_an_older_dump()
    for note in (tmp_path / "outbox").iterdir():
        note.write_text("0")

    work()

    assert len(sent.messages) == 2


def test_a_database_that_was_moved_away_from_its_note_sends_nothing(
    sent: SmtpSink, work: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "elsewhere"

    work()

    assert len(sent.messages) == 1


def test_a_paused_outbox_says_so_to_watchers_and_staff(sent: SmtpSink, work: Any, client: Client) -> None:
    assert command("pause") == "paused since 2026-12-07 15:00Z: somebody stopped it; 1 due"
    client.force_login(a_staff_member())

    work()

    assert len(sent.messages) == 1
    assert client.get("/readyz").json()["outbox"]["ok"] is False
    assert "somebody stopped it" in client.get("/desk/health/", headers={"HX-Request": "true"}).text


def test_resuming_sends_what_waited(sent: SmtpSink, work: Any) -> None:
    command("pause")

    assert command("resume") == "skipped 0\nopen; 1 due"
    work()

    assert len(sent.messages) == 2


def test_what_may_have_been_sent_before_the_restore_can_be_skipped(sent: SmtpSink, work: Any) -> None:
    put_back_to_an_older_dump()
    later = (NOW + dt.timedelta(seconds=1)).isoformat()

    command("resume", "--skip-due-before", later)
    work()

    assert len(sent.messages) == 1
    assert Notification.objects.filter(status="skipped", reason="restored").count() == 1


@pytest.mark.parametrize("when", ["yesterday", "2026-12-07T15:00:00", "2026-13-07T15:00:00Z"])
def test_a_moment_without_a_zone_is_refused(when: str, db: None) -> None:
    with pytest.raises(CommandError, match="moment with its zone"):
        command("resume", "--skip-due-before", when)


@contextmanager
def no_room() -> Iterator[None]:
    """No file takes a byte more, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_due_what_is_due_and_shows_that_it_is_late(
    sent: SmtpSink, work: Any, tmp_path: Path
) -> None:
    with no_room():
        work()
        waiting = kinds(status="due")
        work(6 * A_MINUTE)
        late = pulse.checks(now=timezone.now())["messages"]
    files = len(list((tmp_path / "outbox").iterdir()))

    work()

    assert (waiting, late["ok"], files) == (["inquiry_received due"], False, 1)
    assert [copy.recipients[0] for copy in sent.messages] == ["ana@example.com", "bea@example.com"]


def test_a_pause_in_the_middle_of_a_claim_takes_nothing(sent: SmtpSink, monkeypatch: Any) -> None:
    from notifications import claiming

    monkeypatch.setattr(outbox, "is_open", lambda *, now: True)
    outbox.pause(now=NOW)

    assert claiming.claim(now=NOW) == ([], 0)
    assert kinds(status="due") == ["inquiry_received due"]


def test_a_worker_that_died_before_its_very_first_note_stops_nothing(
    clinic: SmtpSink, work: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    Outbox.objects.create(pk=Outbox.ONLY)  # and its note was never written
    for address in ("ana@example.com", "bea@example.com"):
        an_inquiry(email=address)
        work(A_MINUTE)

    assert len(clinic.messages) == 2
