"""The inquiry as JSON: what a visitor or staff send in, and what the desk reads."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inquiries import fields
from inquiries.api.values import Choice, Choices, Day, Flag, Instant, Strict, Text, Zone, checked
from inquiries.intake import Person, Wishes
from inquiries.models import Activity, Inquiry, Statement

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class ContactWishes(Strict):
    by = Choices(list(fields.CONTACT_WAYS), required=False)
    voicemail_ok = Flag(default=False)
    discreet = Flag(default=False)


class Consent(Strict):
    contact = Flag()
    reminders = Flag(default=False)

    def validate_contact(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("We can only answer with consent to be contacted."), code="required")
        return value


class Window(Strict):
    """A part of a day that would suit."""

    date = Day()
    part = Choice(choices=list(fields.DAY_PARTS))


class Source(Strict):
    """Where the visitor came from; of a `referrer`, the query and fragment are not kept."""

    def get_fields(self) -> dict[str, Any]:
        return {key: Text(allow_blank=True, required=False) for key in fields.SOURCE_KEYS}


class InquiryRequest(Strict):
    """Somebody asks to be contacted: a given name, an e-mail or a phone, and consent."""

    given_name = Text(clean=fields.name)
    family_name = Text(clean=fields.name, default="", allow_blank=True)
    preferred_name = Text(clean=fields.name, default="", allow_blank=True)
    email = Text(clean=fields.email, default="", allow_blank=True)
    phone = Text(clean=fields.phone, default="", allow_blank=True)
    preferred_language = Choice(choices=LANGUAGES, required=False)
    time_zone = Zone(required=False)
    concerns = Choices(list(fields.CONCERNS), required=False)
    message = Text(clean=fields.message, default="", allow_blank=True)
    needs_help_now = Choice(choices=Inquiry.NeedsHelp.choices, default=Inquiry.NeedsHelp.UNSAID)
    contact = ContactWishes(required=False)
    consent = Consent()
    source = Source(required=False)  # type: ignore[assignment]
    preferred_windows = serializers.ListField(child=Window(), required=False, max_length=fields.WINDOW_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["email"] and not attrs["phone"]:
            sentence = _("Give an e-mail address or a phone number.")
            raise serializers.ValidationError({"email": sentence, "phone": sentence}, code="contact_required")
        zone = attrs.setdefault("time_zone", settings.CLINIC_TIME_ZONE)
        windows = [{"date": str(w["date"]), "part": w["part"]} for w in attrs.get("preferred_windows", [])]
        now = self.context["now"]
        attrs["preferred_windows"] = checked("preferred_windows", lambda: fields.windows(windows, now=now, zone=zone))
        return attrs


def received(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `intake.receive` that a clean InquiryRequest means."""
    wishes, consent = given.get("contact", {}), given["consent"]
    person = Person(**{name: given[name] for name in Person.__dataclass_fields__})
    return {
        "person": person,
        "wishes": Wishes(
            language=given.get("preferred_language") or _spoken(),
            time_zone=given["time_zone"],
            contact_by=[way for way in wishes.get("by", []) if getattr(person, way)],
            voicemail_ok=wishes.get("voicemail_ok", False),
            discreet=wishes.get("discreet", False),
            reminders_ok=consent["reminders"],
            needs_help_now=given["needs_help_now"],
            windows=given["preferred_windows"],
        ),
        "message": given["message"],
        "concerns": given.get("concerns", []),
        "source": fields.source(given.get("source", {})),
    }


def _spoken() -> str:
    """The language of the request."""
    language = (get_language() or "").partition("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]


class InquirySummary(serializers.Serializer[Any]):
    """An inquiry in lists: what it is about to staff, and nothing of who asked."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=Inquiry.Status.choices)
    urgent = serializers.BooleanField(source="is_urgent")
    needs_help_now = serializers.ChoiceField(choices=Inquiry.NeedsHelp.choices)
    preferred_language = serializers.CharField()
    time_zone = serializers.CharField()
    created_at = Instant()


class Told(serializers.Serializer[Any]):
    """One thing that happened."""

    number = serializers.IntegerField()
    kind = serializers.CharField()
    at = Instant()
    actor = serializers.ChoiceField(choices=Activity.Actor.choices)
    staff_member = serializers.CharField(source="staff_member.display_name", default=None, allow_null=True)
    appointment = serializers.UUIDField(source="appointment_id", allow_null=True)
    facts = serializers.DictField()


class NoteShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[Statement.Kind.NOTE, Statement.Kind.OUTCOME])
    text = serializers.CharField()
    written_at = Instant()
    written_by = serializers.CharField(allow_null=True)


class ContactShape(serializers.Serializer[Any]):
    """Personal facts; only the details of an inquiry or appointment show them."""

    given_name = serializers.CharField()
    family_name = serializers.CharField()
    preferred_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    by = serializers.ListField(child=serializers.CharField())
    voicemail_ok = serializers.BooleanField()
    discreet = serializers.BooleanField()


def contact_of(inquiry: Inquiry) -> dict[str, Any]:
    known = {name: getattr(inquiry.contact, name).reveal() for name in Person.__dataclass_fields__}
    return {**known, "by": inquiry.contact_by, "voicemail_ok": inquiry.voicemail_ok, "discreet": inquiry.discreet}


class InquiryDetail(InquirySummary):
    """Everything about one inquiry."""

    contact = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    concerns = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()
    preferred_windows = serializers.ListField(child=serializers.DictField())
    wants_call_back = serializers.BooleanField(help_text="any time may do: agree on one with them")
    source = serializers.DictField(read_only=True)  # type: ignore[assignment]
    acknowledged_at = Instant(allow_null=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.display_name", default=None, allow_null=True)
    reminders_ok = serializers.BooleanField()
    closed_at = Instant(allow_null=True)
    closed_reason = serializers.CharField()
    erased_at = Instant(allow_null=True)
    timeline = Told(many=True, source="told")

    @extend_schema_field(ContactShape)
    def get_contact(self, inquiry: Inquiry) -> Any:
        return contact_of(inquiry)

    def get_message(self, inquiry: Inquiry) -> str:
        return "\n\n".join(_texts(inquiry, Statement.Kind.MESSAGE))

    def get_concerns(self, inquiry: Inquiry) -> list[str]:
        return [word for text in _texts(inquiry, Statement.Kind.CONCERNS) for word in text.split(",")]

    @extend_schema_field(NoteShape(many=True))
    def get_notes(self, inquiry: Inquiry) -> Any:
        said_by_staff = [row for row in inquiry.statements.all() if row.kind in ("note", "outcome")]
        return [note_of(row, self.context) for row in said_by_staff]


def note_of(statement: Statement, context: Mapping[str, Any]) -> Any:
    writer = statement.written_by
    values = {
        "kind": statement.kind,
        "text": statement.text.reveal(),
        "written_at": statement.written_at,
        "written_by": writer and writer.display_name,
    }
    return NoteShape(values, context=context).data


def _texts(inquiry: Inquiry, kind: str) -> list[str]:
    return [row.text.reveal() for row in inquiry.statements.all() if row.kind == kind]
