"""Starts a service again when it ends by itself."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Protocol

from config.embedded.processes import StartRefused

BACKOFF_SECONDS = (0.5, 1, 2, 4, 8, 15, 30)
STEADY_SECONDS = 30


def say(what: str) -> None:
    """One line to the person at the terminal."""
    print(what, flush=True)


class Service(Protocol):
    """A child of the supervisor."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None

    def launch(self) -> None:
        """Start the process without waiting for it."""


class Keeper:
    """Starts one service again when it ends by itself, later and later while it keeps ending."""

    def __init__(self, service: Service):
        self.service = service
        self.failures = 0
        self.started_at = time.monotonic()
        self.due_at: float | None = None

    def look(self, now: float) -> None:
        """Notice an end, or start again when it is time; `now` is monotonic seconds."""
        process = self.service.process
        if self.due_at is not None:
            if now >= self.due_at:
                self.begin_again(now)
        elif process is not None and process.poll() is not None:
            self.plan(now, process.returncode)

    def plan(self, now: float, code: int) -> None:
        """Say what happened and when it starts again."""
        if now - self.started_at > STEADY_SECONDS:
            self.failures = 0
        delay = BACKOFF_SECONDS[min(self.failures, len(BACKOFF_SECONDS) - 1)]
        self.failures += 1
        self.due_at = now + delay
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        say(f"{self.service.name} {how}; it starts again in {delay:g} s (see {self.service.log})")

    def begin_again(self, now: float) -> None:
        """Start it; a refusal counts as one more end."""
        self.due_at, self.started_at = None, now
        try:
            self.service.launch()
        except StartRefused as refusal:
            say(str(refusal))
            self.due_at = now + BACKOFF_SECONDS[-1]
