"""The contact form: one column, in plain words, by the rules of `inquiries.fields`."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from inquiries import fields, suspicion, zones
from inquiries.intake import Person, Wishes
from inquiries.models import Inquiry

PERSON = ("given_name", "family_name", "preferred_name", "email", "phone")
USABLE_YEARS = range(2000, 2200)


class Cleaned(forms.CharField):
    """Text that one of the rules of `inquiries.fields` makes clean."""

    def __init__(self, rule: Callable[[str], str], **facts: Any) -> None:
        super().__init__(**facts)
        self.rule = rule

    def to_python(self, value: Any) -> str:
        return self.rule(super().to_python(value) or "")


def zone_field(**facts: Any) -> Cleaned:
    return Cleaned(fields.time_zone, label=_("Your time zone"), **facts)


class ZoneSelect(forms.Select):
    """The zones that people here mostly live in, and the one that is chosen even if it is none of them."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = value[0] if value and value[0] in fields.known_zones() else ""
        self.choices = zones.choices(chosen)
        return super().optgroups(name, value, attrs)


class ContactForm(forms.Form):
    """Who asks, how to reach them, and what they agree to."""

    given_name = Cleaned(
        fields.name,
        label=_("First name"),
        max_length=fields.NAME_LENGTH,
        error_messages={"required": _("Enter your first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = Cleaned(
        fields.name,
        label=_("Last name"),
        max_length=fields.NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    preferred_name = Cleaned(
        fields.name,
        label=_("What shall we call you?"),
        max_length=fields.NAME_LENGTH,
        required=False,
        help_text=_("If it is another name than your first one."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    email = Cleaned(
        fields.email,
        label=_("E-mail"),
        max_length=fields.EMAIL_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    phone = Cleaned(
        fields.phone,
        label=_("Phone"),
        required=False,
        help_text=_("With the area code, like 305 555 0123"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 40}),
    )
    contact_by = forms.MultipleChoiceField(
        label=_("How may we reach you?"),
        choices=list(fields.CONTACT_WAYS.items()),
        required=False,
        help_text=_("Leave both empty if either is fine."),
        widget=forms.CheckboxSelectMultiple,
    )
    voicemail_ok = forms.BooleanField(label=_("You may leave a voicemail"), required=False)
    discreet = forms.BooleanField(
        label=_("Somebody else may see my messages or pick up my phone"),
        required=False,
        help_text=_("Then we say only that we are returning your call, and ask for you by name."),
    )
    time_zone = zone_field(widget=ZoneSelect, help_text=_("We show every time on your clock."))
    concerns = forms.MultipleChoiceField(
        label=_("What would you like to talk about?"),
        choices=list(fields.CONCERNS.items()),
        required=False,
        help_text=_("Choose any, or none. You do not need a diagnosis."),
        widget=forms.CheckboxSelectMultiple,
    )
    message = Cleaned(
        fields.message,
        label=_("Anything we should know before the call?"),
        max_length=fields.MESSAGE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    needs_help_now = forms.ChoiceField(
        label=_("Are you safe right now, or do you need help today?"),
        choices=[
            ("no", _("I am safe for now")),
            ("yes", _("I need help today")),
            ("prefer_not_to_say", _("I would rather not say")),
        ],
        required=False,
        help_text=_("You do not have to answer, and you can ask for a call either way."),
        widget=forms.RadioSelect,
    )
    consent_contact = forms.BooleanField(
        label=_("You may contact me about this request, in the ways I gave above."),
        error_messages={"required": _("Tick this box so that we may contact you.")},
    )
    consent_reminders = forms.BooleanField(label=_("You may also send me reminders of my call."), required=False)
    # A person leaves it empty because they never see it; a program that fills in every field does not.
    homepage = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    start = forms.CharField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, widget=forms.HiddenInput, initial=suspicion.new_key)
    proof = forms.CharField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].initial = settings.CLINIC_TIME_ZONE
        if not self.is_bound:
            self.fields["time_zone"].widget.attrs["data-detect-zone"] = ""

    def clean_homepage(self) -> str:
        if self.cleaned_data["homepage"]:
            raise ValidationError(_("Leave this field empty: it is there to stop programs that fill in forms."))
        return ""

    def clean_start(self) -> dt.datetime | None:
        return moment_in(self.cleaned_data["start"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        reachable = {way for way in fields.CONTACT_WAYS if data.get(way)}
        if not reachable and not {"email", "phone"} & self.errors.keys():
            self.add_error("email", _("Enter an e-mail address or a phone number, so that we can answer."))
        for way in data.get("contact_by", []):
            if reachable and way not in reachable and way not in self.errors:
                self.add_error(way, _MISSING[way])
        if suspicion.has_lapsed(data.get("form_key", "")):
            self._renew()
        return data

    def _renew(self) -> None:
        """A page that was open for more than a day: everything is there still, under a fresh key."""
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["form_key"], sent["proof"] = suspicion.renewed_key(), ""
        self.data = sent
        self.add_error(None, _("This page was open for more than a day. Nothing is lost: send it once more."))

    @property
    def ways_are_told(self) -> bool:
        return self._has_any("preferred_name", "contact_by", "voicemail_ok", "discreet")

    @property
    def topics_are_told(self) -> bool:
        return self._has_any("concerns", "message")

    def _has_any(self, *names: str) -> bool:
        """Whether something stands in one of these fields, or is wrong with it; then they are not folded away."""
        return any(self[name].value() or self[name].errors for name in names)

    def sent_as(self) -> str:
        """The same for the same form sent again, other for one that was changed or opened anew; '' without a key."""
        sent = json.dumps(self.cleaned_data | {"proof": ""}, sort_keys=True, default=str)
        return sent if self.cleaned_data["form_key"] else ""

    def person(self) -> Person:
        return Person(**{name: self.cleaned_data[name] for name in PERSON})

    def wishes(self) -> Wishes:
        data = self.cleaned_data
        return Wishes(
            language=get_language() or settings.LANGUAGE_CODE,
            time_zone=data["time_zone"],
            contact_by=data["contact_by"],
            voicemail_ok=data["voicemail_ok"],
            discreet=data["discreet"],
            reminders_ok=data["consent_reminders"],
            needs_help_now=data["needs_help_now"] or Inquiry.NeedsHelp.UNSAID,
        )


class LinkForm(forms.Form):
    """Where a fresh link shall go."""

    email = Cleaned(
        fields.email,
        label=_("Your e-mail"),
        max_length=fields.EMAIL_LENGTH,
        help_text=_("The address that you gave us."),
        error_messages={"required": _("Enter your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

    use_required_attribute = False


_MISSING = {
    "email": _("Enter your e-mail address, or choose another way to reach you."),
    "phone": _("Enter your phone number, or choose another way to reach you."),
}


def moment_in(text: str) -> dt.datetime | None:
    """The instant of an ISO 8601 text with an offset, as UTC; None for anything else, which is then simply not used."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    usable = moment.utcoffset() is not None and moment.year in USABLE_YEARS
    return moment.astimezone(dt.UTC) if usable else None


def source_of(request: HttpRequest) -> dict[str, str]:
    """Where this visitor came from: campaign marks of the address, and the site that linked here."""
    values = {key: request.POST.get(key) or request.GET.get(key, "") for key in fields.SOURCE_KEYS}
    referrer = request.headers.get("Referer", "")
    if not values["referrer"] and not referrer.startswith((settings.SITE_URL, request.build_absolute_uri("/"))):
        values["referrer"] = referrer
    return fields.source({**values, "page": values["page"] or request.path})
