"""The rules of an appointment type in plain words, grouped as one thinks of them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inquiries import fields
from inquiries.forms import Cleaned
from scheduling.desk.rules.span_field import SpanField
from scheduling.limits import BOUNDS, REMINDERS
from scheduling.models import AppointmentType

GROUPS = (
    (_("The call"), ("name", "name_es", "duration_minutes", "slot_step_minutes", "is_active")),
    (_("Room around it"), ("buffer_before_minutes", "buffer_after_minutes")),
    (_("How soon, how far ahead, how many"), ("notice_minutes", "horizon_days", "daily_cap", "weekly_cap")),
    (_("Answering requests"), ("auto_confirm", "answer_within_business_minutes")),
)


def count_field(rule: str, **facts: Any) -> forms.IntegerField:
    least, most = BOUNDS[rule]
    said = lazy(_from_to, str)(least, most)  # a lazy sentence that is filled in is lazy no more
    widget = forms.NumberInput(attrs={"class": "short-input"})
    codes = ("required", "invalid", "min_value", "max_value")
    messages = dict.fromkeys(codes, said)
    return forms.IntegerField(min_value=least, max_value=most, error_messages=messages, widget=widget, **facts)


def _from_to(least: int, most: int) -> str:
    return gettext("Enter a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}


def span_field(rule: str, **facts: Any) -> SpanField:
    least, most = BOUNDS[rule]
    return SpanField(least=least, most=most, **facts)


class TypeForm(forms.Form):
    """`save` writes the rules onto the type it was made for."""

    name = Cleaned(fields.name, label=_("Name"), max_length=80, error_messages={"required": _("Enter a name.")})
    name_es = Cleaned(fields.name, label=_("Name in Spanish"), max_length=80, required=False)
    duration_minutes = count_field("duration_minutes", label=_("Length, in minutes"))
    slot_step_minutes = count_field(
        "slot_step_minutes",
        label=_("A start every … minutes"),
        help_text=_("Counted from the start of each interval of hours: 20 gives 9:00, 9:20, 9:40."),
    )
    is_active = forms.BooleanField(
        label=_("Can be booked"),
        required=False,
        help_text=_("Off: nobody can ask for this call, and nothing else changes."),
    )
    buffer_before_minutes = count_field("buffer_before_minutes", label=_("Kept free before, in minutes"))
    buffer_after_minutes = count_field(
        "buffer_after_minutes",
        label=_("Kept free after, in minutes"),
        help_text=_("Time to write notes. Booked calls keep the buffers that they were booked with."),
    )
    notice_minutes = span_field(
        "notice_minutes",
        label=_("Bookable until … before"),
        help_text=_("Nobody can ask for a call that begins sooner."),
    )
    horizon_days = count_field(
        "horizon_days", label=_("Days ahead"), help_text=_("How far ahead a call can be booked: a year at most.")
    )
    daily_cap = count_field(
        "daily_cap",
        label=_("Calls a day, for each practitioner"),
        required=False,
        help_text=_("Empty: as many as fit."),
    )
    weekly_cap = count_field(
        "weekly_cap",
        label=_("Calls a week, for each practitioner"),
        required=False,
        help_text=_("Monday to Sunday. Empty: as many as fit."),
    )
    auto_confirm = forms.BooleanField(
        label=_("Confirm by itself"),
        required=False,
        help_text=_("On: a request is booked at once, and nobody has to answer it."),
    )
    answer_within_business_minutes = span_field(
        "answer_within_business_minutes",
        label=_("Promise to answer within … of office hours"),
        help_text=_(
            "Told to the patient. When it is over, coordinators and then managers hear of it. A day is 24 office hours."
        ),
    )
    reminder_quiet_minutes = span_field(
        "reminder_quiet_minutes",
        label=_("No reminder within … of booking"),
        help_text=_("Whoever has just booked is not reminded at once."),
    )

    def __init__(self, data: Any = None, *, kind: AppointmentType) -> None:
        super().__init__(data, initial={each: getattr(kind, each) for each in self.base_fields})
        self.kind = kind
        offsets = sorted(kind.reminder_offsets_minutes, reverse=True)
        self.rows = min(max(4, len(offsets) + 1), REMINDERS)
        for number in range(self.rows):
            given = offsets[number] if number < len(offsets) else None
            label = _("Reminder %(number)d, before the call") % {"number": number + 1}
            self.fields[f"reminder_{number}"] = span_field(
                "reminder_offset_minutes", label=label, required=False, initial=given
            )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        given = [facts.get(f"reminder_{number}") for number in range(self.rows)]
        for number, offset in enumerate(given):
            if offset is not None and offset in given[:number]:
                self.add_error(
                    f"reminder_{number}", ValidationError(_("There is a reminder then already."), code="twice")
                )
        return facts

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in GROUPS]

    def reminders(self) -> list[forms.BoundField]:
        return [self[f"reminder_{number}"] for number in range(self.rows)]

    def rules(self) -> dict[str, Any]:
        """What `AppointmentType` keeps."""
        facts = self.cleaned_data
        given = [facts[f"reminder_{number}"] for number in range(self.rows)]
        offsets = sorted((offset for offset in given if offset is not None), reverse=True)
        return {name: facts[name] for name in self.base_fields} | {"reminder_offsets_minutes": offsets}
