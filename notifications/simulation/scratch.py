"""A database of its own beside the clinic's, made for one simulation and dropped after it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import ProgrammingError, connection

PREFIX = "firstcall_simulation_"


class NoDatabase(Exception):
    """This role may not create a database: grant it CREATEDB for the time of the simulation."""

    permanent = True


@contextmanager
def scratch_database() -> Iterator[str]:
    """Its name; all that this process asks of its database meanwhile goes there, and nothing to the clinic's own.

    Raises NoDatabase.
    """
    own, name = connection.settings_dict["NAME"], PREFIX + secrets.token_hex(4)
    try:
        _tell_server(f'create database "{name}"')
    except ProgrammingError as error:
        raise NoDatabase from error
    try:
        _move_to(name)
        call_command("migrate", verbosity=0, interactive=False)
        yield name
    finally:
        _move_to(own)
        _tell_server(f'drop database if exists "{name}" with (force)')


def _tell_server(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _move_to(name: str) -> None:
    """Threads that connect from now on go there too: they share these settings."""
    connection.close()
    connection.settings_dict["NAME"] = name
