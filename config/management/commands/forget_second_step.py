"""For somebody who has lost phone, key and recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from config.accounts.sessions import end_sessions
from inquiries import trail
from inquiries.models import StaffMember


class Command(BaseCommand):
    help = "Remove every second step of a staff member, and end their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        member = StaffMember.objects.filter(username=options["username"]).first()
        if member is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        Authenticator.objects.filter(user=member).delete()
        end_sessions(member)
        trail.record(trail.Kind.TOTP_REMOVED, about=member, facts={"by": "command"}, now=timezone.now())
        self.stdout.write(f"{member.username} signs in with the password alone")
