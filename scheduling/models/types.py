"""What can be booked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _


class AppointmentTypeQuerySet(models.QuerySet["AppointmentType"]):
    def on_offer(self, slug: str) -> "AppointmentType | None":
        """The active type of that slug. Plain SQL, because every look at the free times begins with it."""
        wanted = "select * from scheduling_appointmenttype where slug = %s and is_active"
        return next(iter(self.raw(wanted, [slug])), None)


class AppointmentType(models.Model):
    """What can be booked, and the rules that its times follow; units are in the names."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(default=20)
    slot_step_minutes = models.PositiveSmallIntegerField(default=20)
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=10)
    notice_minutes = models.PositiveIntegerField(default=120)
    horizon_days = models.PositiveSmallIntegerField(default=30)
    daily_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    reminder_offsets_minutes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    reminder_quiet_minutes = models.PositiveIntegerField(default=120)
    answer_within_business_minutes = models.PositiveIntegerField(default=240)
    auto_confirm = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects = AppointmentTypeQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("appointment type")
        verbose_name_plural = _("appointment types")
        constraints = [
            models.CheckConstraint(condition=Q(duration_minutes__range=(5, 480)), name="type_duration_in_a_day"),
            models.CheckConstraint(condition=Q(slot_step_minutes__range=(5, 480)), name="type_step_in_a_day"),
            models.CheckConstraint(
                condition=Q(buffer_before_minutes__lte=480, buffer_after_minutes__lte=480),
                name="type_buffers_in_a_day",
            ),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 366)), name="type_horizon_in_a_year"),
            models.CheckConstraint(condition=Q(answer_within_business_minutes__gte=1), name="type_answer_takes_time"),
            models.CheckConstraint(
                condition=Func(
                    "reminder_offsets_minutes",
                    template="int4range(1, 44641) @> all(%(expressions)s)",
                    output_field=models.BooleanField(),
                ),
                name="type_reminds_within_a_month",
                violation_error_message=_(
                    "A reminder goes between a minute and 44,640 minutes (31 days) before the call."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return self.name_es if language == "es" and self.name_es else self.name
