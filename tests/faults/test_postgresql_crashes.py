"""PostgreSQL is stopped in immediate mode, as a crash is, while mail is being sent: nothing lost, one copy at most."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.postgres_server import PostgresServer
from config.embedded.processes import spawn, stop
from tests.faults.mail import copies
from tests.servers import BASE_DIR
from tests.sink import SmtpSink

SHELL = [sys.executable, "manage.py", "shell", "-v0", "-c"]
CRASHES = int(os.environ.get("CRASHES", "1"))
MAILS = 20 + 20 * CRASHES
DUE = f"""
from django.core.management import call_command
from tests.faults.mail import due
call_command("migrate", verbosity=0)
due({MAILS})
"""
WORK = """
from django.utils import timezone
from notifications.work import drain
from tests.faults.mail import minutes_pass
minutes_pass()
drain(clock=timezone.now, seconds=60)
"""
TELL = """
import json
from tests.faults.mail import nothing_contradicts, statuses
print(json.dumps([statuses(), nothing_contradicts()]))
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """One that keeps what it has promised: `synchronous_commit` is on."""
    server = PostgresServer(tmp_path / "postgres", log=tmp_path / "postgres.log", options=("-cfsync=off",))
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
def test_a_crash_of_postgresql_under_load_loses_nothing_and_repeats_one_mail_at_most(
    postgres: PostgresServer, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    env = {**os.environ, "DATABASE_URL": postgres.url, "EMAIL_URL": smtp_sink.url, "DATA_DIR": str(tmp_path)}

    def shell(script: str) -> str:
        return subprocess.run(
            [*SHELL, script], env=env, cwd=BASE_DIR, check=True, capture_output=True, text=True
        ).stdout

    shell(DUE)
    smtp_sink.pause_seconds = 0.02
    for crash in range(CRASHES):
        came = len(smtp_sink.messages)
        work = spawn([*SHELL, WORK], log=tmp_path / f"work{crash}.log", env=env, cwd=BASE_DIR)
        smtp_sink.wait_for(came + 8, timeout=30)
        assert postgres.process is not None
        stop([postgres.process], signal.SIGQUIT, seconds=5)
        assert work.wait(60) != 0  # it was in the middle of its work
        postgres.start()
    smtp_sink.pause_seconds = 0

    assert json.loads(shell(WORK + TELL)) == [{"sent": MAILS}, True]
    arrived = copies(smtp_sink)
    assert (len(arrived), arrived[-1] <= 2, sum(arrived) <= MAILS + CRASHES) == (MAILS, True, True)
