"""Busy times from outside calendars. Whoever reads such a calendar puts what it says here, whole, each time."""

import datetime as dt
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.values import Count, Instant, Strict
from scheduling.api.desk_rules import RulesView
from scheduling.calendars import busy
from scheduling.models import OutsideCalendar

A_WEEK_MINUTES = 7 * 24 * 60
LONGEST_COPY = 5000


class BusyShape(Strict):
    """From `start` until `end`: busy, never with what."""

    start = Instant()
    end = Instant()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": _("The end has to be later than the start.")}, code="reversed")
        return attrs


class CopyShape(Strict):
    """A whole copy; `when_stale` says what it means when no newer one comes within `stale_after_minutes`."""

    busy = serializers.ListField(child=BusyShape(), max_length=LONGEST_COPY)
    stale_after_minutes = Count(min_value=1, max_value=A_WEEK_MINUTES, default=60)
    when_stale = serializers.ChoiceField(choices=OutsideCalendar.WhenStale.choices, default="close")


class CalendarShape(serializers.Serializer[Any]):
    name = serializers.SlugField()
    read_at = Instant()
    stale_after_minutes = serializers.SerializerMethodField()
    when_stale = serializers.ChoiceField(choices=OutsideCalendar.WhenStale.choices)
    is_stale = serializers.SerializerMethodField()

    def get_stale_after_minutes(self, calendar: OutsideCalendar) -> int:
        return calendar.stale_after // dt.timedelta(minutes=1)

    def get_is_stale(self, calendar: OutsideCalendar) -> bool:
        return calendar.read_at < timezone.now() - calendar.stale_after


class Calendars(RulesView):
    @described("Outside calendars of a practitioner", CalendarShape(many=True), refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return Response(CalendarShape(self.practitioner(pk).outside_calendars.order_by("name"), many=True).data)


class CalendarView(RulesView):
    @described("Put a calendar's busy times, whole", CalendarShape, takes=CopyShape, refuses=(401, 403, 404))
    def put(self, request: Request, pk: int, name: str) -> Response:
        practitioner, given = self.practitioner(pk), self.given(CopyShape)
        calendar = busy.keep(
            practitioner=practitioner,
            name=name,
            busy=[(each["start"], each["end"]) for each in given["busy"]],
            stale_after=dt.timedelta(minutes=given["stale_after_minutes"]),
            when_stale=given["when_stale"],
            now=timezone.now(),
        )
        return Response(CalendarShape(calendar).data)

    @described("Forget an outside calendar", None, status=204, refuses=(401, 403, 404))
    def delete(self, request: Request, pk: int, name: str) -> Response:
        deleted, _rows = self.practitioner(pk).outside_calendars.filter(name=name).delete()
        if not deleted:
            raise Http404
        return Response(status=204)
