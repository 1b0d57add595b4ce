"""Makes a staff account; the password comes on standard input, never on the command line."""

import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from inquiries.models import StaffMember


class Command(BaseCommand):
    help = "Make a staff account; the password is read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=StaffMember.Role.values)
        parser.add_argument("--email", required=True)
        parser.add_argument("--password-stdin", action="store_true", help="read it from a pipe (the default there)")

    def handle(self, *args: Any, **options: Any) -> None:
        member = StaffMember(username=options["username"], email=options["email"], role=options["role"])
        password = self.read_password(options["password_stdin"])
        try:
            validate_email(member.email)
            validate_password(password, member)
            member.set_password(password)
            member.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        member.save()
        self.stdout.write(f"{member.username} ({member.role})")

    def read_password(self, from_pipe: bool) -> str:
        if sys.stdin.isatty() and not from_pipe:
            import getpass

            return getpass.getpass("Password: ")
        return sys.stdin.readline().rstrip("\r\n")
