"""What settings need to know about a running embedded stack, on standard library alone.

`fill_environment` is the first thing settings call. What is set in the environment always wins, then `.env`,
then the servers that `make run` has up on the same `DATA_DIR`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SERVERS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
SECRETS = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
ADDRESS = ("HOST", "PORT", "SITE_URL")  # where visitors reach it: commands write mail with links


class AlreadyHeld(Exception):
    """Another supervisor holds this data folder; the message is its pid."""


def fill_environment(environ: MutableMapping[str, str], base_dir: Path) -> None:
    """Load `.env`, then add what the embedded stack of this DATA_DIR has up; never replaces a value.

    Only where DATABASE_URL is unset is the mode `embedded`, and only then do its made-up secrets serve:
    a database of your own never meets keys that you didn't choose.
    """
    load_dotenv(environ, base_dir / ".env")
    folder = data_dir(environ, base_dir)
    up = endpoints(folder)
    if up.get("DATABASE_URL") and not environ.get("DATABASE_URL"):
        set_unset(
            environ,
            {"FIRSTCALL_MODE": "embedded", "DATA_DIR": str(folder), **read_json(secrets_file(folder))},
        )
        set_unset(environ, {name: up[name] for name in ADDRESS if name in up})
    set_unset(environ, {name: up[name] for name in SERVERS if name in up})


def load_dotenv(environ: MutableMapping[str, str], place: Path) -> None:
    """Read `NAME=value` lines (`export`, comments and quotes allowed); the environment wins."""
    if place.is_file():
        set_unset(environ, dict(dotenv_lines(place.read_text(encoding="utf-8"))))


def dotenv_lines(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of name and value.

    >>> list(dotenv_lines("# a\\nexport A='x y'\\nB=1 # one\\n\\nC="))
    [('A', 'x y'), ('B', '1'), ('C', '')]
    """
    for line in map(str.strip, text.splitlines()):
        name, equals, value = line.removeprefix("export ").partition("=")
        if equals and not line.startswith("#"):
            yield name.strip(), unquoted(value.strip())


def unquoted(value: str) -> str:
    """The value without its quotes, or, unquoted, without a comment after a space."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()


def set_unset(environ: MutableMapping[str, str], values: Mapping[str, str]) -> None:
    """Set what is unset or empty."""
    for name, value in values.items():
        if not environ.get(name):
            environ[name] = value


def data_dir(environ: Mapping[str, str], base_dir: Path) -> Path:
    """Absolute DATA_DIR; a relative one counts from the clone, not from where the command was typed."""
    return (base_dir / (environ.get("DATA_DIR") or ".data")).resolve()


def endpoints(folder: Path) -> dict[str, str]:
    """URLs of the servers that are up on this data folder; empty when no supervisor runs.

    After a `kill -9` the file is still there: the lock, which ends with its process, says that it is stale.
    """
    found = read_json(endpoints_file(folder))
    return found if found and is_locked(folder) else {}


def endpoints_file(folder: Path) -> Path:
    """Where the supervisor says what it has up."""
    return folder / "run" / "endpoints.json"


def secrets_file(folder: Path) -> Path:
    """Where the embedded stack keeps its keys."""
    return folder / "secrets.json"


def ensure_secrets(folder: Path) -> None:
    """Make the keys of this data folder, once: without them its sealed fields can't be read."""
    if not secrets_file(folder).exists():
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        write_private(
            secrets_file(folder),
            {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_ENCRYPTION_KEYS": f"k1:{key}"},
        )


def read_json(place: Path) -> dict[str, str]:
    """The file's names and values; empty when it is missing or another user's."""
    try:
        return dict(json.loads(place.read_text(encoding="utf-8")))
    except (FileNotFoundError, PermissionError):
        return {}


def write_private(place: Path, values: Mapping[str, str]) -> None:
    """Write a file of mode 0600 in one step: a reader sees the old one or the new one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(place.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(dict(values), out, indent=1)
    fresh.replace(place)


def lock_file(folder: Path) -> Path:
    """Held by the supervisor as long as it lives; holds its pid."""
    return folder / "run" / "supervisor.lock"


def is_locked(folder: Path) -> bool:
    """Whether a supervisor holds this data folder."""
    try:
        with lock_file(folder).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def lock_now(handle: IO[str]) -> None:
    """Take the lock; tried for half a second, because `is_locked` holds it for a moment.

    Raises:
        AlreadyHeld: another supervisor has it.
    """
    for _ in range(10):
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
    handle.seek(0)
    raise AlreadyHeld(handle.read().strip())


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold this data folder.

    Raises:
        AlreadyHeld: another supervisor holds it.
    """
    lock_file(folder).parent.mkdir(parents=True, exist_ok=True)
    with lock_file(folder).open("a+", encoding="ascii") as handle:
        lock_now(handle)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
