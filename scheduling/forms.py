"""The patient's small forms: which time, or when at all."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from inquiries import fields
from inquiries.forms import ZoneSelect, moment_in, zone_field
from scheduling import moments

DAYS_AHEAD = 14


class PickForm(forms.Form):
    """The time that a person chose, and the clock on which they read it."""

    start = forms.CharField(error_messages={"required": _("Choose a time.")})
    zone = forms.CharField(required=False)

    def clean_start(self) -> dt.datetime:
        start = moment_in(self.cleaned_data["start"])
        if start is None:
            raise ValidationError(_("Choose one of the times on this page."))
        return start


class ZoneForm(forms.Form):
    zone = zone_field(widget=ZoneSelect)


class WindowsForm(forms.Form):
    """One to three parts of days that would suit, or any time at all."""

    any_time = forms.BooleanField(label=_("Any time is fine: contact me to agree on one"), required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, zone: str, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        days = [("", _("No day chosen")), *_days(now, zone)]
        parts = list(fields.DAY_PARTS.items())
        for number in range(1, fields.WINDOW_LIMIT + 1):
            self.fields[f"date_{number}"] = forms.ChoiceField(label=_("Day"), choices=days, required=False)
            self.fields[f"part_{number}"] = forms.ChoiceField(label=_("Part of the day"), choices=parts, required=False)

    def rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"date_{number}"], self[f"part_{number}"]) for number in range(1, fields.WINDOW_LIMIT + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        rows = [(data.get(f"date_{n}"), data.get(f"part_{n}")) for n in range(1, fields.WINDOW_LIMIT + 1)]
        windows = [{"date": date, "part": part or "morning"} for date, part in rows if date]
        if not windows and not data.get("any_time"):
            self.add_error("date_1", _("Choose at least one day, or tick that any time is fine."))
        data["windows"] = fields.windows(
            [dict(pair) for pair in {tuple(window.items()): None for window in windows}], now=self.now, zone=self.zone
        )
        return data


def _days(now: dt.datetime, zone: str) -> list[tuple[str, str]]:
    """The weekdays of the next two weeks, from tomorrow on, on the person's calendar."""
    language = translation.get_language()
    days = [now + dt.timedelta(days=ahead) for ahead in range(1, DAYS_AHEAD + 1)]
    return [
        (
            moments.local(day, zone).date().isoformat(),
            moments.day_in_words(day, zone=zone, language=language, year=False),
        )
        for day in days
        if moments.local(day, zone).weekday() < 5
    ]
