"""Working on a call: whom staff tried to reach, what they asked, and whom to try again. No personal fact is here."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inquiries.models import Inquiry, StaffMember, Statement
from scheduling.models.appointments import Appointment


class CallAttempt(models.Model):
    """Somebody called and did not speak with them. `number` counts the attempts of one call from 1."""

    class Result(models.TextChoices):
        NO_ANSWER = "no_answer", _("No answer")
        VOICEMAIL = "voicemail", _("Voicemail left")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    result = models.CharField(max_length=12, choices=Result.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["appointment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "number"], name="call_attempt_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="call_attempt_counts_from_one"),
            models.CheckConstraint(
                condition=Q(result__in=["no_answer", "voicemail", "wrong_number"]), name="call_attempt_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.appointment_id}"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        """Those that nobody has settled, while the call is missed and nothing newer has come of the inquiry.

        The first due first.
        """
        newer = Appointment.objects.spoken_of().filter(
            inquiry=OuterRef("appointment__inquiry"),
            status__in=[*Appointment.HOLDING, Appointment.Status.FULFILLED],
        )
        missed = self.filter(settled_at=None, appointment__status=Appointment.Status.NOSHOW)
        missed = missed.exclude(appointment__inquiry__status=Inquiry.Status.CLOSED)
        return missed.filter(~Exists(newer)).order_by("due_at", "pk")


class FollowUp(models.Model):
    """The one task that two missed attempts leave: try again from `due_at` on."""

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="follow_up")
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="follow_up_settled_has_both",
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="follow_up_open", condition=Q(settled_at=None))]

    def __str__(self) -> str:
        return f"follow-up of {self.appointment_id}"

    def is_due(self, now: datetime) -> bool:
        return self.due_at <= now


class ChecklistLineQuerySet(models.QuerySet["ChecklistLine"]):
    def in_use(self) -> "ChecklistLineQuerySet":
        return self.filter(retired_at=None).order_by("position", "pk")

    def for_call(self, appointment: Appointment) -> "ChecklistLineQuerySet":
        """Those in use, and those that were answered in this call before they were retired."""
        answered = appointment.answers.values("line")
        return self.filter(Q(retired_at=None) | Q(pk__in=answered)).order_by("position", "pk")


class ChecklistLine(models.Model):
    """One thing to ask in every call, in the clinic's own words. A line that was used is retired, never deleted."""

    position = models.PositiveSmallIntegerField()
    text_en = models.CharField(max_length=200)
    text_es = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ChecklistLineQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text_en="") & ~Q(text_es=""), name="checklist_line_in_both_languages")
        ]

    def __str__(self) -> str:
        return self.text_en

    @property
    def text(self) -> str:
        return self.text_es if get_language() == "es" else self.text_en


class CallAnswer(models.Model):
    """That a line was asked in a call; what was answered is a `Statement`, sealed, and goes when they are erased."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="answers")
    line = models.ForeignKey(ChecklistLine, on_delete=models.PROTECT, related_name="+")
    is_asked = models.BooleanField(default=False)
    statement = models.OneToOneField(
        Statement, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("what they answered")
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment", "line"], name="call_answer_once_each")]

    def __str__(self) -> str:
        return f"line {self.line_id} of {self.appointment_id}"
