"""Which days a page of the calendar shows; dates are the clinic's."""

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from scheduling import slots

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
VIEWS = ("day", "week", "month")


@dataclass(frozen=True)
class Span:
    """A day, or the week or the month that it lies in; weeks begin on Monday, a month shows whole weeks."""

    view: str
    date: dt.date

    @cached_property
    def days(self) -> list[dt.date]:
        if self.view == "day":
            return [self.date]
        if self.view == "week":
            monday = self.date - self.date.weekday() * DAY
            return [monday + number * DAY for number in range(7)]
        weeks = calendar.Calendar().monthdatescalendar(self.date.year, self.date.month)
        return [day for week in weeks for day in week]

    @property
    def start(self) -> dt.datetime:
        return slots.local_midnight(self.days[0], settings.CLINIC_TIME_ZONE)

    @property
    def end(self) -> dt.datetime:
        return slots.local_midnight(self.days[-1] + DAY, settings.CLINIC_TIME_ZONE)

    @property
    def before(self) -> dt.date:
        if self.view == "month":
            return (self.date.replace(day=1) - DAY).replace(day=1)
        return self.date - (DAY if self.view == "day" else WEEK)

    @property
    def after(self) -> dt.date:
        if self.view == "month":
            return (self.date.replace(day=28) + WEEK).replace(day=1)
        return self.date + (DAY if self.view == "day" else WEEK)
