"""The clinic's name, how it is reached, how it looks, and its public holidays."""

import datetime as dt
import re
from typing import Any

import holidays
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inquiries import colours, fields
from inquiries.clinic import logo_facts
from inquiries.forms import Cleaned

LOGO_BYTES = 200 * 1024
COLOUR = re.compile(r"#[0-9a-f]{6}")


def colour(value: str, grounds: tuple[str, ...]) -> str:
    """`#rrggbb` in small letters that can be read on the grounds, or ''. Raises ValidationError."""
    written = value.strip().lower()
    if not written:
        return ""
    if not COLOUR.fullmatch(written):
        raise ValidationError(_("Write a colour like #1b5e5a."))
    reached = colours.least_contrast(written, grounds)
    if reached < colours.READABLE:
        said = _("Too faint to read: its contrast is %(reached)s : 1, and has to be 4.5 : 1 at least.")
        raise ValidationError(said % {"reached": reached})
    return written


def place(value: str) -> str:
    """A country of python-holidays, or a part of one: `US`, `US-FL`. Raises ValidationError."""
    written = value.strip().upper()
    country, _dash, part = written.partition("-")
    known = holidays.list_supported_countries()
    if written and (country not in known or (part and part not in known[country])):
        raise ValidationError(_("Write a country like US, or a part of it like US-FL; nothing for no holidays."))
    return written


class ClinicForm(forms.Form):
    """Clean, `logo` holds the fields of a new logo, or nothing."""

    name = Cleaned(
        fields.name, label=_("Name"), max_length=80, error_messages={"required": _("Enter the clinic's name.")}
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=32, error_messages={"required": _("Enter the number that patients call.")}
    )
    sender = Cleaned(
        fields.email,
        label=_("Mail comes from"),
        required=False,
        help_text=_("Your mail server must be allowed to send from it. Empty: as configured."),
        widget=forms.TextInput(attrs={"type": "email"}),
    )
    staff_email = Cleaned(
        fields.email,
        label=_("Tell this address of new requests too"),
        required=False,
        help_text=_("Besides the staff who answer requests."),
        widget=forms.TextInput(attrs={"type": "email"}),
    )
    accent = forms.CharField(
        label=_("Accent colour"),
        required=False,
        help_text=_("Of buttons and links, on light ground. Empty: ours."),
        widget=forms.TextInput(attrs={"placeholder": "#1b5e5a", "spellcheck": "false"}),
    )
    accent_dark = forms.CharField(
        label=_("Accent colour in the dark"),
        required=False,
        help_text=_("Empty: the accent, made as light as it has to be."),
        widget=forms.TextInput(attrs={"placeholder": "#86cfc4", "spellcheck": "false"}),
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG or JPEG, 200 KB at most; shown 32 pixels high."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    no_logo = forms.BooleanField(label=_("Take the logo away"), required=False)
    holidays = forms.CharField(
        label=_("Public holidays of"),
        required=False,
        help_text=_("A country like US, or a part of it like US-FL. Empty: no holidays."),
    )

    def clean_accent(self) -> str:
        return colour(self.cleaned_data["accent"], colours.LIGHT_GROUNDS)

    def clean_accent_dark(self) -> str:
        return colour(self.cleaned_data["accent_dark"], colours.DARK_GROUNDS)

    def clean_holidays(self) -> str:
        return place(self.cleaned_data["holidays"])

    def clean_logo(self) -> dict[str, Any]:
        file = self.cleaned_data["logo"]
        if not file:
            return {}
        if file.size > LOGO_BYTES:
            raise ValidationError(_("This file is too large: 200 KB at most."))
        facts = logo_facts(file.read())
        if not facts:
            raise ValidationError(_("Choose a PNG or JPEG picture."))
        return facts

    def facts(self) -> dict[str, Any]:
        """What `clinic.change` takes."""
        kept = {key: value for key, value in self.cleaned_data.items() if key not in ("logo", "no_logo")}
        gone = {"logo": b"", "logo_type": "", "logo_version": ""} if self.cleaned_data["no_logo"] else {}
        return {**kept, **gone, **self.cleaned_data["logo"]}


def worked(shown: list[str], closed: list[str]) -> list[dt.date]:
    """The holidays that were shown and not ticked as closed. Raises ValueError."""
    return sorted(dt.date.fromisoformat(day) for day in set(shown) - set(closed))
