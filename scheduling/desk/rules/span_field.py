"""A span of time as people say it: a number and a unit; kept as minutes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

UNITS = {1440: _("days"), 60: _("hours"), 1: _("minutes")}


class SpanWidget(forms.MultiWidget):
    template_name = "scheduling/desk/rules/parts/span.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = forms.NumberInput(attrs={"min": 0, "aria-label": _("How many"), "class": "short-input"})
        unit = forms.Select(choices=list(UNITS.items()), attrs={"aria-label": _("Unit"), "class": "short-input"})
        super().__init__([number, unit], attrs)

    def decompress(self, value: int | None) -> Sequence[int | None]:
        """
        >>> SpanWidget().decompress(4320), SpanWidget().decompress(90)
        ((3, 1440), (90, 1))
        """
        if value is None:
            return None, 1440
        unit = next((unit for unit in UNITS if value and value % unit == 0), 1)
        return value // unit, unit


class SpanField(forms.MultiValueField):
    widget = SpanWidget

    def __init__(self, *, least: int, most: int, **facts: Any) -> None:
        whole = {"invalid": _("Enter a whole number.")}
        number = forms.IntegerField(min_value=0, max_value=10**6, error_messages=whole)
        unit = forms.TypedChoiceField(choices=list(UNITS.items()), coerce=int)
        self.least, self.most = least, most
        super().__init__([number, unit], require_all_fields=False, **facts)

    def clean(self, value: Any) -> int | None:
        if value and value[0] in (None, ""):
            value = None
        return super().clean(value)  # type: ignore[no-any-return]

    def compress(self, values: Sequence[int]) -> int | None:
        if not values:
            return None
        minutes = values[0] * values[1]
        if minutes < self.least:
            raise ValidationError(_("Choose a longer time."), code="min_value")
        if minutes > self.most:
            raise ValidationError(_("Choose a shorter time: a month at most."), code="max_value")
        return minutes
