"""Which days the figures are asked for."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_DAYS = 400


@dataclass(frozen=True)
class Span:
    """Days of the clinic, `end` exclusive."""

    start: dt.date
    end: dt.date

    @property
    def last(self) -> dt.date:
        return self.end - dt.timedelta(days=1)


def month_of(day: dt.date) -> Span:
    first = day.replace(day=1)
    return Span(first, (first + dt.timedelta(days=31)).replace(day=1))


def month_before(span: Span) -> Span:
    return month_of(span.start.replace(day=1) - dt.timedelta(days=1))


class SpanForm(forms.Form):
    """Two days, both counted."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, dt.date]:
        found: dict[str, dt.date] = super().clean() or {}
        if "first" in found and "last" in found:
            if found["last"] < found["first"]:
                self.add_error("last", _("The last day is before the first one."))
            elif (found["last"] - found["first"]).days >= MOST_DAYS:
                self.add_error("last", _("Ask for %(days)d days at most.") % {"days": MOST_DAYS})
        return found

    def span(self) -> Span:
        return Span(self.cleaned_data["first"], self.cleaned_data["last"] + dt.timedelta(days=1))
