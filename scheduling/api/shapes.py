"""Times and appointments as JSON."""

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inquiries.api.described import ProblemShape
from inquiries.api.shapes import ContactShape, InquirySummary, contact_of
from inquiries.api.values import Instant, Strict, Text
from inquiries.models import Inquiry
from scheduling import booking
from scheduling.models import Appointment, AppointmentType

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


class Kind(Text):
    """The slug of an active appointment type; read as the type itself."""

    default_error_messages = {"unknown_appointment_type": _("There is no such appointment type.")}

    def to_internal_value(self, data: Any) -> AppointmentType:  # type: ignore[override]
        found = AppointmentType.objects.on_offer(data) if SLUG.fullmatch(data) else None
        if found is None:
            self.fail("unknown_appointment_type")
        return found


class TimeRequest(Strict):
    """A time that somebody asks for."""

    appointment_type = Kind()
    start = Instant()


class TypeShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    languages = serializers.ListField(child=serializers.CharField())


class TimeShape(serializers.Serializer[Any]):
    start = Instant()
    end = Instant()


class SlotsShape(serializers.Serializer[Any]):
    appointment_type = serializers.CharField()
    time_zone = serializers.CharField()
    slots = TimeShape(many=True)
    next_available = Instant(allow_null=True)


class InquiryRef(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    manage_url = serializers.URLField()


class SlotTakenShape(ProblemShape):
    alternatives = TimeShape(many=True, required=False)
    inquiry = InquiryRef(required=False, help_text="kept even though the time is gone")


@extend_schema_field({"type": ["integer", "string"], "description": "HTTP's, or the appointment's as it is"})
class StatusOfEither(serializers.Field[Any, Any, Any, Any]):
    pass


class TransitionShape(ProblemShape):
    """`invalid_transition` carries the state as it is; `slot_taken` the nearest free times."""

    status = StatusOfEither()  # type: ignore[assignment]
    version = serializers.IntegerField(required=False)
    alternatives = TimeShape(many=True, required=False)


class AppointmentShape(serializers.Serializer[Any]):
    """An appointment as its patient sees it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Appointment.Status.choices)
    reason = serializers.CharField()
    appointment_type = serializers.CharField(source="appointment_type.slug")
    start = Instant()
    end = Instant()
    time_zone = serializers.CharField()
    answer_by = Instant(allow_null=True)
    attendance_confirmed_at = Instant(allow_null=True)
    wants_earlier_at = Instant(allow_null=True, help_text="on the list for an earlier time since then")


class KeptShape(serializers.Serializer[Any]):
    """An inquiry that was received."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Inquiry.Status.choices)
    manage_url = serializers.URLField()
    appointment = AppointmentShape(allow_null=True)


class OfferShape(TimeShape):
    id = serializers.UUIDField()
    expires_at = Instant(source="held_until")


class PersonShape(serializers.Serializer[Any]):
    """A practitioner, by name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class DeskAppointment(serializers.Serializer[Any]):
    """An appointment in the staff's lists; who asked stays sealed."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=Appointment.Status.choices)
    reason = serializers.CharField()
    version = serializers.IntegerField()
    sequence = serializers.IntegerField()
    appointment_type = serializers.CharField(source="appointment_type.slug")
    start = Instant()
    end = Instant()
    time_zone = serializers.CharField(help_text="the patient's")
    practitioner = PersonShape()
    inquiry = InquirySummary()
    created_at = Instant()
    answer_by = Instant(allow_null=True)
    held_until = Instant(allow_null=True)
    attendance_confirmed_at = Instant(allow_null=True)
    wants_earlier_at = Instant(allow_null=True, help_text="on the list for an earlier time since then")
    outcome = serializers.CharField()


class InquiryOfCall(InquirySummary):
    contact = serializers.SerializerMethodField()

    @extend_schema_field(ContactShape)
    def get_contact(self, inquiry: Inquiry) -> Any:
        return contact_of(inquiry)


class ReminderShape(serializers.Serializer[Any]):
    """A planned message; the floor of notifications fills the list."""

    kind = serializers.CharField()
    due_at = Instant()
    status = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class DeskCall(DeskAppointment):
    """One appointment, with how to reach the person."""

    inquiry = InquiryOfCall()
    choice = serializers.CharField(help_text="why this practitioner")


class CallFacts(serializers.Serializer[Any]):
    """What stands around an appointment."""

    proposals = OfferShape(many=True)
    kept = TimeShape(allow_null=True, help_text="the confirmed time that is kept while a move is decided")
    reminders = ReminderShape(many=True)
    actions = serializers.ListField(child=serializers.CharField())


class DeskAppointmentDetail(CallFacts, DeskCall):
    """Everything about one appointment; its ETag is the version."""


def zone_of(appointment: Appointment) -> str:
    return appointment.time_zone or settings.CLINIC_TIME_ZONE


def for_patient(appointment: Appointment | None) -> dict[str, Any] | None:
    """The appointment in its patient's zone."""
    if appointment is None:
        return None
    return AppointmentShape(appointment, context={"zone": zone_of(appointment)}).data


def proposals_of(appointment: Appointment, *, now: dt.datetime) -> Any:
    offers = booking.offers_of(appointment, now=now)
    return OfferShape(offers, many=True, context={"zone": zone_of(appointment)}).data
