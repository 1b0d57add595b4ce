"""Makes the demo clinic, once: on a database that has one already it changes nothing."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from inquiries.models import StaffMember
from scheduling.models import AppointmentType, Practitioner, WorkingHours

WEEKDAYS = range(5)
NINE, FIVE = 9 * 60, 17 * 60
PRACTITIONERS = [
    ("Dana Whitfield, RN", ["en"]),
    ("Luis Ortega, PA-C", ["en", "es"]),
    ("Mei Tanaka, NP", ["en"]),
]
STAFF = [("manager", StaffMember.Role.MANAGER), ("coordinator", StaffMember.Role.COORDINATOR)]


class Command(BaseCommand):
    help = "Make the demo clinic (three practitioners, one appointment type, two staff accounts), once."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if AppointmentType.objects.exists() or StaffMember.objects.exists():
            return
        self.make_clinic()
        self.stdout.write("Demo staff, at /desk/ (shown this once):")
        for username, role in STAFF:
            password = secrets.token_urlsafe(12)
            StaffMember.objects.create_user(username, f"{username}@example.com", password, role=role)
            self.stdout.write(f"  {username:<12} {password}")

    def make_clinic(self) -> None:
        AppointmentType.objects.create(
            slug="screening-call",
            name="Screening call",
            name_es="Llamada de evaluación inicial",
            reminder_offsets_minutes=[4320, 1440],
        )
        week = [WorkingHours(weekday=day, start_minute=NINE, end_minute=FIVE) for day in WEEKDAYS]
        for name, languages in PRACTITIONERS:
            practitioner = Practitioner.objects.create(name=name, languages=languages)
            week += [
                WorkingHours(practitioner=practitioner, weekday=day, start_minute=NINE, end_minute=FIVE)
                for day in WEEKDAYS
            ]
        WorkingHours.objects.bulk_create(week)
