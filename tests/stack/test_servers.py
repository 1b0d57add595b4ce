"""The adapters over the servers' binaries."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded.postgres_server import DATABASE, ROLE, PostgresServer, identity_for, running_on
from config.embedded.processes import is_running, wait_until
from config.embedded.redis_server import AT_ONCE, RedisServer, quoted, running_in

RUN_AND_DIE = """
import os, pathlib, signal, sys
from config.embedded.postgres_server import PostgresServer
from config.embedded.redis_server import RedisServer
folder = pathlib.Path(sys.argv[1])
PostgresServer(folder / "postgres", log=folder / "postgres.log").start()
RedisServer(folder / "redis", log=folder / "redis.log").start()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name tries a shell, a URL and a configuration file."""
    return tmp_path / 'it\'s "odd", 100 % ü'


@pytest.fixture
def postgres(folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(folder, log=folder / "log", options=["-cfsync=off"])
    yield server
    server.stop()


@pytest.fixture
def valkey(folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(folder, log=folder / "log")
    yield server
    server.stop()


def test_postgres_keeps_its_data_and_its_passwords(postgres: PostgresServer) -> None:
    postgres.start()
    with psycopg.connect(postgres.url) as link:
        link.execute("CREATE TABLE kept (n int)")
    postgres.stop()
    postgres.start()
    with psycopg.connect(postgres.url) as link:
        assert link.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_the_application_role_owns_its_database_and_is_no_superuser(postgres: PostgresServer) -> None:
    postgres.start()
    with psycopg.connect(postgres.url) as link:
        who = "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert link.execute(who).fetchone() == (ROLE, False, True)
        assert link.execute("SELECT current_database()").fetchone() == (DATABASE,)


def test_postgres_listens_on_loopback_and_asks_for_the_password(postgres: PostgresServer) -> None:
    postgres.start()
    with postgres.connect("postgres") as link:
        assert link.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert link.execute("SHOW unix_socket_directories").fetchone() == ("",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace(postgres.passwords()[ROLE], "guess"))


@pytest.mark.parametrize("holder", [str(os.getpid()), "999999999", "-7", ""], ids=["ours", "gone", "single", "torn"])
def test_a_stale_lock_file_does_not_stop_postgres(postgres: PostgresServer, holder: str) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{holder}\n{postgres.data}\n")
    postgres.start()
    assert postgres.answers()


def test_a_folder_left_by_an_interrupted_initdb_is_made_again(postgres: PostgresServer) -> None:
    (postgres.data / "base").mkdir(parents=True)
    (postgres.data / "base" / "half").write_text("written")
    postgres.start()
    assert postgres.answers()


def test_root_runs_postgres_as_the_owner_of_its_folder(postgres: PostgresServer) -> None:
    """Where namespaces are refused the folder is nobody's; elsewhere root's own stays root's."""
    postgres.data.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(postgres.data, 65534, 65534)
        assert identity_for(postgres.data)[:2] == ("setpriv", "--reuid=65534")
    postgres.start()
    assert (postgres.data / "PG_VERSION").stat().st_uid == postgres.data.stat().st_uid


def test_redis_keeps_its_data_and_asks_for_the_password(valkey: RedisServer) -> None:
    valkey.start()
    with redis.Redis.from_url(valkey.url) as link:
        link.set("kept", "yes")
        assert link.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    valkey.stop()
    valkey.start()
    with redis.Redis.from_url(valkey.url) as link:
        assert link.get("kept") == b"yes"
    with redis.Redis(port=valkey.port, retry=AT_ONCE) as link, pytest.raises(redis.AuthenticationError):
        link.ping()


def test_quoted_keeps_quotes_and_backslashes() -> None:
    assert quoted('a "b" \\c') == '"a \\"b\\" \\\\c"'


def test_servers_die_with_the_process_that_started_them(folder: Path) -> None:
    folder.mkdir()
    run = subprocess.run([sys.executable, "-c", RUN_AND_DIE, str(folder)], cwd=Path.cwd(), check=False)
    assert run.returncode == -9

    def all_gone() -> bool:
        return not running_on(folder / "postgres" / "data") and not running_in(folder / "redis")

    assert wait_until(all_gone, seconds=10)


def test_a_server_left_behind_is_ended_before_a_new_one_starts(postgres: PostgresServer) -> None:
    postgres.start()
    assert postgres.process is not None
    left = postgres.process
    again = PostgresServer(postgres.folder, log=postgres.log)
    try:
        again.start()
        assert left.wait(5) == 0
        assert not is_running(left.pid)
        assert again.answers()
    finally:
        again.stop()


def test_a_redis_left_behind_is_ended_before_a_new_one_starts(valkey: RedisServer) -> None:
    valkey.start()
    assert valkey.process is not None
    left = valkey.process
    again = RedisServer(valkey.folder.parent, log=valkey.log)
    try:
        again.start()
        assert left.wait(5) == 0
        assert again.answers()
    finally:
        again.stop()
