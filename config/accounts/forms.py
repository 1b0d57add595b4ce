"""Second steps, counted: guessing a code is refused whatever Redis does."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.accounts.adapters import TOO_MANY
from inquiries import trail
from inquiries.trail import Kind


class CountedCode(AuthenticateForm):
    """A code of the app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_the_code(self)

    def clean_code(self) -> str:
        return _counted(self, super().clean_code)


class CountedCodeAgain(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_the_code(self)

    def clean_code(self) -> str:
        return _counted(self, super().clean_code)


def _name_the_code(form: Any) -> None:
    field = form.fields["code"]
    field.label = _("Code of your app, or a recovery code")
    field.widget.attrs = {"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "off"}


def _counted(form: Any, check: Any) -> str:
    now, tried = timezone.now(), f"code of {form.user.pk}"
    if trail.is_guessing(tried=tried, now=now):
        raise ValidationError(TOO_MANY, code="too_many_login_attempts")
    try:
        return str(check())
    except ValidationError:
        trail.record(Kind.CODE_FAILED, about=form.user, tried=tried, now=now)
        raise
