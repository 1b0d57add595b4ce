"""Does due work without Redis or Celery: once, or whenever the worker has been silent (`--watch`)."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection
from django.utils import timezone

from notifications import pulse
from notifications.work import drain

LOOK_EVERY_SECONDS = 10
RUN_SECONDS = 8


class Command(BaseCommand):
    help = "Expire, plan, send and erase what is due now; prints one line. Safe beside running workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="begin nothing new after so long")
        parser.add_argument("--watch", action="store_true", help="for ever: work whenever the worker is silent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            self.watch()
        else:
            self.once(options["seconds"])

    def once(self, seconds: float) -> None:
        done, more = drain(clock=timezone.now, seconds=seconds)
        self.stdout.write(f"{done}{', and there is more to do' if more else ''}")

    def watch(self) -> None:
        """Until SIGTERM; what is in hand then is finished first."""
        ended = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: ended.set())
        sign_of_life = Path(settings.DATA_DIR) / "run" / "watch"
        while not ended.wait(0 if self.look() else LOOK_EVERY_SECONDS):
            sign_of_life.parent.mkdir(parents=True, exist_ok=True)
            sign_of_life.touch()

    def look(self) -> bool:
        """Whether there may be more to do at once."""
        try:
            return pulse.worker_is_silent(now=timezone.now()) and drain(clock=timezone.now, seconds=RUN_SECONDS)[1]
        except Error as error:
            self.stderr.write(f"the database does not answer ({type(error).__name__})")
            connection.close()
            return False
