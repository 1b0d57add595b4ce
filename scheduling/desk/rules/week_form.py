"""Hours as a form takes them: some intervals a day, each with a start and an end on the wall clock."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from scheduling.availability import Interval
from scheduling.desk.rules.walls import date_field, minute_of, time_field
from scheduling.hours import Shift

SPARE, MOST = 2, 12  # intervals a day: how many at least stand in the form, and how many at most
END_OF_DAY = 24 * 60
AHEAD = dt.timedelta(days=730)
HALF = _("Enter both a start and an end, or neither.")
REVERSED = _("The end has to be later than the start.")
OVERLAP = _("This overlaps the interval before it.")


def clock_of(minute: int) -> dt.time:
    """Midnight at the end of the day is written 00:00, as clocks show it."""
    return dt.time(minute % END_OF_DAY // 60, minute % 60)


class IntervalsForm(forms.Form):
    """Pairs of times, in rows; an empty row is none."""

    def add_rows(self, name: str, label: Any, intervals: Sequence[Interval]) -> None:
        for number in range(self._row_count(name, len(intervals))):
            given = intervals[number] if number < len(intervals) else None
            for which, word in enumerate((_("start"), _("end"))):
                field = time_field(required=False, initial=clock_of(given[which]) if given else None)
                said = {"label": label, "word": word, "number": number + 1}
                field.label = _("%(label)s, %(word)s %(number)d") % said
                self.fields[f"{name}_{number}_{which}"] = field

    def _row_count(self, name: str, filled: int) -> int:
        if not self.is_bound:
            return min(max(SPARE, filled + 1), MOST)
        sent = next((number for number in range(MOST) if f"{name}_{number}_0" not in self.data), MOST)
        return max(SPARE, sent)

    def rows_of(self, name: str) -> list[tuple[forms.BoundField, forms.BoundField]]:
        count = sum(field.startswith(f"{name}_") for field in self.fields) // 2
        return [(self[f"{name}_{number}_0"], self[f"{name}_{number}_1"]) for number in range(count)]

    def clean_rows(self, name: str) -> list[Interval]:
        """The intervals in order; what is wrong with them becomes an error of its field."""
        found = sorted(self._pairs(name))
        for (_start, end, _field), (start, _end, field) in pairwise(found):
            if start < end:
                self.add_error(field, OVERLAP)
        return [(start, end) for start, end, _field in found]

    def _pairs(self, name: str) -> Iterator[tuple[int, int, str]]:
        for first, last in self.rows_of(name):
            start, end = self.cleaned_data.get(first.name), self.cleaned_data.get(last.name)
            if {first.name, last.name} & self.errors.keys() or start is end is None:
                continue
            if start is None or end is None:
                self.add_error(first.name if start is None else last.name, HALF)
                continue
            from_minute, until_minute = minute_of(start), minute_of(end) or END_OF_DAY
            if until_minute <= from_minute:
                self.add_error(last.name, REVERSED)
            else:
                yield from_minute, until_minute, first.name


class WeekForm(IntervalsForm):
    """The hours of a week. Clean, it has `shifts`."""

    def __init__(self, data: QueryDict | None = None, *, week: Mapping[int, Sequence[Interval]]) -> None:
        super().__init__(data)
        for day, name in WEEKDAYS.items():
            self.add_rows(f"d{day}", name, week.get(day, ()))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        intervals = {day: self.clean_rows(f"d{day}") for day in WEEKDAYS}
        shifts: list[Shift] = [(day, *each) for day, found in intervals.items() for each in found]
        return facts | {"shifts": shifts}

    def days(self) -> list[tuple[Any, list[tuple[forms.BoundField, forms.BoundField]]]]:
        return [(name, self.rows_of(f"d{day}")) for day, name in WEEKDAYS.items()]


def monday_for_all(data: QueryDict) -> QueryDict:
    """What was sent, with Monday's times on Tuesday to Friday too."""
    sent = data.copy()
    monday = {key: values for key, values in data.lists() if key.startswith("d0_")}
    for day in range(1, 5):
        for key in [key for key in sent if key.startswith(f"d{day}_")]:
            del sent[key]
        for key, values in monday.items():
            sent.setlist(key.replace("d0_", f"d{day}_", 1), values)
    return sent


class OtherDayForm(IntervalsForm):
    """One date with other hours. Clean, it has `intervals`: none makes it a free day."""

    date = date_field(label=_("Date"))

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, prefix=None, auto_id="other_%s")
        self.add_rows("t", _("That day"), ())

    def clean_date(self) -> dt.date:
        date: dt.date = self.cleaned_data["date"]
        today = timezone.now().date()
        if not today - dt.timedelta(days=1) <= date <= today + AHEAD:
            raise forms.ValidationError(_("Choose a day from today on, within two years."))
        return date

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        return facts | {"intervals": self.clean_rows("t")}

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return self.rows_of("t")
