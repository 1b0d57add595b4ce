"""The one Celery task. It carries nothing: it looks in PostgreSQL for what is due, and may run any number of times."""

import logging

from celery import shared_task
from celery.signals import beat_init, worker_init
from django.utils import timezone

from notifications import checks, wake
from notifications.models import Heartbeat
from notifications.work import drain

logger = logging.getLogger(__name__)
# Short, so that a worker that is asked to stop has soon ended its run; what is left wakes the next one.
RUN_SECONDS = 8


@shared_task
def work(by: str = Heartbeat.BEAT) -> None:
    """Do what is due. `by` says who woke us: beat sends the task without it."""
    now = timezone.now()
    Heartbeat.record(Heartbeat.WORKER, now=now)
    if by == Heartbeat.BEAT:
        Heartbeat.record(Heartbeat.BEAT, now=now)
    done, more = drain(clock=timezone.now, seconds=RUN_SECONDS)
    if more:
        wake.up()
    if any(vars(done).values()):
        logger.info("work: %s", done)


@worker_init.connect
def refuse_limits_out_of_order(**_: object) -> None:
    """Celery runs Django's checks too, and starts whatever they say. Raises SystemExit."""
    wrong = checks.limits_are_in_order()
    if wrong:
        raise SystemExit(str(wrong[0].msg))


@beat_init.connect
def tick_at_once(**_: object) -> None:
    """Beat waits a whole interval before its first tick; after a restart, due work should not."""
    wake.up(by=Heartbeat.BEAT)
