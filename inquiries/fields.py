"""What a person may type, and what we make of it: one set of rules for pages and API.

Each function returns the clean value or raises `django.core.exceptions.ValidationError` with a sentence that says
what to do, in the active language.
"""

import datetime as dt
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from inquiries.privacy import clean_text

NAME_LENGTH = 80
MESSAGE_LENGTH = 2000
EMAIL_LENGTH = 254
SOURCE_LENGTH = 200
WINDOW_LIMIT = 3

CONCERNS = {
    "bipolar": _("Bipolar depression"),
    "depression": _("Depression"),
    "anxiety": _("Anxiety"),
    "ptsd": _("PTSD"),
    "other": _("Something else"),
}
DAY_PARTS = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("Evening")}
CONTACT_WAYS = {"email": _("E-mail"), "phone": _("Phone")}
SOURCE_KEYS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "page")

_valid_email = EmailValidator(message=_("Enter an e-mail address like name@example.com."))


def _within(value: str, limit: int) -> str:
    if len(value) > limit:
        raise ValidationError(
            ngettext_lazy("Use %(limit)d character at most.", "Use %(limit)d characters at most.", limit)
            % {"limit": limit},
            code="too_long",
        )
    return value


def name(value: str) -> str:
    return _within(clean_text(value), NAME_LENGTH)


def message(value: str) -> str:
    return _within(clean_text(value, lines=True), MESSAGE_LENGTH)


def email(value: str) -> str:
    """An address that plain SMTP can carry (ASCII, at a domain with a name), or ''."""
    address = _within(clean_text(value), EMAIL_LENGTH)
    if address:
        if not address.isascii() or address.endswith("]"):
            raise ValidationError(_valid_email.message, code="invalid")
        _valid_email(address)
    return address


def phone(value: str) -> str:
    """An E.164 number such as +13055550123, or ''. A number without a country is read as one of the United States."""
    written = _within(clean_text(value), 40)
    if not written:
        return ""
    try:
        number = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(_("Enter a phone number with its area code, like 305 555 0123."), code="invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# `localtime` is a name of the machine, not of a zone, and another machine may not have it.
NO_ZONES = {"localtime", "Factory"}


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_ZONES)


def time_zone(value: str) -> str:
    """An IANA zone name."""
    if value not in known_zones():
        raise ValidationError(_("Choose a time zone like America/New_York."), code="unknown_time_zone")
    return value


def source(values: dict[str, str]) -> dict[str, str]:
    """Where the visitor came from, first-party: known keys only, and a referrer without query or fragment."""
    kept = {key: clean_text(str(values[key]))[:SOURCE_LENGTH] for key in SOURCE_KEYS if values.get(key)}
    if "referrer" in kept:
        try:
            parts = urlsplit(kept["referrer"])
            kept["referrer"] = f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else ""
        except ValueError:
            kept["referrer"] = ""
    return {key: value for key, value in kept.items() if value}


def windows(values: list[dict[str, str]], *, now: dt.datetime, zone: str) -> list[dict[str, str]]:
    """One to three `{date, part}` from today on in the person's zone."""
    if len(values) > WINDOW_LIMIT:
        raise ValidationError(_("Choose three times of day at most."), code="too_many")
    today = now.astimezone(ZoneInfo(zone)).date()
    for value in values:
        if dt.date.fromisoformat(value["date"]) < today:
            raise ValidationError(_("Choose a day from today on."), code="past")
    return values
