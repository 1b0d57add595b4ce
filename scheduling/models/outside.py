"""Calendars elsewhere: they say that a practitioner is busy, never with what or with whom."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember
from inquiries.privacy import EncryptedTextField
from scheduling.models.practitioners import Practitioner


class OutsideCalendarQuerySet(models.QuerySet["OutsideCalendar"]):
    def stale(self, now: dt.datetime) -> "OutsideCalendarQuerySet":
        """Those of people at work that have not been read for longer than they may."""
        late = self.filter(read_at__lt=now - F("stale_after"), is_paused=False, practitioner__is_active=True)
        return late.order_by("pk")


class OutsideCalendar(models.Model):
    """A calendar elsewhere whose busy times close a practitioner's own; somebody puts them here, or we read them.

    While it is paused it closes nothing, whatever is known of it.
    """

    class WhenStale(models.TextChoices):
        TRUST = "trust", _("Trust its last copy")
        CLOSE = "close", _("Offer nothing")
        IGNORE = "ignore", _("Ignore it")

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="outside_calendars")
    name = models.SlugField(max_length=40)
    read_at = models.DateTimeField()
    stale_after = models.DurationField(default=dt.timedelta(hours=1))
    when_stale = models.CharField(max_length=6, choices=WhenStale.choices, default=WhenStale.CLOSE)
    is_paused = models.BooleanField(default=False, db_default=False)

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

    def is_stale(self, now: dt.datetime) -> bool:
        return not self.is_paused and self.read_at < now - self.stale_after


class CalendarSourceQuerySet(models.QuerySet["CalendarSource"]):
    def due(self, now: dt.datetime) -> "CalendarSourceQuerySet":
        """What is to be read now and in nobody's hands, the longest waiting first."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        at_work = Q(calendar__is_paused=False, calendar__practitioner__is_active=True)
        return self.filter(free, at_work, next_read_at__lte=now).order_by("next_read_at", "pk")


class CalendarSource(models.Model):
    """Where we read an outside calendar, and how that goes. The address is a secret as the password is.

    `etag` and `copied_until` are of the copy that we have: what was worked out of it, and up to when.
    """

    class Form(models.TextChoices):
        FEED = "feed", _("Address of a calendar (iCalendar)")
        CALDAV = "caldav", _("CalDAV, with a user name and a password")

    class Why(models.TextChoices):
        """Why it can't be read, in our words; what a server said is not kept."""

        UNREACHABLE = "unreachable", _("no answer comes from its server")
        NOT_ALLOWED = "not_allowed", _("its address does not lead to the public internet by https")
        REFUSED = "refused", _("the password or the address is refused")
        NOT_FOUND = "not_found", _("there is no calendar at its address")
        FAILED = "failed", _("its server answers with an error")
        TOO_LARGE = "too_large", _("it is larger than 1 MB")
        NOT_A_CALENDAR = "not_a_calendar", _("what its server sends is no calendar that we can read")
        TOO_OFTEN = "too_often", _("something in it repeats every hour or faster")
        TOO_MANY = "too_many", _("more than 1,000 times in it are busy")
        TOO_COSTLY = "too_costly", _("it takes too long to work out its times")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    calendar = models.OneToOneField(OutsideCalendar, on_delete=models.CASCADE, related_name="source")
    form = models.CharField(max_length=6, choices=Form.choices)
    url = EncryptedTextField()
    username = EncryptedTextField(default="", blank=True)
    password = EncryptedTextField(default="", blank=True)
    etag = models.CharField(max_length=200, blank=True)
    copied_until = models.DateTimeField()
    next_read_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    broken_since = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=16, choices=Why.choices, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    objects = CalendarSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=["feed", "caldav"]), name="calendar_form_known"),
            models.CheckConstraint(
                condition=Q(broken_since=None, why="", failures=0)
                | (Q(broken_since__isnull=False, failures__gt=0) & ~Q(why="")),
                name="calendar_broken_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(lease_until=None, lease_token=None)
                | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="calendar_lease_has_both",
            ),
        ]
        indexes = [models.Index(fields=["next_read_at"], name="calendar_to_read")]

    def __str__(self) -> str:
        return f"source of calendar {self.calendar_id}"


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
