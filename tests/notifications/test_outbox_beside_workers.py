"""Workers and people who use the outbox at once never make it take its own database for a restored one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from notifications import outbox
from notifications.models import Outbox
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 20


@pytest.fixture(autouse=True)
def counting(settings: Any, tmp_path: Path) -> None:
    """Batches were claimed before, and noted."""
    settings.DATA_DIR = tmp_path
    outbox.is_open(now=NOW)
    count_on()


def count_on() -> None:
    """What a worker does who claims a batch."""
    counted = outbox.next_batch()
    assert counted is not None
    outbox.note(counted.identity, counted.epoch)


def lose_the_note(tmp_path: Path) -> None:
    for note in (tmp_path / "outbox").iterdir():
        note.unlink()


def open_beside(meanwhile: Callable[[], Any], hold: Callable[[Callable[[], None]], Any]) -> bool:
    """What a worker with its own connection finds, if `meanwhile` happens where `hold` makes it wait."""
    reached, done = Barrier(2), Barrier(2)

    def wait_here() -> None:
        reached.wait(SECONDS)
        done.wait(SECONDS)

    def look() -> bool:
        try:
            return bool(hold(wait_here))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        reached.wait(SECONDS)
        meanwhile()
        done.wait(SECONDS)
        return looking.result(SECONDS)


def hold_after_the_row(wait_here: Callable[[], None]) -> bool:
    waits = [wait_here]

    def once(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if waits:
            waits.pop()()
        return answer

    with connection.execute_wrapper(once):
        return outbox.is_open(now=NOW)


@pytest.fixture
def hold_after_the_note(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], bool]:
    def hold(wait_here: Callable[[], None]) -> bool:
        read, waits = outbox._noted, [wait_here]

        def once(identity: object) -> int:
            found = read(identity)
            if waits:
                waits.pop()()
            return found

        monkeypatch.setattr(outbox, "_noted", once)
        return outbox.is_open(now=NOW)

    return hold


def test_a_batch_counted_between_row_and_note_stops_nothing() -> None:
    assert open_beside(count_on, hold_after_the_row)
    assert outbox.is_open(now=NOW)


def test_what_that_worker_read_first_looks_restored() -> None:
    """The control of the one above: without a second look it would stop."""
    row = Outbox.objects.get()
    count_on()

    assert outbox._looks_restored(row)


def test_resuming_between_note_and_decision_stops_nothing(tmp_path: Path, hold_after_the_note: Any) -> None:
    lose_the_note(tmp_path)

    assert open_beside(outbox.resume, hold_after_the_note)
    assert outbox.is_open(now=NOW)


def test_without_that_resuming_it_stops(tmp_path: Path, hold_after_the_note: Any) -> None:
    """The control of the one above."""
    lose_the_note(tmp_path)

    assert not open_beside(lambda: None, hold_after_the_note)
    assert Outbox.objects.get().paused_why == Outbox.Why.RESTORED
