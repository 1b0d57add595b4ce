"""What settings are told about a running stack, and in which order of precedence."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded import runtime

UP = {
    "DATABASE_URL": "postgres://up",
    "REDIS_URL": "redis://up",
    "EMAIL_URL": "smtp://up",
    "MAIL_PAGE": "http://up",
    "HOST": "127.0.0.1",
    "PORT": "8003",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The default data folder of a clone whose stack once ran."""
    folder = tmp_path / ".data"
    runtime.ensure_secrets(folder)
    runtime.write_private(runtime.endpoints_file(folder), UP)
    return folder


def test_nothing_is_filled_in_while_nothing_runs(data: Path) -> None:
    environ: dict[str, str] = {}
    runtime.fill_environment(environ, data.parent)
    assert environ == {}


def test_a_running_stack_gives_its_servers_its_address_its_secrets_and_the_mode(data: Path) -> None:
    environ: dict[str, str] = {}
    with runtime.hold(data):
        runtime.fill_environment(environ, data.parent)
    told = {name: UP[name] for name in (*runtime.SERVERS, "HOST", "PORT")}
    assert environ == {
        **told,
        **runtime.read_json(runtime.secrets_file(data)),
        "FIRSTCALL_MODE": "embedded",
        "DATA_DIR": str(data),
    }


def test_a_database_of_your_own_gets_neither_the_mode_nor_made_up_secrets(data: Path) -> None:
    environ = {"DATABASE_URL": "postgres://mine"}
    with runtime.hold(data):
        runtime.fill_environment(environ, data.parent)
    assert environ == {"DATABASE_URL": "postgres://mine", "REDIS_URL": "redis://up", "EMAIL_URL": "smtp://up"}


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_stack(data: Path) -> None:
    (data.parent / ".env").write_text("PORT=8001\nREDIS_URL=redis://dotenv\nCLINIC_NAME='A b'\n")
    environ = {"PORT": "8002"}
    with runtime.hold(data):
        runtime.fill_environment(environ, data.parent)
    chosen = {name: environ[name] for name in ("PORT", "REDIS_URL", "CLINIC_NAME", "EMAIL_URL")}
    assert chosen == {
        "PORT": "8002",
        "REDIS_URL": "redis://dotenv",
        "CLINIC_NAME": "A b",
        "EMAIL_URL": "smtp://up",
    }


def test_a_relative_data_dir_counts_from_the_clone(tmp_path: Path) -> None:
    assert runtime.data_dir({"DATA_DIR": "other"}, tmp_path) == tmp_path / "other"
    assert runtime.data_dir({"DATA_DIR": "/srv/firstcall"}, tmp_path) == Path("/srv/firstcall")
    assert runtime.data_dir({"DATA_DIR": ""}, tmp_path) == tmp_path / ".data"


def test_secrets_are_made_once_and_hold_a_256_bit_key(tmp_path: Path) -> None:
    runtime.ensure_secrets(tmp_path)
    made = runtime.read_json(runtime.secrets_file(tmp_path))
    runtime.ensure_secrets(tmp_path)
    assert runtime.read_json(runtime.secrets_file(tmp_path)) == made
    name, _, key = made["FIELD_ENCRYPTION_KEYS"].partition(":")
    assert (name, len(base64.urlsafe_b64decode(key))) == ("k1", 32)
    assert runtime.secrets_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_one_data_folder_has_one_holder(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from config.embedded import runtime; runtime.hold(pathlib.Path(sys.argv[1])).__enter__()"
    )
    with runtime.hold(tmp_path):
        argv = [sys.executable, "-c", program, str(tmp_path)]
        run = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "AlreadyHeld" in run.stderr
    with runtime.hold(tmp_path):
        assert runtime.is_locked(tmp_path)
    assert not runtime.is_locked(tmp_path)


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("A=1", ("A", "1")),
        ("export A = 1", ("A", "1")),
        ('A="x # y"', ("A", "x # y")),
        ("A=x # y", ("A", "x")),
        ("A=x#y", ("A", "x#y")),
        ("A='it''s'", ("A", "it''s")),
        ("A=", ("A", "")),
        ("A=k:b=", ("A", "k:b=")),
    ],
)
def test_a_line_of_dotenv_is_read(line: str, pair: tuple[str, str]) -> None:
    assert list(runtime.dotenv_lines(line)) == [pair]


@pytest.mark.parametrize("line", ["", "# A=1", "no equals sign"])
def test_other_lines_of_dotenv_are_passed_over(line: str) -> None:
    assert list(runtime.dotenv_lines(line)) == []
