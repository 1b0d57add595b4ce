"""Django's PostgreSQL: looks without a trip to the server whether a kept connection still stands, and writes as many
rows at once as a statement that the server prepares may have parameters."""

import select
from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base, features, operations


class DatabaseFeatures(features.DatabaseFeatures):
    max_query_params = 2**16 - 1  # of the wire protocol's Bind


class DatabaseOperations(operations.DatabaseOperations):
    def bulk_batch_size(self, fields: Sequence[Any], objs: Sequence[Any]) -> int:
        """How many rows `bulk_create` writes with one statement."""
        return DatabaseFeatures.max_query_params // max(1, len(fields))


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Whether the server still holds the connection: an idle one has something to read only when it has ended.

        Django asks `SELECT 1` here, once a request: a third of the trips of a look at the free times.
        """
        if self.connection is None or self.connection.closed:
            return False
        look = select.poll()
        look.register(self.connection.fileno(), select.POLLIN)
        return not look.poll(0)
