"""Who is looking at what just now."""

import datetime as dt

from django.db import models

from inquiries.models import StaffMember
from scheduling.models.appointments import Appointment

LAPSES_AFTER = dt.timedelta(seconds=30)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def of_others(self, member: StaffMember, now: dt.datetime) -> "PresenceQuerySet":
        """Those who have given a sign of life lately, without the member themselves."""
        return self.filter(seen_at__gt=now - LAPSES_AFTER).exclude(staff_member=member)


class Presence(models.Model):
    """Somebody of staff has an appointment open; the page says so every few seconds, and the row lapses by itself."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="looked_at_by")
    staff_member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_index=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "staff_member"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.staff_member_id} at {self.appointment_id}"
