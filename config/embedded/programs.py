"""The Python programs of the stack, and how they show that they are ready."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.processes import (
    OWNER_MARK,
    StartRefused,
    dies_with_parent,
    free_port,
    last_lines,
    size_of,
    spawn,
)


@dataclass
class Program:
    """A child that runs our Python; `argv` follows the interpreter."""

    name: str
    argv: Sequence[str | Path]
    log: Path
    env: dict[str, str]
    cwd: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def launch(self, *, shown: bool = False) -> None:
        """Start the process without waiting for it; `shown` sends its output to the terminal, not the log."""
        argv = [*dies_with_parent("TERM"), sys.executable, *self.argv]
        self.process = spawn(argv, log=None if shown else self.log, env=self.env, cwd=self.cwd)

    def lives(self) -> bool:
        """True.

        Raises:
            StartRefused: it has ended; with the end of its log.
        """
        if self.process is None or self.process.poll() is not None:
            raise StartRefused(f"The {self.name} ended. The end of {self.log}:\n{last_lines(self.log)}")
        return True


@dataclass(frozen=True)
class Place:
    """Where a stack lives: the clone, its data folder, and the address of its web."""

    base: Path
    data: Path
    host: str
    port: int
    environ: Mapping[str, str]

    def log(self, name: str) -> Path:
        """The log of one program."""
        return self.data / "log" / f"{name}.log"

    def program(self, name: str, *argv: str | Path) -> Program:
        """A program of this stack."""
        return Program(name, argv, self.log(name), self.child_environment(), self.base)

    def child_environment(self) -> dict[str, str]:
        """Children find the servers by DATA_DIR, as `manage.py` does; the mark says whose they are."""
        own = {"DATA_DIR": str(self.data), OWNER_MARK: str(self.data), "PYTHONUNBUFFERED": "1"}
        return {**self.environ, **own, **self.reached_at()}

    def reached_at(self) -> dict[str, str]:
        """What every process needs to know to write the same links."""
        site = self.environ.get("SITE_URL")
        return {"HOST": self.host, "PORT": str(self.port), **({"SITE_URL": site} if site else {})}

    def run_to_end(self, command: str, *arguments: str, shown: bool = False) -> None:
        """Run one of Django's commands; `shown` lets its output through to the person, and to no log.

        Raises:
            StartRefused: it failed; with the end of what it said.
        """
        program = self.program(command, "manage.py", command, *arguments)
        before = size_of(program.log)
        program.launch(shown=shown)
        if program.process is not None and program.process.wait() != 0:
            raise StartRefused(f"`manage.py {command}` failed.\n{last_lines(program.log, since=before)}")

    @property
    def address(self) -> str:
        """The web's URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def status(self, path: str) -> tuple[int, bytes]:
        """The web's answer; (0, b"") when it gives none."""
        link = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            link.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            answer = link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            link.close()

    def everything_answers(self, *, since: float) -> bool:
        """Whether the web says that database, broker, worker and beat are there; `since` is monotonic seconds."""
        status, report = self.status("/readyz")
        return 0 < status < 500 and heartbeats_are_younger(report, time.monotonic() - since)

    def unready(self) -> str:
        """What /readyz complains about, in one line."""
        try:
            return f"/readyz says {json.dumps(json.loads(self.status('/readyz')[1]))}"
        except ValueError:
            return f"/readyz says nothing; see {self.log('web')}"


def heartbeats_are_younger(report: bytes, seconds: float) -> bool:
    """Whether worker and beat of this run have been heard: for a while those of the last run count too."""
    try:
        checks = json.loads(report)
    except ValueError:
        return True
    return all(checks.get(name, {}).get("age_seconds", 0) <= seconds for name in ("worker", "beat"))


def accepts(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class MailCatcher:
    """Its program and its two ports."""

    place: Place
    smtp_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """What EMAIL_URL says."""
        return f"smtp://127.0.0.1:{self.smtp_port}"

    @property
    def page(self) -> str:
        """Where a person reads the mail."""
        return f"http://127.0.0.1:{self.web_port}"

    def program(self) -> Program:
        """The process."""
        argv = ("-m", "config.embedded.mailcatcher", self.place.data / "mail")
        ports = ("--smtp-port", str(self.smtp_port), "--web-port", str(self.web_port))
        return self.place.program("mail", *argv, *ports)

    def listens(self) -> bool:
        """Whether both ports are open."""
        return accepts(self.smtp_port) and accepts(self.web_port)


def web(place: Place) -> Program:
    """Gunicorn."""
    return place.program("web", "-m", "gunicorn", "--config", "config/gunicorn.py")


def worker(place: Place) -> Program:
    """The Celery worker, which sends the mail."""
    processes = place.environ.get("WORKER_CONCURRENCY") or "2"
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")
    return place.program("worker", "-m", "celery", "-A", "config", "worker", "--concurrency", processes, *quiet)


def watch(place: Place) -> Program:
    """Does the worker's work while the worker is silent."""
    return place.program("watch", "manage.py", "work", "--watch")


def beat(place: Place) -> Program:
    """Celery's clock, which wakes the worker."""
    return place.program("beat", "-m", "celery", "-A", "config", "beat", "--pidfile", "", "--loglevel", "INFO")
