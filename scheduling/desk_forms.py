"""What staff type and press at the desk; every action on an appointment carries the version that was looked at."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inquiries import fields
from inquiries.forms import Cleaned, ZoneSelect
from inquiries.intake import Person, Wishes
from inquiries.models import Inquiry, StaffMember
from scheduling import wording
from scheduling.desk.rules.walls import first_instant, minute_of
from scheduling.models import CallAttempt, Practitioner

OTHER_REASON = _("Choose one of the reasons.")
NO_OWN_TIME = _("Write the date and the time of day, like 09:00.")
FARTHEST = dt.timedelta(days=400)


class Versioned(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class ReasonForm(Versioned):
    reason = forms.ChoiceField(choices=list(wording.REASONS.items()), error_messages={"invalid_choice": OTHER_REASON})


class OutcomeForm(Versioned):
    outcome = forms.ChoiceField(
        choices=list(wording.OUTCOMES.items()), error_messages={"invalid_choice": _("Choose what came of the call.")}
    )
    note = Cleaned(fields.message, required=False)


class AttemptForm(forms.Form):
    """Which attempt it was, and how it ended."""

    number = forms.IntegerField(min_value=1, max_value=1000)
    result = forms.ChoiceField(choices=CallAttempt.Result.choices)


class ReassignForm(Versioned):
    practitioner = forms.ModelChoiceField(
        Practitioner.objects.active(), error_messages={"invalid_choice": _("Choose one of the practitioners.")}
    )


class EarlierForm(Versioned):
    wanted = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda word: word == "yes")


class MomentsField(forms.Field):
    """Instants in RFC 3339 with an offset; as many as `most`, at least one."""

    widget = forms.SelectMultiple

    def __init__(self, *, most: int, sentence: Any) -> None:
        super().__init__(error_messages={"required": sentence})
        self.most, self.sentence = most, sentence

    def clean(self, value: list[str] | None) -> list[dt.datetime]:
        if not (value or self.required):
            return []
        try:
            moments = sorted({dt.datetime.fromisoformat(text) for text in value or []})
            now = timezone.now()
            known = all(abs(moment - now) < FARTHEST for moment in moments)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValidationError(_("Choose one of the times shown.")) from error
        if not known:
            raise ValidationError(_("Choose one of the times shown."))
        if not 1 <= len(moments) <= self.most:
            raise ValidationError(self.sentence)
        return moments


class OfferForm(Versioned):
    starts = MomentsField(most=3, sentence=_("Choose one to three times to offer."))


class OneTimeForm(Versioned):
    """A time, and who takes the call (nobody chosen: whoever is fairest).

    With `overrule`, a time of the clinic's clock that the rules may not offer, written by hand.
    """

    starts = MomentsField(most=1, sentence=_("Choose one time for the call."))
    overrule = forms.BooleanField(required=False)
    own_date = forms.DateField(required=False, error_messages={"invalid": NO_OWN_TIME})
    own_time = forms.TimeField(required=False, error_messages={"invalid": NO_OWN_TIME})
    practitioner = forms.ModelChoiceField(
        Practitioner.objects.active(),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the practitioners.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        if "own_date" in self.data:
            self.fields["starts"].required = False

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        date, time = facts.pop("own_date", None), facts.pop("own_time", None)
        if self.errors or "own_date" not in self.data:
            return facts | {"overrule": False}
        if not facts["overrule"]:
            raise ValidationError(_("Tick that you know that this time may be outside the rules."))
        if not (date and time):
            raise ValidationError(NO_OWN_TIME)
        start = first_instant(date, minute_of(time), settings.CLINIC_TIME_ZONE)
        if not timezone.now() < start < timezone.now() + FARTHEST:
            raise ValidationError(_("Choose a time that is still to come, within a year."))
        return facts | {"starts": [start]}


class NoteForm(forms.Form):
    note = Cleaned(fields.message, error_messages={"required": _("Write the note first.")})


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        choices=[(code, words) for code, words in wording.CLOSINGS.items() if code != "erased"],
        error_messages={"invalid_choice": OTHER_REASON},
    )


class AssignForm(forms.Form):
    """Whose the inquiry is to be; empty: nobody's."""

    to = forms.ModelChoiceField(
        StaffMember.objects.answering(),
        required=False,
        error_messages={"invalid_choice": _("Choose somebody who answers requests.")},
    )


class ViewForm(forms.Form):
    name = Cleaned(fields.name, error_messages={"required": _("Give the view a name.")})

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if len(name) > 40:
            raise ValidationError(_("Use 40 characters at most."))
        return name


class SearchForm(forms.Form):
    q = forms.CharField(max_length=200, required=False)


class DayForm(forms.Form):
    """A date near enough to be meant."""

    date = forms.DateField()

    def clean_date(self) -> dt.date:
        date: dt.date = self.cleaned_data["date"]
        if not dt.date(2000, 1, 1) < date < dt.date(2200, 1, 1):
            raise ValidationError(_("Choose a date nearer to today."))
        return date


class CallerForm(forms.Form):
    """Somebody on the phone: a name, and one way to reach them."""

    given_name = Cleaned(
        fields.name, label=_("First name"), error_messages={"required": _("Ask for a name; any will do.")}
    )
    family_name = Cleaned(fields.name, label=_("Last name"), required=False)
    phone = Cleaned(fields.phone, label=_("Phone"), required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    email = Cleaned(
        fields.email,
        label=_("E-mail"),
        required=False,
        help_text=_("Without one, we cannot send a confirmation or reminders."),
        widget=forms.TextInput(attrs={"type": "email"}),
    )
    language = forms.ChoiceField(label=_("Language of the call and the mails"), choices=settings.LANGUAGES)
    time_zone = Cleaned(
        fields.time_zone, label=_("Their time zone"), initial=settings.CLINIC_TIME_ZONE, widget=ZoneSelect
    )
    needs_help_now = forms.ChoiceField(
        label=_("Do they need help today?"), choices=Inquiry.NeedsHelp.choices, initial=Inquiry.NeedsHelp.NO
    )
    message = Cleaned(
        fields.message,
        label=_("What they ask"),
        required=False,
        help_text=_("Kept sealed; it never appears in mail."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    voicemail_ok = forms.BooleanField(label=_("We may leave a voicemail"), required=False)
    discreet = forms.BooleanField(label=_("Be discreet: others may see or hear"), required=False)
    consent = forms.BooleanField(
        label=_("They agreed on the phone that we may contact them"),
        error_messages={"required": _("Ask them first whether we may contact them.")},
    )
    reminders_ok = forms.BooleanField(label=_("They want reminders by e-mail"), required=False)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"phone", "email"} and not (facts.get("phone") or facts.get("email")):
            self.add_error("phone", _("Ask for a phone number or an e-mail address."))
        return facts

    def person(self) -> Person:
        return Person(**{name: self.cleaned_data[name] for name in ("given_name", "family_name", "phone", "email")})

    def wishes(self) -> Wishes:
        named = ("language", "time_zone", "needs_help_now", "voicemail_ok", "discreet", "reminders_ok")
        return Wishes(**{name: self.cleaned_data[name] for name in named})


def first_error(form: forms.Form) -> str:
    return next(str(errors[0]) for errors in form.errors.values())
