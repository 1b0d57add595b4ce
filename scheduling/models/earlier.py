"""Times that calls gave up, offered to those who would rather be called earlier."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointments import Appointment
from scheduling.models.practitioners import Practitioner
from scheduling.models.types import AppointmentType


class FreedTimeQuerySet(models.QuerySet["FreedTime"]):
    def open(self) -> "FreedTimeQuerySet":
        return self.filter(closed_at=None)

    def to_offer(self, now: datetime) -> "FreedTimeQuerySet":
        """Those that nobody is being asked about, and that are due to be looked at, the earliest first."""
        return self.open().filter(hold=None, try_at__lte=now).order_by("start", "pk")


class FreedTime(models.Model):
    """A time that a call gave up, until it is seen that somebody has it again, or that it is too late.

    It is offered to one person at a time. `hold` is the row that holds it for them; it empties by itself when that row
    goes, however it goes. `asked` is who was asked, in order: `{appointment, at, place, passed_over: {appointment:
    code}}`, where the codes are those of `wording.PASSED_OVER`.
    """

    class Outcome(models.TextChoices):
        TAKEN = "taken", _("Taken by somebody on the list")
        GONE = "gone", _("No longer free")

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    appointment_type = models.ForeignKey(AppointmentType, on_delete=models.PROTECT, related_name="+")
    start = models.DateTimeField()
    freed_at = models.DateTimeField()
    try_at = models.DateTimeField(help_text=_("when it is looked at next; a decision can be undone until then"))
    offered_to = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    hold = models.OneToOneField(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="freed_time"
    )
    asked = models.JSONField(default=list, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=5, choices=Outcome.choices, blank=True)

    objects = FreedTimeQuerySet.as_manager()

    class Meta:
        ordering = ["start", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "start"], condition=Q(closed_at=None), name="freed_time_open_once"
            ),
            models.UniqueConstraint(
                fields=["offered_to"], condition=Q(hold__isnull=False), name="freed_time_one_offer_each"
            ),
            models.CheckConstraint(
                condition=Q(hold=None) | Q(offered_to__isnull=False, closed_at=None),
                name="freed_time_held_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | Q(closed_at__isnull=False, outcome__in=["taken", "gone"]),
                name="freed_time_closed_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=["try_at"], name="freed_time_due", condition=Q(closed_at=None, hold=None))]

    def __str__(self) -> str:
        return f"freed {self.start:%Y-%m-%d %H:%M} of {self.practitioner_id}"
