"""Starts the whole stack in order, keeps it alive, and ends all of it.

One thread only: Linux ties "die with your parent" to the thread that started a child.
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config.embedded import postgres_server, redis_server, runtime
from config.embedded.keeper import Keeper, say
from config.embedded.postgres_server import PostgresServer
from config.embedded.processes import StartRefused, end_all, marked_with, stop, wait_until
from config.embedded.programs import MailCatcher, Place, Program, beat, watch, web, worker
from config.embedded.redis_server import RedisServer
from config.translations import compile_catalogues

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_SECONDS = 120
LARGE_LOG_BYTES = 5_000_000


class Stopped(KeyboardInterrupt):
    """Somebody asked the stack to end."""


class Supervisor:
    """The stack of one data folder."""

    def __init__(self, place: Place):
        self.place = place
        self.servers: list[PostgresServer | RedisServer] = []
        self.programs: list[Program] = []
        self.endpoints: dict[str, str] = {}
        self.begun_at = time.monotonic()
        self.asked_to_stop = False

    def run(self) -> int:
        """Until somebody asks it to end; exit code 0 then, 1 when the start was refused."""
        try:
            with self.signals_raise():
                self.start()
                self.watch()
        except Stopped:
            say("stopping")
            return 0
        except StartRefused as refusal:
            say(str(refusal))
            return 1
        finally:
            self.stop()

    @contextmanager
    def signals_raise(self) -> Iterator[None]:
        """Ctrl-C and friends raise `Stopped` once; while everything is being ended they are ignored."""
        for each in STOP_SIGNALS:
            signal.signal(each, self.on_signal)
        try:
            yield
        finally:
            for each in STOP_SIGNALS:
                signal.signal(each, signal.SIG_IGN)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Remembered as well as raised: an exception inside a finaliser is swallowed by Python."""
        self.asked_to_stop = True
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    # --- start ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Everything, in order, until it answers."""
        say(f"Firstcall, with its data in {self.place.data}")
        self.end_leftovers()
        self.refuse_taken_port()
        self.shorten_logs()
        runtime.ensure_secrets(self.place.data)
        self.start_postgres()
        self.start_redis()
        self.start_mail_catcher()
        runtime.write_private(runtime.endpoints_file(self.place.data), self.endpoints | self.place.reached_at())
        self.prepare_database()
        self.start_application()
        self.announce()

    def step(self, what: str) -> None:
        """A progress line, with the seconds since the start."""
        if self.asked_to_stop:
            raise Stopped
        say(f"{time.monotonic() - self.begun_at:5.1f} s  {what}")

    def end_leftovers(self) -> None:
        """End what a killed supervisor of this data folder left running, and nothing else."""
        end_all(marked_with(self.place.data), signal.SIGTERM, seconds=3)
        postgres_server.end_leftovers(self.place.data / "postgres")
        redis_server.end_leftovers(self.place.data / "redis")

    def refuse_taken_port(self) -> None:
        """Find out before anything is started.

        Raises:
            StartRefused: the address can't be had.
        """
        host, port = self.place.host, self.place.port
        try:
            with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return
        except OSError as trouble:
            raise StartRefused(
                f"{host}:{port} can't be used ({trouble.strerror or trouble}). End the program that has it, "
                "or choose another port: make run PORT=8001"
            ) from trouble

    def shorten_logs(self) -> None:
        """Keep one old generation of each log that has grown."""
        for log in (self.place.data / "log").glob("*.log"):
            if log.stat().st_size > LARGE_LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def start_postgres(self) -> None:
        """Unless DATABASE_URL says where one is."""
        if not self.place.environ.get("DATABASE_URL"):
            self.step("PostgreSQL")
            server = PostgresServer(self.place.data / "postgres", log=self.place.log("postgres"))
            self.servers.append(server)
            server.start()
            self.endpoints["DATABASE_URL"] = server.url

    def start_redis(self) -> None:
        """Unless REDIS_URL says where one is."""
        if not self.place.environ.get("REDIS_URL"):
            self.step("Redis")
            server = RedisServer(self.place.data / "redis", log=self.place.log("redis"))
            self.servers.append(server)
            server.start()
            self.endpoints["REDIS_URL"] = server.url

    def start_mail_catcher(self) -> None:
        """Unless EMAIL_URL says where mail goes."""
        if not self.place.environ.get("EMAIL_URL"):
            self.step("mail catcher")
            catcher = MailCatcher(self.place)
            self.bring_up([catcher.program()], catcher.listens)
            self.endpoints.update(EMAIL_URL=catcher.url, MAIL_PAGE=catcher.page)

    def prepare_database(self) -> None:
        """Translations, tables, the demo clinic; static files are collected where the mode is production."""
        self.step("translations")
        self.compile_translations()
        self.step("tables")
        self.place.run_to_end("migrate", "--noinput")
        if "DATABASE_URL" not in self.endpoints:
            self.step("static files")
            self.place.run_to_end("collectstatic", "--noinput")
        self.step("demo clinic")
        self.place.run_to_end("seed_demo", "--skip-checks", shown=True)

    def compile_translations(self) -> None:
        """A clone that we may not write is no reason not to start."""
        try:
            compile_catalogues(self.place.base / "locale")
        except OSError as trouble:
            say(f"Translations can't be compiled ({trouble}): what is missing is shown in English.")

    def start_application(self) -> None:
        """Web, worker, beat and watch at once."""
        self.step("web, worker and beat")
        answers = partial(self.place.everything_answers, since=time.monotonic())
        self.bring_up([web(self.place), worker(self.place), beat(self.place), watch(self.place)], answers)

    def bring_up(self, programs: list[Program], ready: Callable[[], bool]) -> None:
        """Start programs together, and wait until none has ended and `ready` says yes.

        Raises:
            StartRefused: one ended, or it took too long.
        """
        self.programs += programs
        for program in programs:
            program.launch()

        def up() -> bool:
            return all(program.lives() for program in programs) and ready()

        if not wait_until(up, seconds=READY_SECONDS, every=0.1):
            raise StartRefused(f"It isn't ready after {READY_SECONDS} s. {self.place.unready()}")

    def announce(self) -> None:
        """Where to look; the last line is the one that scripts wait for."""
        if "MAIL_PAGE" in self.endpoints:
            say(f"mail  {self.endpoints['MAIL_PAGE']}")
        say(f"ready {self.place.address}")

    # --- run and stop -----------------------------------------------------------------------------

    def watch(self) -> NoReturn:
        """Start again whatever ends by itself."""
        keepers = [Keeper(service) for service in (*self.servers, *self.programs)]
        while not self.asked_to_stop:
            for keeper in keepers:
                keeper.look(time.monotonic())
            time.sleep(0.2)
        raise Stopped

    def stop(self) -> None:
        """The programs first, all at once; then the servers; then anything that is left."""
        runtime.endpoints_file(self.place.data).unlink(missing_ok=True)
        stop([program.process for program in self.programs if program.process], signal.SIGTERM, seconds=4)
        for server in self.servers:
            server.stop()
        self.end_leftovers()


def main(environ: dict[str, str], base: Path) -> int:
    """Run the stack that the environment and `.env` describe; the exit code."""
    runtime.load_dotenv(environ, base / ".env")
    data = runtime.data_dir(environ, base)
    port = environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        return refuse(f"PORT={port} is no port number. Choose one from 1 to 65535: make run PORT=8001")
    place = Place(base, data, environ.get("HOST") or "127.0.0.1", int(port), environ)
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
    except OSError as trouble:
        return refuse(f"{data} can't be used ({trouble.strerror}). Choose another folder with DATA_DIR.")
    try:
        with runtime.hold(data):
            return Supervisor(place).run()
    except runtime.AlreadyHeld as holder:
        return refuse(
            f"Firstcall already runs on {data} (process {holder}). Stop it first, "
            "or give this one a place of its own: make run DATA_DIR=.data2 PORT=8001"
        )


def refuse(why: str) -> int:
    """Say why, on standard error; the exit code."""
    print(why, file=sys.stderr, flush=True)
    return 1
