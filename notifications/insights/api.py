"""The figures as JSON."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.values import Day, Strict
from inquiries.api.view import DeskView
from notifications.insights.figures import Attendance, Figures, Passage, Waits, figures
from notifications.insights.questions import MOST_DAYS, month_of
from scheduling.desk import words


class FigureQuestions(Strict):
    """Days of the clinic, `end` exclusive; this month, if neither is given."""

    default_error_messages = {
        "end_before_start": _("`end` has to be later than `start`; it is exclusive."),
        "range_too_long": _("Ask for {days} days at most."),
    }

    start = Day(required=False)
    end = Day(required=False, help_text=f"exclusive; {MOST_DAYS} days after `start` at most")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        month = month_of(attrs.get("start") or words.clinic_date(timezone.now()))
        first = attrs.get("start") or month.start
        last = attrs.get("end") or month.end
        if last <= first:
            raise serializers.ValidationError({"end": [self._said("end_before_start")]})
        if last - first > dt.timedelta(days=MOST_DAYS):
            raise serializers.ValidationError({"end": [self._said("range_too_long", days=MOST_DAYS)]})
        return {"start": first, "end": last}

    def _said(self, code: str, **values: Any) -> serializers.ErrorDetail:
        return serializers.ErrorDetail(str(self.error_messages[code]).format(**values), code=code)


class PassageShape(serializers.Serializer[Any]):
    inquiries = serializers.IntegerField()
    requested = serializers.IntegerField()
    booked = serializers.IntegerField()
    held = serializers.IntegerField()


class WaitsShape(serializers.Serializer[Any]):
    """Minutes; null when nothing was counted."""

    count = serializers.IntegerField()
    median_minutes = serializers.FloatField(allow_null=True)
    slowest_tenth_minutes = serializers.FloatField(allow_null=True)


class FirstContactShape(WaitsShape):
    waiting = serializers.IntegerField()


class AnswersShape(WaitsShape):
    kept = serializers.IntegerField()
    kept_share = serializers.FloatField(allow_null=True)


class AttendanceShape(serializers.Serializer[Any]):
    """`rate` is the share of settled calls that were held; null when there was none."""

    held = serializers.IntegerField()
    missed = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)


class WeekdayShape(AttendanceShape):
    weekday = serializers.IntegerField(help_text="Monday is 0")


class RemindersShape(AttendanceShape):
    reminders = serializers.IntegerField(help_text="2 means two or more")


class LoadShape(AttendanceShape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    booked = serializers.IntegerField()
    minutes = serializers.IntegerField()


class WeekShape(PassageShape):
    monday = serializers.DateField()


class SourceShape(PassageShape):
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="utm_source, else the host that linked here, else empty"
    )


class FiguresShape(serializers.Serializer[Any]):
    start = serializers.DateField()
    end = serializers.DateField()
    time_zone = serializers.CharField()
    funnel = PassageShape()
    weeks = WeekShape(many=True)
    sources = SourceShape(many=True)
    first_contact = FirstContactShape()
    answers = AnswersShape()
    attendance = AttendanceShape()
    by_weekday = WeekdayShape(many=True)
    by_reminders = RemindersShape(many=True)
    practitioners = LoadShape(many=True)


class Insights(DeskView):
    @described("How inquiries become calls", FiguresShape, asks=FigureQuestions, refuses=(401,))
    def get(self, request: Request) -> Response:
        return Response(as_json(figures(**self.asked(FigureQuestions))))


def as_json(found: Figures) -> dict[str, Any]:
    return {
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "time_zone": settings.CLINIC_TIME_ZONE,
        "funnel": _passage(found.funnel),
        "weeks": [{"monday": monday.isoformat(), **_passage(row)} for monday, row in found.weeks.items()],
        "sources": [{"source": source, **_passage(row)} for source, row in found.sources.items()],
        "first_contact": {**_waits(found.first_contact), "waiting": found.waiting},
        "answers": {**_waits(found.answers), "kept": found.kept, "kept_share": found.kept_share},
        "attendance": _attendance(found.attendance),
        "by_weekday": [{"weekday": day, **_attendance(row)} for day, row in sorted(found.weekdays.items())],
        "by_reminders": [{"reminders": number, **_attendance(row)} for number, row in sorted(found.reminders.items())],
        "practitioners": [
            {"id": load.id, "name": load.name, "booked": load.booked, "minutes": load.minutes, **_attendance(load)}
            for load in found.practitioners
        ],
    }


def _passage(row: Passage) -> dict[str, int]:
    return {"inquiries": row.inquiries, "requested": row.requested, "booked": row.booked, "held": row.held}


def _attendance(row: Attendance) -> dict[str, Any]:
    return {"held": row.held, "missed": row.missed, "rate": row.rate}


def _waits(waits: Waits) -> dict[str, Any]:
    return {
        "count": waits.count,
        "median_minutes": _minutes(waits.median),
        "slowest_tenth_minutes": _minutes(waits.slowest_tenth),
    }


def _minutes(took: dt.timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds() / 60, 1)
