"""Django's PostgreSQL: looks without a trip to the server whether a kept connection still stands, waits for no answer
for ever, and writes as many rows at once as a statement that the server prepares may have parameters."""

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base, features, operations


class BoundedConnection(psycopg.Connection[Any]):
    """Gives up a server that has stopped answering: libpq waits for ever, and `statement_timeout` is the server's own.

    What was asked may have been done all the same, as with every connection that breaks.
    """

    answers_within: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises psycopg.OperationalError when there is no answer in time; the connection is closed then."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answers_within or settings.DATABASE_ANSWERS_WITHIN_SECONDS)
        except psycopg.errors._WaitTimeout:  # not public, and new in 3.3: tests/stack/test_database.py holds it
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from None


class DatabaseFeatures(features.DatabaseFeatures):
    max_query_params = 2**16 - 1  # of the wire protocol's Bind


class DatabaseOperations(operations.DatabaseOperations):
    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        """How many rows `bulk_create` writes with one statement."""
        return DatabaseFeatures.max_query_params // max(1, len(fields))


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        """A plain one: no pool, and READ COMMITTED, as everything here is written for."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return BoundedConnection.connect(**conn_params)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Wait no longer than this for the answers to what is asked meanwhile."""
        self.ensure_connection()
        asked = self.connection
        asked.answers_within = seconds
        try:
            yield
        finally:
            asked.answers_within = None

    def is_usable(self) -> bool:
        """Whether the server still holds the connection: an idle one has something to read only when it has ended.

        Django asks `SELECT 1` here, once a request: a third of the trips of a look at the free times.
        """
        if self.connection is None or self.connection.closed:
            return False
        look = select.poll()
        look.register(self.connection.fileno(), select.POLLIN)
        return not look.poll(0)
