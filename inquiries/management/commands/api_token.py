"""Prints a new bearer token for a staff member, alone on standard output; only its hash is kept."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inquiries.models import ApiToken, StaffMember


class Command(BaseCommand):
    help = "Print a new bearer token of the desk API; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        member = StaffMember.objects.filter(username=options["username"], is_active=True).first()
        if member is None:
            raise CommandError(f"There is no active staff member {options['username']!r}; make one with create_staff.")
        self.stdout.write(ApiToken.issue(staff_member=member, now=timezone.now()))
