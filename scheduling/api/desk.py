"""The staff's view of appointments: lists, and one with how to reach the person."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.pages import CursorPages
from inquiries.api.problems import Problem
from inquiries.api.values import Choice, Instant, Strict
from inquiries.api.view import DeskView
from inquiries.models import StaffMember
from scheduling import booking, policy, slots
from scheduling.api.shapes import CallFacts, DeskAppointment, DeskAppointmentDetail, DeskCall, zone_of
from scheduling.booking.rules import STAFF_VERBS
from scheduling.models import Appointment

Reminders = Callable[[Appointment], Any]
ID_LIMIT = 2**31 - 1
PLUS_READ_AS_SPACE = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")  # in a query, where nobody escaped it
TAG = r'(?:W/)?"([^"]*)"'  # RFC 9110, section 8.8.3
TAGS = re.compile(rf"{TAG}(?:\s*,\s*{TAG})*")


@extend_schema_field({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]})
class DayOrInstant(Instant):
    """A date (its first moment in the clinic's zone) or a date-time with an offset."""

    def to_internal_value(self, data: Any) -> dt.datetime:
        if isinstance(data, str) and len(data) == len("2026-12-01"):
            data = f"{data}T00:00:00Z"
            day = super().to_internal_value(data).date()
            return slots.local_midnight(day, settings.CLINIC_TIME_ZONE)
        return super().to_internal_value(PLUS_READ_AS_SPACE.sub("+", data) if isinstance(data, str) else data)


class AppointmentQuestions(Strict):
    status = Choice(choices=Appointment.Status.choices, required=False)
    practitioner = serializers.IntegerField(min_value=1, max_value=ID_LIMIT, required=False)
    start = DayOrInstant(required=False, help_text="calls that start then or later: a date, or an instant")
    end = DayOrInstant(required=False, help_text="calls that start before: a date, or an instant")
    inquiry = serializers.UUIDField(required=False)


FILTERS = {
    "status": "status",
    "practitioner": "practitioner",
    "start": "start__gte",
    "end": "start__lt",
    "inquiry": "inquiry",
}


class AppointmentPage(serializers.Serializer[Any]):
    results = DeskAppointment(many=True)
    next = serializers.URLField(allow_null=True)


def appointments(member: StaffMember) -> QuerySet[Appointment]:
    related = ("appointment_type", "practitioner", "inquiry", "inquiry__contact")
    return policy.appointments(member).select_related(*related)


class Appointments(DeskView):
    for_practitioners = True

    @described("Appointments, the earliest first", AppointmentPage, asks=AppointmentQuestions, refuses=(401,))
    def get(self, request: Request) -> Response:
        asked = self.asked(AppointmentQuestions, also=("cursor",))
        found = appointments(self.staff_member).filter(**{FILTERS[name]: value for name, value in asked.items()})
        pages = CursorPages("start", "pk")
        rows = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response([in_list(row) for row in rows])


def in_list(row: Appointment) -> dict[str, Any]:
    return DeskAppointment(row, context={"zone": zone_of(row)}).data


class AppointmentView(DeskView):
    """One appointment; its ETag is the version, and If-Match has to name it where it is given."""

    reminders_of: Reminders | None = None
    zone = settings.CLINIC_TIME_ZONE

    def appointment(self, pk: UUID) -> Appointment:
        row = appointments(self.staff_member).filter(pk=pk).first()
        if row is None:
            raise Http404
        self.zone = zone_of(row)
        return row

    def shown(self, row: Appointment, status: int = 200) -> Response:
        """The whole appointment, in the patient's zone."""
        now, context = timezone.now(), {"zone": self.zone}
        verbs = booking.allowed_verbs(row, of=STAFF_VERBS, now=now)
        verbs = [verb for verb in verbs if policy.may(self.staff_member, verb, row)]
        facts = {
            "proposals": booking.offers_of(row, now=now),
            "kept": _kept(row),
            "reminders": self.reminders_of(row) if self.reminders_of else [],
            "actions": [verb.replace("_", "-") for verb in verbs],
        }
        data = {**DeskCall(row, context=context).data, **CallFacts(facts, context=context).data}
        return Response(data, status=status, headers={"ETag": f'"{row.version}"'})

    def expected_version(self, row: Appointment) -> int | None:
        """The version that If-Match names; None when it names none. Raises Problem, StaleVersion."""
        header = self.request.headers.get("If-Match", "*").strip()
        if header == "*":
            return None
        if not TAGS.fullmatch(header):
            raise Problem(400, "if_match_invalid", _('If-Match names a version like "3", in double quotes, or *.'))
        if str(row.version) not in re.findall(TAG, header):
            raise booking.StaleVersion(row.status, row.version)
        return row.version


def _kept(row: Appointment) -> Appointment | None:
    if row.status != Appointment.Status.PENDING:
        return None
    return row.holds.filter(status=Appointment.Status.BOOKED).first()


class AppointmentDetail(AppointmentView):
    for_practitioners = True

    @described("One appointment, with how to reach the person", DeskAppointmentDetail, refuses=(401, 404))
    def get(self, request: Request, pk: UUID) -> Response:
        self.asked()
        return self.shown(self.appointment(pk))
