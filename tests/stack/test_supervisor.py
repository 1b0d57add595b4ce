"""`make run`, as a newcomer meets it: real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.embedded.processes import is_running, marked_with, wait_until
from tests.stack.stacks import AS_NOBODY, Stack

pytestmark = pytest.mark.timeout(180)


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


def endpoints(stack: Stack) -> dict[str, str]:
    return json.loads((stack.data / "run" / "endpoints.json").read_text())


def worker_master(stack: Stack) -> int:
    """The pid of the Celery worker itself, not of its children."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in marked_with(stack.data)}
    return min(pid for pid, command in commands.items() if b"worker" in command)


def count_practitioners(stack: Stack) -> int:
    program = "from scheduling.models import Practitioner; print(Practitioner.objects.count())"
    return int(stack.manage("shell", "--no-imports", "-c", program))


def test_ready_is_the_last_line_and_everything_answers(stack: Stack) -> None:
    steps = [line for line in stack.lines if "worker was killed" not in line]
    assert steps[-1] == f"ready {stack.address}"
    assert steps[-2].startswith("mail  http://127.0.0.1:")
    assert json.loads(fetch(f"{stack.address}/readyz"))["ready"] is True


def test_manage_py_with_the_same_data_dir_reaches_the_same_servers(stack: Stack) -> None:
    assert count_practitioners(stack) == 3
    site = "from django.conf import settings; print(settings.SITE_URL)"
    assert stack.manage("shell", "--no-imports", "-c", site).strip() == stack.address


def test_mail_sent_through_the_stack_is_shown_in_the_catcher(stack: Stack) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Hello", "clinic@example.org", "ana@example.org"
    message.set_content("Come in.")
    with smtplib.SMTP("127.0.0.1", int(endpoints(stack)["EMAIL_URL"].rpartition(":")[2])) as link:
        link.send_message(message)

    page = stack.wait_for("mail ").split()[1]
    assert "Hello" in [mail["subject"] for mail in json.loads(fetch(f"{page}/api/messages"))]
    assert b"Hello" in fetch(page)


def test_a_second_run_on_the_same_data_is_refused_with_a_sentence(stack: Stack) -> None:
    second = Stack(stack.clone, stack.data)
    second.start()
    assert "already runs on" in second.wait_for("Firstcall already")
    assert second.exit_code() == 1
    assert json.loads(fetch(f"{stack.address}/healthz")) == {"status": "ok"}


def test_a_port_in_use_is_refused_with_a_sentence_before_anything_starts(stack: Stack, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = Stack(stack.clone, tmp_path / "data", PORT=str(taken.getsockname()[1]))
        other.start()
        assert "choose another port" in other.wait_for("127.0.0.1:")
        assert other.exit_code() == 1
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_killed_worker_is_started_again(stack: Stack) -> None:
    before = worker_master(stack)
    os.kill(before, signal.SIGKILL)
    stack.wait_for("worker was killed by SIGKILL")

    def another_runs() -> bool:
        now = [pid for pid in marked_with(stack.data) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return bool(now) and before not in now

    assert wait_until(another_runs, seconds=15)


def test_files_with_secrets_are_for_their_owner_only(stack: Stack) -> None:
    private = ["secrets.json", "run/endpoints.json", "postgres/passwords.json"]
    assert {oct((stack.data / name).stat().st_mode & 0o777) for name in private} == {"0o600"}
    assert oct(stack.data.stat().st_mode & 0o777) == "0o700"


def test_an_ordinary_user_runs_one_beside_it_kills_it_and_finds_its_data(stack: Stack, tmp_path: Path) -> None:
    """The whole life of a second stack: side by side, `kill -9` of its supervisor, a new start, a clean stop."""
    tmp_path.chmod(0o777)
    other = Stack(stack.clone, tmp_path / "other data", prefix=AS_NOBODY)
    other.start_and_wait()
    assert json.loads(fetch(f"{stack.address}/readyz"))["ready"] is True
    secrets = (other.data / "secrets.json").read_text()
    left = other.processes()

    other.kill()
    other.start_and_wait()
    assert not [pid for pid in left if is_running(pid)]
    assert (other.data / "secrets.json").read_text() == secrets
    assert count_practitioners(other) == 3
    assert not [line for line in other.lines if "manager" in line], "the demo is seeded, and its passwords shown, once"

    assert other.stop() < 10
    assert other.processes() == []
    assert not (other.data / "run" / "endpoints.json").exists()
    assert json.loads(fetch(f"{stack.address}/readyz"))["ready"] is True


def test_a_missing_secret_of_your_own_database_ends_the_start_with_its_sentence(clone: Path, tmp_path: Path) -> None:
    stack = Stack(clone, tmp_path / "data", DATABASE_URL="postgres://u:p@127.0.0.1:9/mine")
    stack.start()
    assert stack.exit_code() == 1
    stack.wait_for("Set SECRET_KEY: ")
    assert not [line for line in stack.lines if "Traceback" in line]
    assert stack.processes() == []


def test_a_data_dir_that_cannot_be_made_is_refused_with_a_sentence(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    stack = Stack(clone, tmp_path / "a file" / "data")
    stack.start()
    assert "Choose another folder with DATA_DIR" in stack.wait_for(str(stack.data))
    assert stack.exit_code() == 1
