"""Calendars elsewhere: they say that a practitioner is busy, never with what or with whom."""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.practitioners import Practitioner


class OutsideCalendarQuerySet(models.QuerySet["OutsideCalendar"]):
    def stale(self, now: dt.datetime) -> "OutsideCalendarQuerySet":
        """Those that have not been read for longer than they may."""
        return self.filter(read_at__lt=now - F("stale_after")).order_by("pk")


class OutsideCalendar(models.Model):
    """A calendar elsewhere whose busy times close a practitioner's own."""

    class WhenStale(models.TextChoices):
        TRUST = "trust", _("Trust its last copy")
        CLOSE = "close", _("Offer nothing")
        IGNORE = "ignore", _("Ignore it")

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="outside_calendars")
    name = models.SlugField(max_length=40)
    read_at = models.DateTimeField()
    stale_after = models.DurationField(default=dt.timedelta(hours=1))
    when_stale = models.CharField(max_length=6, choices=WhenStale.choices, default=WhenStale.CLOSE)

    objects = OutsideCalendarQuerySet.as_manager()

    class Meta:
        ordering = ["practitioner", "name"]
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "name"], name="outside_calendar_name_once"),
            models.CheckConstraint(condition=Q(when_stale__in=["trust", "close", "ignore"]), name="when_stale_known"),
            models.CheckConstraint(condition=Q(stale_after__gt=dt.timedelta()), name="stale_after_some_time"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.practitioner_id}"


class BusyTime(models.Model):
    """From one instant to another, `end` exclusive."""

    calendar = models.ForeignKey(OutsideCalendar, on_delete=models.CASCADE, related_name="busy_times")
    start = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        ordering = ["start", "pk"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="busy_end_after_start")]
        indexes = [models.Index(fields=["calendar", "end"], name="busy_of_calendar")]

    def __str__(self) -> str:
        return f"busy {self.start:%Y-%m-%d %H:%M}"
