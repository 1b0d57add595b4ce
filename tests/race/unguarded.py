"""The same application with the guard taken out: nobody waits for anybody's lock. Only a control test serves this."""

from collections.abc import Iterable
from typing import Any


def no_lock(ids: Iterable[int]) -> None:
    """Let everybody go on at once."""


def application() -> Any:
    """The WSGI application; a function, so that whoever collects doctests and imports this keeps the locks."""
    from config import wsgi
    from scheduling.booking import holding

    holding.lock_practitioners = no_lock
    return wsgi.application
