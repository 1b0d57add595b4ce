"""The rules of time: appointment types, practitioners' hours, days that differ, closures; and why a time is not free.

Everybody of staff reads them, managers change them. A set of hours is replaced whole or not at all.
"""

import datetime as dt
import re
from itertools import pairwise
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.auth import ManagersAndOneself, ManagersChange
from inquiries.api.described import described
from inquiries.api.values import Count, Day, Flag, Instant, Strict, Text, shown
from inquiries.api.view import DeskView
from inquiries.fields import name
from scheduling import hours, policy, slots
from scheduling.api.desk import ID_LIMIT
from scheduling.api.public import SlotQuestions
from scheduling.kinds import set_rules
from scheduling.limits import BOUNDS, REMINDERS
from scheduling.models import AppointmentType, HoursOverride, Practitioner

CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


class RulesView(DeskView):
    permission_classes = [ManagersChange]

    def practitioner(self, pk: int) -> Practitioner:
        found = policy.practitioners(self.staff_member).filter(pk=pk).first() if pk <= ID_LIMIT else None
        if found is None:
            raise Http404
        return found


def within(rule: str, **facts: Any) -> Count:
    least, most = BOUNDS[rule]
    return Count(min_value=least, max_value=most, **facts)


class TypeRules(Strict):
    slug = serializers.CharField(read_only=True)
    name = Text(clean=name, read_only=True)
    duration_minutes = within("duration_minutes")
    slot_step_minutes = within("slot_step_minutes")
    buffer_before_minutes = within("buffer_before_minutes")
    buffer_after_minutes = within("buffer_after_minutes")
    notice_minutes = within("notice_minutes")
    horizon_days = within("horizon_days")
    daily_cap = within("daily_cap", allow_null=True)
    weekly_cap = within("weekly_cap", allow_null=True)
    reminder_offsets_minutes = serializers.ListField(child=within("reminder_offset_minutes"), max_length=REMINDERS)
    reminder_quiet_minutes = within("reminder_quiet_minutes")
    answer_within_business_minutes = within("answer_within_business_minutes")
    auto_confirm = Flag()

    def validate_reminder_offsets_minutes(self, value: list[int]) -> list[int]:
        return sorted(set(value), reverse=True)


class TypeView(RulesView):
    @described("The rules of an appointment type", TypeRules, refuses=(401, 404))
    def get(self, request: Request, slug: str) -> Response:
        self.asked()
        return Response(TypeRules(self.kind(slug)).data)

    @described("Change some of them", TypeRules, takes=TypeRules(partial=True), refuses=(401, 403, 404))
    def patch(self, request: Request, slug: str) -> Response:
        kind = self.kind(slug)
        rules = TypeRules(data=request.data, partial=True)
        rules.is_valid(raise_exception=True)
        set_rules(kind=kind, **rules.validated_data)
        return Response(TypeRules(kind).data)

    def kind(self, slug: str) -> AppointmentType:
        found = AppointmentType.objects.filter(slug=slug).first()
        if found is None:
            raise Http404
        return found


@extend_schema_field({"type": "string", "pattern": CLOCK.pattern, "examples": ["09:00"]})
class WallTime(serializers.Field[int, Any, str, int]):
    """`09:00` to `24:00` on the practitioner's clock; minutes after midnight within."""

    default_error_messages = {"invalid": _("Send a time of day like 09:00.")}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not CLOCK.fullmatch(data):
            self.fail("invalid")
        hour, minute = data.split(":")
        return int(hour) * 60 + int(minute)

    def to_representation(self, value: int) -> str:
        return f"{value // 60:02}:{value % 60:02}"


class Interval(Strict):
    """From `start` until `end` on the wall clock, which is later the same day."""

    start = WallTime(source="start_minute")
    end = WallTime(source="end_minute")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end_minute"] <= attrs["start_minute"]:
            raise serializers.ValidationError({"end": _("The end has to be later than the start.")}, code="reversed")
        return attrs


class WeeklyInterval(Interval):
    weekday = Count(min_value=0, max_value=6, help_text="Monday is 0")


def refuse_overlaps(intervals: list[dict[str, Any]]) -> None:
    """Raises ValidationError when two intervals of one day share a minute."""
    ordered = sorted((each.get("weekday", 0), each["start_minute"], each["end_minute"]) for each in intervals)
    for (day, _start, end), (next_day, start, _end) in pairwise(ordered):
        if day == next_day and start < end:
            raise serializers.ValidationError(_("Two of these intervals overlap."), code="overlap")


class Week(Strict):
    """A practitioner's whole week."""

    hours = serializers.ListField(child=WeeklyInterval(), max_length=100)

    def validate_hours(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refuse_overlaps(value)
        return value


def shifts_of(intervals: list[dict[str, Any]]) -> list[hours.Shift]:
    return [(each["weekday"], each["start_minute"], each["end_minute"]) for each in intervals]


class Hours(RulesView):
    @described("Weekly hours", WeeklyInterval(many=True), refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return self.shown(self.practitioner(pk))

    @described(
        "Replace the weekly hours", WeeklyInterval(many=True), takes=WeeklyInterval(many=True), refuses=(401, 403, 404)
    )
    def put(self, request: Request, pk: int) -> Response:
        practitioner = self.practitioner(pk)
        given = Week(data={"hours": request.data})
        given.is_valid(raise_exception=True)
        hours.replace_week(practitioner=practitioner, shifts=shifts_of(given.validated_data["hours"]))
        return self.shown(practitioner)

    def shown(self, practitioner: Practitioner) -> Response:
        rows = practitioner.working_hours.order_by("weekday", "start_minute")
        return Response(WeeklyInterval(rows, many=True).data)


class OtherDay(Strict):
    """The hours of one date instead of the weekly ones; no interval: a free day."""

    date = Day()
    intervals = serializers.ListField(child=Interval(), max_length=20)

    def validate_intervals(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        refuse_overlaps(value)
        return value


class Overrides(RulesView):
    permission_classes = [ManagersAndOneself]

    @described("Days that differ", OtherDay(many=True), refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return Response([self.shown(row) for row in self.practitioner(pk).overrides.order_by("date")])

    @described("Let a day differ", OtherDay, takes=OtherDay, status=201, refuses=(401, 403, 404))
    def post(self, request: Request, pk: int) -> Response:
        practitioner, day = self.practitioner(pk), self.day()
        try:
            row = hours.differ(practitioner=practitioner, **day)
        except hours.DiffersAlready as refusal:
            raise serializers.ValidationError({"date": refusal.sentence}, code="already_there") from refusal
        return Response(self.shown(row), status=201)

    @described("Let a day differ so, whatever it had", OtherDay, takes=OtherDay, refuses=(401, 403, 404))
    def put(self, request: Request, pk: int) -> Response:
        return Response(self.shown(hours.differ_instead(practitioner=self.practitioner(pk), **self.day())))

    def day(self) -> dict[str, Any]:
        given = self.given(OtherDay)
        intervals = [(each["start_minute"], each["end_minute"]) for each in given["intervals"]]
        return {"date": given["date"], "intervals": intervals}

    def shown(self, row: HoursOverride) -> Any:
        intervals = [{"start_minute": start, "end_minute": end} for start, end in row.intervals]
        return OtherDay({"date": row.date, "intervals": intervals}).data


class OverrideView(RulesView):
    permission_classes = [ManagersAndOneself]

    @described("Let a day be like the others again", None, status=204, refuses=(401, 403, 404))
    def delete(self, request: Request, pk: int, date: dt.date) -> Response:
        if not hours.as_usual(practitioner=self.practitioner(pk), date=date):
            raise Http404
        return Response(status=204)


class Reasoned(serializers.Serializer[Any]):
    start = Instant()
    practitioner = serializers.IntegerField()
    reason = serializers.CharField(help_text="`free`, or why not")


class Explained(serializers.Serializer[Any]):
    appointment_type = serializers.CharField()
    time_zone = serializers.CharField()
    starts = Reasoned(many=True)


class Explain(DeskView):
    @described("Every candidate start, free or why not", Explained, asks=SlotQuestions, refuses=(401,))
    def get(self, request: Request) -> Response:
        asked = self.asked(SlotQuestions)
        kind, zone = asked["appointment_type"], asked["time_zone"]
        decisions = slots.explain(kind=kind, **asked["window"], now=timezone.now(), language=asked.get("language", ""))
        starts = [
            {"start": shown(start, zone), "practitioner": practitioner, "reason": reason}
            for practitioner, start, reason in decisions
        ]
        return Response({"appointment_type": kind.slug, "time_zone": zone, "starts": starts})
