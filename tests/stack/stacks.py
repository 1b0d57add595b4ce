"""Whole stacks for tests: a copy of the clone in a folder with spaces, started as `make run` starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from config.embedded.postgres_server import become, running_on
from config.embedded.processes import free_port, is_running, marked_with
from config.embedded.redis_server import running_in

BASE_DIR = Path(__file__).resolve().parent.parent.parent
CODE = ("config", "inquiries", "scheduling", "notifications", "locale", "manage.py")
STEERING = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "FIRSTCALL_MODE")
AS_NOBODY = become(65534, 65534) if os.geteuid() == 0 else ()
"""Argv prefix for an ordinary user, who may still read a clone under /root; none where we are one."""


def copy_of_clone(folder: Path) -> Path:
    """The code alone, in a path with a space."""
    clone = folder / "a clone"
    clone.mkdir()
    for name in CODE:
        place = BASE_DIR / name
        if place.is_dir():
            shutil.copytree(place, clone / name)
        elif place.exists():
            shutil.copy2(place, clone / name)
    return clone


class Stack:
    """`python -m config.embedded` as a child, and what it prints."""

    def __init__(self, clone: Path, data: Path, *, prefix: Sequence[str] = (), **variables: str):
        """`prefix` comes before the interpreter on the command line; `variables` go into the environment."""
        self.clone, self.data, self.prefix = clone, data, prefix
        self.variables = {"PORT": str(free_port()), **variables}
        self.lines: list[str] = []
        self.printed = threading.Condition()
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where its web is."""
        return f"http://127.0.0.1:{self.variables['PORT']}"

    def environment(self) -> dict[str, str]:
        """Ours without what the test servers set."""
        kept = {name: value for name, value in os.environ.items() if name not in STEERING}
        small = {"WEB_WORKERS": "1", "WORKER_CONCURRENCY": "1"}
        return {**kept, **small, "DATA_DIR": str(self.data), **self.variables}

    def start(self) -> None:
        """Start it without waiting."""
        self.lines = []
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "config.embedded"],
            cwd=self.clone,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self.read, args=[self.process], daemon=True).start()

    def read(self, process: subprocess.Popen[str]) -> None:
        """Collect lines until it closes its output."""
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self.printed:
                    self.lines.append(line.rstrip("\n"))
                    self.printed.notify_all()

    def wait_for(self, beginning: str, seconds: float = 60) -> str:
        """The first line that begins so."""

        def found() -> str | None:
            return next((line for line in self.lines if line.startswith(beginning)), None)

        with self.printed:
            line = self.printed.wait_for(found, seconds)
        assert line, f"no line {beginning!r} in {seconds} s:\n" + "\n".join(self.lines)
        return line

    def start_and_wait(self) -> None:
        """Start it and wait for its `ready` line."""
        self.start()
        self.wait_for("ready ")

    def manage(self, *arguments: str) -> str:
        """What a command of `manage.py` prints, given nothing but the DATA_DIR."""
        argv = [sys.executable, "manage.py", *arguments]
        env = {name: value for name, value in self.environment().items() if name not in self.variables}
        return subprocess.check_output(argv, cwd=self.clone, env=env, text=True)

    def exit_code(self) -> int:
        """Of a start that ends by itself."""
        assert self.process is not None
        return self.process.wait(30)

    def kill(self) -> None:
        """`kill -9` the supervisor, and nobody else."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> float:
        """Ask it to end as SIGTERM does; the seconds that it took."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.terminate()
        self.process.wait(30)
        return time.monotonic() - begun

    def processes(self) -> list[int]:
        """Everything that belongs to this stack, but for the supervisor itself."""
        servers = [*running_on(self.data / "postgres" / "data"), *running_in(self.data / "redis")]
        return [pid for pid in (*marked_with(self.data), *servers) if is_running(pid)]
