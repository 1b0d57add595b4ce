"""What staff say of a closure: from when until when, of whom, why, and what those are told whose calls it moves."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inquiries import fields
from inquiries.forms import Cleaned
from scheduling import wording
from scheduling.desk.rules.walls import date_field, first_instant, last_instant, minute_of, time_field
from scheduling.models import Practitioner

FARTHEST = dt.timedelta(days=400)
DAY_MINUTES = 24 * 60


class ClosureForm(forms.Form):
    """Whole days, unless a time of day is given; on the clinic's clock. Clean, it has `start` and `end`."""

    from_date = date_field(label=_("From"))
    from_time = time_field(label=_("at"), required=False)
    until_date = date_field(label=_("Until"), required=False)
    until_time = time_field(label=_("at"), required=False)
    practitioners = forms.ModelMultipleChoiceField(
        Practitioner.objects.active().order_by("name", "pk"),
        label=_("Who is away"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("Choose one of the practitioners."),
            "invalid_pk_value": _("Choose one of the practitioners."),
        },
    )
    reason = Cleaned(
        fields.name,
        label=_("Name of it, for staff"),
        required=False,
        max_length=fields.NAME_LENGTH,
        help_text=_("Shown at the desk only, such as Tropical storm or Training. Patients never see it."),
    )
    text = forms.ChoiceField(
        label=_("What patients are told"),
        choices=list(wording.CLOSURE_TEXTS.items()),
        initial=next(iter(wording.CLOSURE_TEXTS)),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what patients are told."),
            "invalid_choice": _("Choose what patients are told."),
        },
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if self.errors:
            return facts
        zone, first = settings.CLINIC_TIME_ZONE, facts["from_date"]
        last = facts["until_date"] or first
        if abs(first - timezone.now().date()) > FARTHEST:
            self.add_error("from_date", _("Choose a date nearer to today."))
            return facts
        if abs(last - first) > FARTHEST:
            self.add_error("until_date", _("Close for a year at most."))
            return facts
        facts["start"] = first_instant(first, minute_of(facts["from_time"]) if facts["from_time"] else 0, zone)
        facts["end"] = last_instant(last, minute_of(facts["until_time"]) if facts["until_time"] else DAY_MINUTES, zone)
        self._refuse_reversed_or_over(facts)
        return facts

    def _refuse_reversed_or_over(self, facts: dict[str, Any]) -> None:
        field = "until_time" if facts["until_date"] in (None, facts["from_date"]) else "until_date"
        if facts["end"] <= facts["start"]:
            self.add_error(field, ValidationError(_("The end has to be later than the start."), code="reversed"))
        elif facts["end"] <= timezone.now():
            self.add_error(field, ValidationError(_("This is over already. Choose a later end."), code="past"))

    def span(self) -> dict[str, Any]:
        """What `closures.preview` and `closing.close` take."""
        facts = self.cleaned_data
        return {"start": facts["start"], "end": facts["end"], "practitioners": list(facts["practitioners"])}


class ApplyForm(forms.Form):
    text = forms.ChoiceField(
        choices=list(wording.CLOSURE_TEXTS.items()),
        error_messages={"invalid_choice": _("Choose what patients are told.")},
    )
