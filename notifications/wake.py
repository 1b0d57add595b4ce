"""Wakes a worker up, from a thread of its own: a request never waits for the broker, be it dead, hung or slow."""

import logging
import threading

from django.conf import settings
from kombu import Connection

logger = logging.getLogger(__name__)
TASK = "notifications.tasks.work"
# Many changes in a moment need one wake-up.
PAUSE_SECONDS = 0.2
IMPATIENT = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}

_wanted = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None
_sender = "wake"


def up(*, by: str = "wake") -> None:
    """Say that there may be work; returns at once. Losing it loses nothing: beat ticks, and work is in PostgreSQL."""
    global _thread, _sender
    _sender = by
    _wanted.set()
    if _thread is None or not _thread.is_alive():  # never started, or left behind by a fork
        with _starting:
            if _thread is None or not _thread.is_alive():
                _thread = threading.Thread(target=_publish_for_ever, name="wake", daemon=True)
                _thread.start()


def _publish_for_ever() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        publish(by=_sender)
        threading.Event().wait(PAUSE_SECONDS)


def publish(*, by: str) -> bool:
    """Send the task with one-second time-outs and without trying again; whether the broker took it."""
    from celery import current_app

    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT, connect_timeout=1) as connection:
            current_app.send_task(TASK, kwargs={"by": by}, connection=connection, retry=False)
    except Exception as error:
        logger.warning("no wake-up: the broker does not answer (%s)", type(error).__name__)
        return False
    return True
