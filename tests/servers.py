"""Pytest plugin (`-p tests.servers`): throw-away PostgreSQL and Redis, up before Django's settings load.

`python -m tests.servers COMMAND …` runs any command beside such servers, for example a benchmark.
A DATABASE_URL or REDIS_URL of yours is used instead when it is set.
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
PREFIX = "firstcall-test-"
FAST_AND_CARELESS = (
    "-cfsync=off",
    "-csynchronous_commit=off",
    "-cfull_page_writes=off",
    "-cmax_connections=300",
)
_open = ExitStack()


@contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """The environment of a test process, its servers up; they and their data are gone afterwards."""
    from config.translations import compile_catalogues

    compile_catalogues()
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        (folder / "static").mkdir()  # WhiteNoise warns where there is none, and warnings are errors
        values = {"FIRSTCALL_MODE": "test", "DATA_DIR": str(folder), **made_up_secrets()}
        values["DATABASE_URL"] = os.environ.get("DATABASE_URL") or start_postgres(stack, folder)
        values["REDIS_URL"] = os.environ.get("REDIS_URL") or start_redis(stack, folder)
        values["EMAIL_URL"] = f"smtp://127.0.0.1:{refused_port(stack)}"
        values["CANARY_EMAIL"] = ""  # tests count mails
        yield values


def made_up_secrets() -> dict[str, str]:
    """Keys for one run."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_ENCRYPTION_KEYS": f"test:{key}"}


def start_postgres(stack: ExitStack, folder: Path) -> str:
    """Its URL; the server ends with the stack."""
    from config.embedded.postgres_server import PostgresServer

    server = PostgresServer(folder / "postgres", log=folder / "postgres.log", options=FAST_AND_CARELESS)
    stack.callback(server.stop)
    server.start()
    return server.url


def start_redis(stack: ExitStack, folder: Path) -> str:
    """Its URL; the server ends with the stack."""
    from config.embedded.redis_server import RedisServer

    server = RedisServer(folder / "redis", log=folder / "redis.log")
    stack.callback(server.stop)
    server.start()
    return server.url


def refused_port(stack: ExitStack) -> int:
    """A port that refuses connections for as long as the stack is open: bound, but nobody listens.

    A test that wants mail asks for a sink; one that sends without a sink must not reach a stranger's server.
    """
    bound = stack.enter_context(socket.socket())
    bound.bind(("127.0.0.1", 0))
    return int(bound.getsockname()[1])


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder; those of runs that were killed are removed on the way."""
    for old in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        remove_if_abandoned(old)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_if_abandoned(folder: Path) -> None:
    """Remove a folder whose run no longer holds its lock; servers there died with their run."""
    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start the servers once, in the process that the others inherit their environment from."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        own_redis_database(worker)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
        os.environ.update(_open.enter_context(throwaway_servers()))


def own_redis_database(worker: str) -> None:
    """Give each xdist worker its own Redis database (gw0 has 1), so that a flush is nobody else's."""
    address, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{address}/{int(worker.removeprefix('gw')) % 15 + 1}"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers after everybody else has cleaned up."""
    _open.close()


def skipped_in_ci(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether this is a skip (not an expected failure) where skipping isn't allowed."""
    return bool(os.environ.get("CI")) and report.skipped and not hasattr(report, "wasxfail")


def fail_the_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn it into a failure that keeps the reason."""
    report.outcome = "failed"
    report.longrepr = f"Skipped, and nothing may be skipped when CI is set: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails in CI."""
    report = yield
    if skipped_in_ci(report):
        fail_the_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A skipped module fails in CI."""
    report = yield
    if skipped_in_ci(report):
        fail_the_skip(report)
    return report


def main(command: list[str]) -> int:
    """Run a command beside throw-away servers; its exit code."""
    with throwaway_servers() as values:
        return subprocess.run(command, env={**os.environ, **values}, cwd=BASE_DIR, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
