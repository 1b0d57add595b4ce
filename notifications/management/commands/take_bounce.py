"""Takes a delivery report (RFC 3464) on standard input: a mail server pipes what comes to BOUNCE_ADDRESS to it."""

import sys
from email import message_from_binary_file
from email.policy import default
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notifications import bounces

NO_SUCH_USER = 67  # EX_NOUSER of sysexits.h: the mail server need not try again


class Command(BaseCommand):
    help = "Read one delivery report; a final failure suppresses the address, and staff are asked to call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", default="", help="the envelope's recipient, where the mail server knows it")

    def handle(self, *args: Any, **options: Any) -> None:
        report = message_from_binary_file(sys.stdin.buffer, policy=default)
        try:
            found = bounces.take_report(report, recipient=options["recipient"], now=timezone.now())
        except bounces.NotOurs as refusal:
            raise CommandError(str(refusal.__doc__), returncode=NO_SUCH_USER) from refusal
        self.stdout.write(f"suppressed: {found.code}" if found else "nothing to do: not a final failure")
