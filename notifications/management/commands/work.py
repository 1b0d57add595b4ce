"""Drains due work once, without Redis or Celery: the documented break-glass."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from notifications.work import drain


class Command(BaseCommand):
    help = "Expire, plan, send and erase what is due now; prints one line. Safe beside running workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="begin nothing new after so long")

    def handle(self, *args: Any, **options: Any) -> None:
        done, more = drain(clock=timezone.now, seconds=options["seconds"])
        self.stdout.write(f"{done}{', and there is more to do' if more else ''}")
