"""How staff look at the list of inquiries, and what left it as a file."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember


class SavedView(models.Model):
    """Filters of the list of inquiries that somebody gave a name. `query` is what the address says after the `?`."""

    staff_member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.TextField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["staff_member", "name"], name="saved_view_name_once_each"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """Somebody took inquiries out as a file: who, when, why, which and how many. Append-only, by a trigger."""

    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, help_text=_("why, in the words of who did it; no names"))
    query = models.TextField(blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="export_has_reason")]

    def __str__(self) -> str:
        return f"export {self.pk}"
