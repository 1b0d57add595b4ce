"""The peer's worker: `celery -A benchmarks.peer_app worker`."""

import django

django.setup()

from benchmarks.peer import app  # noqa: E402

__all__ = ["app"]
