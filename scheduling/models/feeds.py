"""Secret addresses under which a practitioner's own calendar program reads their calls."""

from django.db import models

from inquiries.models import StaffMember
from scheduling.models.practitioners import Practitioner


class CalendarFeed(models.Model):
    """The address in force of one practitioner; only the SHA-256 of its token is kept, and a new one replaces it."""

    practitioner = models.OneToOneField(Practitioner, on_delete=models.CASCADE, related_name="feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"feed of {self.practitioner_id}"
