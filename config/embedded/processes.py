"""Facts about processes, and how a child is started so that it dies with its parent."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import IO

PROC = Path("/proc")
OWNER_MARK = "FIRSTCALL_OWNER"
_ports_given_out: set[int] = set()


class StartRefused(Exception):
    """The stack can't start; the message is a whole sentence that says what to do."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens, never the same twice in one process."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _ports_given_out:
            _ports_given_out.add(port)
            return port


@cache
def dies_with_parent(with_signal: str) -> tuple[str, ...]:
    """Argv prefix that makes Linux send `with_signal` when the *thread* that started the child ends.

    Start children from the main thread only. Empty where `setpriv` can't: then the next start cleans up.
    """
    prefix = ("setpriv", "--pdeathsig", with_signal, "--")
    if shutil.which("setpriv") is None:
        return ()
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else ()


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path | None,
    env: dict[str, str],
    cwd: Path = Path("/"),
    stdin: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches the supervisor only.

    Its output goes to `log`, or where ours goes when that is None.
    """
    with ExitStack() as closing:
        output = closing.enter_context(opened(log)) if log else None
        child = subprocess.Popen(
            list(map(str, argv)),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
    feed(child, stdin)
    return child


def opened(log: Path) -> IO[bytes]:
    """The log, ready to be written at its end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def feed(child: subprocess.Popen[bytes], text: bytes) -> None:
    """Hand `text` to the child's standard input and close it; a child already gone is not our error."""
    if child.stdin is None:
        return
    try:
        child.stdin.write(text)
        child.stdin.close()
    except BrokenPipeError:
        child.stdin = None


def wait_until(ready: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Poll `ready`; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def stop(children: Sequence[subprocess.Popen[bytes]], how: signal.Signals, *, seconds: float) -> None:
    """Signal children of ours, all at once, and wait; kill the process groups of those that don't listen."""
    for child in children:
        if child.poll() is None:
            child.send_signal(how)
    wait_until(lambda: all(child.poll() is not None for child in children), seconds=seconds)
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def size_of(log: Path) -> int:
    """Bytes in a log, 0 when there is none yet."""
    return log.stat().st_size if log.exists() else 0


def last_lines(log: Path, *, since: int = 0) -> str:
    """The end of a log, to be shown beside a failure; nothing that was there when it had `since` bytes."""
    said = log.read_bytes()[since:] if log.exists() else b""
    return "\n".join(said.decode(errors="replace").splitlines()[-12:])


def running_pids() -> Iterator[int]:
    """Every process that this machine shows us; none where there is no /proc."""
    if PROC.is_dir():
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def program_of(pid: int) -> str:
    """Base name of the executable, "" when it is gone or not ours to see."""
    try:
        return (PROC / str(pid) / "exe").readlink().name.removesuffix(" (deleted)")
    except OSError:
        return ""


def folder_of(pid: int) -> Path | None:
    """Working directory of a process; None when it is gone or not ours to see."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def command_of(pid: int) -> list[str]:
    """Its command line, which everybody may read; empty when it is gone."""
    try:
        return [os.fsdecode(part) for part in (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")]
    except OSError:
        return []


def carries_mark(pid: int, mark: bytes) -> bool:
    """Whether the process was started with this `NAME=value` in its environment."""
    try:
        return mark in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def marked_with(owner: Path) -> list[int]:
    """Pids of every process that a supervisor of the data folder `owner` started, and of their children."""
    mark = f"{OWNER_MARK}={owner}".encode()
    return sorted(pid for pid in running_pids() if pid != os.getpid() and carries_mark(pid, mark))


def is_running(pid: int) -> bool:
    """Whether the process lives; a zombie that waits for its parent doesn't."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def end_all(pids: Sequence[int], how: signal.Signals, *, seconds: float) -> None:
    """Signal processes that are not our children, wait for their end, then kill what is left."""
    for pid in pids:
        send(pid, how)
    if not wait_until(lambda: not any(map(is_running, pids)), seconds=seconds):
        for pid in filter(is_running, pids):
            send(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_running, pids)), seconds=2)


def send(pid: int, how: signal.Signals) -> None:
    """Signal a process that may have ended in the meantime."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def is_hidden(pid: int) -> bool:
    """Whether a process lives that /proc doesn't show us, so that we can't tell what it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not (PROC / str(pid)).exists()
