"""Stops and starts the sending of messages: `outbox pause`, `outbox resume`, `outbox status`."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from notifications import outbox
from notifications.models import Notification, Outbox


class Command(BaseCommand):
    help = "Whether messages leave. After a restore they do not, until `outbox resume`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["pause", "resume", "status"])
        parser.add_argument(
            "--skip-due-before", metavar="ISO", help="with resume: what was due before may have been sent already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, before = timezone.now(), options["skip_due_before"]
        if before and options["action"] != "resume":
            raise CommandError("--skip-due-before goes with resume.")
        if options["action"] == "pause":
            outbox.pause(now=now)
        elif options["action"] == "resume":
            skipped = outbox.resume(skip_due_before=moment(before) if before else None)
            self.stdout.write(f"skipped {skipped}")
        self.stdout.write(status(now))


def moment(text: str) -> dt.datetime:
    """Raises CommandError unless it is a moment with its zone."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CommandError("--skip-due-before wants a moment with its zone, such as 2026-11-23T14:00:00Z.")
    return found


def status(now: dt.datetime) -> str:
    """One line: open or paused since when and why; how many messages are due."""
    open_now = outbox.is_open(now=now)
    row = Outbox.objects.get(pk=Outbox.ONLY)
    due = Notification.objects.filter(status=Notification.Status.DUE, try_at__lte=now).count()
    said = "open" if open_now or row.paused_at is None else f"paused since {row.paused_at:%Y-%m-%d %H:%M}Z"
    return f"{said}{': ' + row.get_paused_why_display() if row.paused_at else ''}; {due} due"
