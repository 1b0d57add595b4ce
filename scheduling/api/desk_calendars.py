"""Outside calendars: one that we read at an address, or one whose busy times a program puts here, whole, each time."""

import datetime as dt
from typing import Any

from django.db.models import Count as CountOf
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.problems import Problem, invalid, problem_of
from inquiries.api.values import Choice, Count, Flag, Instant, Strict, Text
from scheduling.api.desk_rules import RulesView
from scheduling.calendars import busy, reading
from scheduling.models import CalendarSource, OutsideCalendar

A_WEEK_MINUTES = 7 * 24 * 60
LONGEST_COPY, LONGEST_SECRET = 5000, 1000


@problem_of.register
def _not_read(refusal: reading.NotRead, view: View | None) -> Problem:
    sentence = _("It can't be read: %(why)s.") % {"why": refusal.why.label}
    return invalid({"url": [{"code": refusal.why.value, "message": sentence}]})


@problem_of.register
def _name_taken(refusal: reading.NameTaken, view: View | None) -> Problem:
    sentence = _("There is a calendar of that name already. Choose another name.")
    return invalid({"name": [{"code": refusal.code, "message": sentence}]})


@problem_of.register
def _being_read(refusal: reading.BeingRead, view: View | None) -> Problem:
    return Problem(409, refusal.code, _("It is being read just now. Look again in a moment."))


@problem_of.register
def _read_by_us(refusal: busy.ReadByUs, view: View | None) -> Problem:
    return Problem(409, refusal.code, _("This calendar is read at its address: nobody else puts its times here."))


class BusyShape(Strict):
    """From `start` until `end`: busy, never with what."""

    start = Instant()
    end = Instant()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            sentence = gettext_lazy("The end has to be later than the start.")
            raise serializers.ValidationError({"end": sentence}, code="reversed")
        return attrs


class CopyShape(Strict):
    """A whole copy; `when_stale` says what it means when no newer one comes within `stale_after_minutes`."""

    busy = serializers.ListField(child=BusyShape(), max_length=LONGEST_COPY)
    stale_after_minutes = Count(min_value=1, max_value=A_WEEK_MINUTES, default=60)
    when_stale = serializers.ChoiceField(choices=OutsideCalendar.WhenStale.choices, default="close")


class NewCalendarShape(Strict):
    """Where a calendar is read: an iCalendar `feed`, or a `caldav` collection with `username` and `password`."""

    name = serializers.SlugField(max_length=40)
    form = Choice(choices=CalendarSource.Form.choices)
    url = Text(max_length=LONGEST_SECRET, write_only=True)
    username = Text(max_length=200, required=False, allow_blank=True, default="", write_only=True)
    password = serializers.CharField(
        max_length=LONGEST_SECRET, required=False, allow_blank=True, default="", trim_whitespace=False, write_only=True
    )
    stale_after_minutes = Count(min_value=10, max_value=A_WEEK_MINUTES, default=60)
    when_stale = Choice(choices=OutsideCalendar.WhenStale.choices, default="close")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["form"] == CalendarSource.Form.CALDAV and not attrs["username"]:
            raise serializers.ValidationError({"username": gettext_lazy("Enter the user name.")}, code="required")
        return attrs


class ChangeShape(Strict):
    """A paused calendar is not read, and closes nothing."""

    is_paused = Flag()


class CalendarShape(serializers.Serializer[Any]):
    """`form` and `address` are empty where a program puts the busy times here; of an address only the host is shown.

    `why` says by a code why it can't be read since `broken_since`.
    """

    name = serializers.SlugField()
    form = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    read_at = Instant()
    busy_times = serializers.SerializerMethodField()
    stale_after_minutes = serializers.SerializerMethodField()
    when_stale = serializers.ChoiceField(choices=OutsideCalendar.WhenStale.choices)
    is_paused = serializers.BooleanField()
    is_stale = serializers.SerializerMethodField()
    broken_since = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    def get_form(self, calendar: OutsideCalendar) -> str:
        return str(_fact(calendar, "form", ""))

    def get_address(self, calendar: OutsideCalendar) -> str:
        url = _fact(calendar, "url", None)
        return reading.masked(url.reveal()) if url else ""

    def get_busy_times(self, calendar: OutsideCalendar) -> int:
        return int(vars(calendar)["times"])

    def get_stale_after_minutes(self, calendar: OutsideCalendar) -> int:
        return calendar.stale_after // dt.timedelta(minutes=1)

    def get_is_stale(self, calendar: OutsideCalendar) -> bool:
        return calendar.is_stale(timezone.now())

    def get_broken_since(self, calendar: OutsideCalendar) -> dt.datetime | None:
        since: dt.datetime | None = _fact(calendar, "broken_since", None)
        return since

    def get_why(self, calendar: OutsideCalendar) -> str:
        return str(_fact(calendar, "why", ""))


def _fact(calendar: OutsideCalendar, name: str, otherwise: Any) -> Any:
    """Of the source, where there is one."""
    return getattr(getattr(calendar, "source", None), name, otherwise)


class CalendarsView(RulesView):
    def rows(self, pk: int) -> QuerySet[OutsideCalendar]:
        rows = self.practitioner(pk).outside_calendars.select_related("source")
        return rows.annotate(times=CountOf("busy_times")).order_by("name")

    def calendar(self, pk: int, name: str) -> OutsideCalendar:
        row = self.rows(pk).filter(name=name).first()
        if row is None:
            raise Http404
        return row

    def shown(self, pk: int, name: str, status: int = 200) -> Response:
        return Response(CalendarShape(self.calendar(pk, name)).data, status=status)


class Calendars(CalendarsView):
    @described("Outside calendars of a practitioner", CalendarShape(many=True), refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return Response(CalendarShape(self.rows(pk), many=True).data)

    @described(
        "Read a calendar, again and again",
        CalendarShape,
        takes=NewCalendarShape,
        status=201,
        refuses=(401, 403, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        practitioner, given = self.practitioner(pk), self.given(NewCalendarShape)
        given["stale_after"] = dt.timedelta(minutes=given.pop("stale_after_minutes"))
        reading.add(practitioner=practitioner, by=self.staff_member, now=timezone.now(), **given)
        return self.shown(pk, given["name"], 201)


class CalendarView(CalendarsView):
    @described("Put a calendar's busy times, whole", CalendarShape, takes=CopyShape, refuses=(401, 403, 404, 409))
    def put(self, request: Request, pk: int, name: str) -> Response:
        practitioner, given = self.practitioner(pk), self.given(CopyShape)
        busy.keep(
            practitioner=practitioner,
            name=name,
            busy=[(each["start"], each["end"]) for each in given["busy"]],
            stale_after=dt.timedelta(minutes=given["stale_after_minutes"]),
            when_stale=given["when_stale"],
            now=timezone.now(),
        )
        return self.shown(pk, name)

    @described("Pause a calendar, or let it go on", CalendarShape, takes=ChangeShape, refuses=(401, 403, 404))
    def patch(self, request: Request, pk: int, name: str) -> Response:
        calendar, given = self.calendar(pk, name), self.given(ChangeShape)
        reading.set_paused(calendar=calendar, paused=given["is_paused"], now=timezone.now())
        return self.shown(pk, name)

    @described("Forget an outside calendar", None, status=204, refuses=(401, 403, 404))
    def delete(self, request: Request, pk: int, name: str) -> Response:
        self.calendar(pk, name).delete()
        return Response(status=204)


class CalendarTest(CalendarsView):
    @described("Read a calendar now", CalendarShape, refuses=(401, 403, 404, 409))
    def post(self, request: Request, pk: int, name: str) -> Response:
        """What it came to is in the answer: `broken_since` and `why`, or none."""
        calendar = self.calendar(pk, name)
        try:
            reading.read_now(calendar=calendar, now=timezone.now())
        except CalendarSource.DoesNotExist as error:
            raise Http404 from error
        except reading.NotRead:
            pass
        return self.shown(pk, name)
