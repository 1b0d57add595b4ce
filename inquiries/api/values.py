"""Fields that take exactly their JSON type and clean it by the rules of `inquiries.fields`; and objects made of them.

A number is no text, `"true"` is no boolean, an unknown member is an error, and so is a control character.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inquiries import fields
from inquiries.privacy import clean_text

RFC3339 = re.compile(
    r"([0-9]{4})-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
YEARS = range(1970, 2201)
NAMES_SHOWN = 10


def shown(moment: dt.datetime, zone: str) -> str:
    """RFC 3339 with the offset that holds in the zone."""
    return moment.astimezone(ZoneInfo(zone)).isoformat()


class Text(serializers.CharField):
    """Text made clean by `clean`, which raises Django's ValidationError; null is '' where '' is allowed."""

    default_error_messages = {
        "invalid": _("Send text here."),
        "control_characters": _("Take the control characters out of this text."),
    }

    def __init__(self, clean: Callable[[str], str] = clean_text, **kwargs: Any) -> None:
        self.clean = clean
        kwargs.setdefault("allow_null", kwargs.get("allow_blank", False))
        super().__init__(trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is None and self.allow_blank:
            return ""
        if data is not None and data is not serializers.empty and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        if any(unicodedata.category(mark) == "Cc" and mark not in "\t\n\r" for mark in data):
            self.fail("control_characters")
        value = self.clean(data)
        if not value and not self.allow_blank:
            self.fail("blank")
        return value


class Flag(serializers.BooleanField):
    """true or false."""

    default_error_messages = {"invalid": _("Send true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Count(serializers.IntegerField):
    """A whole number; 2.0 and "2" are none."""

    default_error_messages = {"invalid": _("Send a whole number.")}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class Id(serializers.UUIDField):
    """The id of something, as text."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value="")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of some words."""

    default_error_messages = {"invalid_choice": _("Choose one of: {words}.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", words=", ".join(self.choices))
        return data


class Choices(serializers.ListField):
    """A list of some words, each kept once, in the order given."""

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(child=Choice(choices=choices), max_length=20, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class Zone(Text):
    """An IANA time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(clean=fields.time_zone, **kwargs)


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field[dt.datetime, Any, str, Any]):
    """An RFC 3339 date-time with an offset: always one instant, so a clock change cannot blur it.

    Shown in the zone of the serializer's context (`zone`), else the clinic's.
    """

    default_error_messages = {
        "invalid": _("Send a date and time like 2026-12-02T14:20:00-05:00."),
        "offset_required": _("Say the offset from UTC too, like 2026-12-02T14:20:00-05:00."),
    }

    def to_internal_value(self, data: Any) -> dt.datetime:
        match = RFC3339.fullmatch(data) if isinstance(data, str) else None
        if match is None or int(match[1]) not in YEARS:
            self.fail("invalid")
        try:
            moment = dt.datetime.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not match["offset"]:
            self.fail("offset_required")
        return moment.astimezone(dt.UTC)

    def to_representation(self, value: dt.datetime) -> str:
        return shown(value, self.context.get("zone") or settings.CLINIC_TIME_ZONE)


class Day(serializers.DateField):
    """A date like 2026-12-01, of a year that anybody books in."""

    default_error_messages = {"invalid": _("Send a date like 2026-12-01.")}

    def to_internal_value(self, value: Any) -> dt.date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail("invalid")
        day = super().to_internal_value(value)
        if day.year not in YEARS:
            self.fail("invalid")
        return day


class Strict(serializers.Serializer[Any]):
    """An object that has no members but these."""

    default_error_messages = {
        "invalid": _("Send a JSON object here."),
        "unknown_field": _("There is no such field."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                sentence = serializers.ErrorDetail(str(self.error_messages["unknown_field"]), code="unknown_field")
                raise serializers.ValidationError({name[:80]: [sentence] for name in unknown[:NAMES_SHOWN]})
        return super().to_internal_value(data)


class NothingSent(Strict):
    """No body, or an empty object."""


def checked(field: str, rule: Callable[[], Any]) -> Any:
    """What `rule` returns; its ValidationError is one of `field`."""
    try:
        return rule()
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: error.messages}, code=error.error_list[0].code) from error
