"""Runs a clinic on a fake clock and says which promises it broke: a table, and exit code 0 or 1."""

import datetime as dt
import logging
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.utils import override_settings

from inquiries.models import StaffMember
from notifications.models import Notification
from notifications.simulation.days import Days
from notifications.simulation.faults import Faults
from notifications.simulation.scratch import NoDatabase, scratch_database
from scheduling import slots
from scheduling.management.commands.seed_demo import Command as SeedDemo

SHOWN = 40
CLOCK_CHANGES = (dt.date(2026, 11, 1), dt.date(2027, 3, 14))  # of the United States


class Command(BaseCommand):
    help = (
        "Run the real services on a fake clock, with faults, in a database and a mail server of their own."
        " Prints what happened and every broken promise; exit code 1 on one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="in which people come; then all that is open ends")
        parser.add_argument("--seed", type=int, default=1, help="decides who does what, and what goes wrong")
        parser.add_argument("--people", type=int, default=4, help="who ask to be contacted, a day")

    def handle(self, *args: Any, **options: Any) -> None:
        days, seed = options["days"], options["seed"]
        if not 1 <= days <= 366 or not 1 <= options["people"] <= 200:
            raise CommandError("Give 1 to 366 --days, and 1 to 200 --people a day.")
        logging.disable(logging.WARNING)
        try:
            lived = self.simulate(days=days, seed=seed, people=options["people"])
        except NoDatabase as refusal:
            raise CommandError(str(NoDatabase.__doc__)) from refusal
        finally:
            logging.disable(logging.NOTSET)
        if lived.promises.broken:
            sys.exit(1)

    def simulate(self, *, days: int, seed: int, people: int) -> Days:
        start = first_day(days=days, seed=seed)
        with scratch_database(), TemporaryDirectory() as folder:
            SeedDemo().make_clinic()
            StaffMember.objects.create_user("simulated", "desk@staff.example")
            faults = Faults.of(seed, start=start, days=days)
            lived = Days(seed=seed, start=start, days=days, a_day=people, faults=faults)
            with lived.clinic.mailbox as mailbox, override_settings(DATA_DIR=Path(folder), **mail_to(mailbox.port)):
                lived.run()
            self.tell(lived)
        return lived

    def tell(self, lived: Days) -> None:
        clinic, faults = lived.clinic, lived.clinic.faults
        self.table("What people and staff did", clinic.happened)
        rows = Notification.objects.order_by().values_list("kind", "status", "reason")
        self.table("What became of the messages", Counter(" ".join(filter(None, row)) for row in rows))
        met = Counter(str(each.fate) for each in clinic.mailbox.encounters)
        wrong = {"workers killed": len(faults.kills), "doubled ticks": faults.doubled}
        hours = {"beat, Redis or workers gone": faults.idle, "mail server down": faults.mail_down}
        for name, spans in hours.items():
            wrong[f"{name}, minutes"] = sum(int((end - begin).total_seconds()) // 60 for begin, end in spans)
        self.table("What the mail server did, and what went wrong", met + Counter(wrong))
        for broken in lived.promises.broken[:SHOWN]:
            self.stdout.write(f"BROKEN {broken}")
        self.stdout.write(f"{len(lived.promises.broken)} promises broken, seed {clinic.seed}")

    def table(self, title: str, counts: Counter[str]) -> None:
        self.stdout.write(f"\n{title}")
        for name, count in sorted(counts.items()):
            self.stdout.write(f"  {count:>7}  {name}")


def first_day(*, days: int, seed: int) -> dt.datetime:
    """Midnight at the clinic, so that the clocks change in the middle of the days: in autumn or in spring."""
    change = CLOCK_CHANGES[seed % len(CLOCK_CHANGES)]
    day = change - dt.timedelta(days=days // 2)
    return slots.local_midnight(day, settings.CLINIC_TIME_ZONE)


def mail_to(port: int) -> dict[str, Any]:
    server = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}
    return {
        **server,
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "STAFF_EMAIL": ["front@staff.example"],
        "CANARY_EMAIL": "",
    }
