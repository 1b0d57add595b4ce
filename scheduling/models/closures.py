"""When nobody takes calls, or somebody does not: the clinic's closures."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember
from scheduling.models.practitioners import Practitioner


class ClosureQuerySet(models.QuerySet["Closure"]):
    def closing(self, *, practitioner: int, start: datetime, end: datetime) -> "ClosureQuerySet":
        """Those that close any of `[start, end)` to the practitioner."""
        theirs = Q(practitioners=None) | Q(practitioners=practitioner)
        return self.filter(theirs, start__lt=end, end__gt=start).order_by()


class Closure(models.Model):
    """The clinic, or some practitioners of it, is closed from one instant to another."""

    start = models.DateTimeField()
    end = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True)
    practitioners = models.ManyToManyField(Practitioner, blank=True, help_text=_("none chosen: everybody"))
    text = models.CharField(max_length=16, blank=True, help_text=_("what those whose calls it moved were told"))
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["start", "pk"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="closure_end_after_start")]

    def __str__(self) -> str:
        return f"closed {self.start:%Y-%m-%d %H:%M}"
