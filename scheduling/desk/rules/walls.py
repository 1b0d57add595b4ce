"""Dates and times of day as a form takes them, and the instants that they mean in a zone."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling import slots, wallclock


def date_field(**facts: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    said = {"invalid": _("Choose a date."), "required": _("Choose a date.")}
    return forms.DateField(widget=widget, error_messages=said, **facts)


def time_field(**facts: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    said = {"invalid": _("Enter a time of day like 09:00."), "required": _("Enter a time of day like 09:00.")}
    return forms.TimeField(widget=widget, error_messages=said, **facts)


def minute_of(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def first_instant(day: dt.date, minute: int, zone: str) -> dt.datetime:
    """When the wall clock first shows it; in a gap, the moment of the change."""
    return slots.instant(wallclock.first_instant_from(zone, day, minute))


def last_instant(day: dt.date, minute: int, zone: str) -> dt.datetime:
    """When the wall clock shows it for the last time: what ends then has ended for everybody's clock."""
    shown = wallclock.instants(zone, day, minute)
    return slots.instant(shown[-1]) if shown else first_instant(day, minute, zone)
