"""Who takes calls, and when: rules in local wall time (minutes after midnight) of the practitioner's IANA zone."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember
from scheduling.models.ranges import IdRange, MinuteRange

LAST_MINUTE = 24 * 60


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def active(self) -> "PractitionerQuerySet":
        return self.filter(is_active=True).order_by("pk")


class Practitioner(models.Model):
    """Somebody who takes screening calls."""

    name = models.CharField(max_length=80)
    languages = ArrayField(models.CharField(max_length=2), default=list)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    is_active = models.BooleanField(default=True)
    staff_member = models.OneToOneField(StaffMember, null=True, blank=True, on_delete=models.SET_NULL)

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")

    def __str__(self) -> str:
        return self.name


class WorkingHours(models.Model):
    """One weekly interval of wall time; of a practitioner, or (none) of the office, in which promises are counted."""

    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="working_hours"
    )
    weekday = models.PositiveSmallIntegerField(help_text=_("Monday is 0"))
    start_minute = models.PositiveSmallIntegerField(help_text=_("minutes after midnight"))
    end_minute = models.PositiveSmallIntegerField(help_text=_("minutes after midnight, at most 1440"))

    class Meta:
        ordering = ["practitioner", "weekday", "start_minute"]
        verbose_name_plural = _("working hours")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_known"),
            models.CheckConstraint(
                condition=Q(end_minute__gt=F("start_minute"), end_minute__lte=LAST_MINUTE),
                name="hours_end_after_start",
            ),
            ExclusionConstraint(
                name="hours_never_overlap",
                expressions=[
                    (IdRange(Coalesce(F("practitioner"), 0)), RangeOperators.OVERLAPS),
                    (IdRange(F("weekday")), RangeOperators.OVERLAPS),
                    (MinuteRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.weekday} {self.start_minute}-{self.end_minute}"


class HoursOverride(models.Model):
    """The hours of one practitioner on one date, instead of the weekly ones; no interval means a free day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="overrides")
    date = models.DateField()
    intervals = models.JSONField(default=list, help_text=_("pairs of minutes after midnight"))

    class Meta:
        ordering = ["date", "pk"]
        constraints = [models.UniqueConstraint(fields=["practitioner", "date"], name="override_date_once")]

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.date}"
