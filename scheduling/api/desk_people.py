"""Practitioners and the office over HTTP: who takes calls, and what a change of hours would leave outside."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.values import Choices, Flag, Instant, Strict, Text, Zone
from inquiries.fields import name
from inquiries.models import StaffMember
from scheduling import hours, staffing
from scheduling.api.desk_rules import RulesView, Week, WeeklyInterval, shifts_of
from scheduling.models import Practitioner, WorkingHours


class Account(serializers.SlugRelatedField[StaffMember]):
    """The username of a staff account that is no other practitioner's."""

    default_error_messages = {"does_not_exist": _("Choose an account that is nobody else's.")}

    def __init__(self, **facts: Any) -> None:
        super().__init__(slug_field="username", queryset=StaffMember.objects.filter(is_active=True), **facts)

    def get_queryset(self) -> Any:
        person = self.context.get("person")
        free = Q(practitioner=None) | Q(practitioner=person) if person else Q(practitioner=None)
        return StaffMember.objects.filter(free, is_active=True)


class PractitionerShape(Strict):
    id = serializers.IntegerField(read_only=True)
    name = Text(clean=name)
    languages = Choices([code for code, _name in settings.LANGUAGES], allow_empty=False, min_length=1)
    time_zone = Zone()
    is_active = Flag(default=True)
    staff_member = Account(allow_null=True, default=None, help_text="a username")


class Practitioners(RulesView):
    @described("Who takes screening calls", PractitionerShape(many=True), refuses=(401,))
    def get(self, request: Request) -> Response:
        self.asked()
        rows = Practitioner.objects.select_related("staff_member").order_by("pk")
        return Response(PractitionerShape(rows, many=True).data)

    @described(
        "Somebody new, without hours yet", PractitionerShape, takes=PractitionerShape, status=201, refuses=(401, 403)
    )
    def post(self, request: Request) -> Response:
        person = staffing.add(**self.given(PractitionerShape))
        return Response(PractitionerShape(person).data, status=201)


class PractitionerView(RulesView):
    @described("One of them", PractitionerShape, refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return Response(PractitionerShape(self.practitioner(pk)).data)

    @described("Change some of it", PractitionerShape, takes=PractitionerShape(partial=True), refuses=(401, 403, 404))
    def patch(self, request: Request, pk: int) -> Response:
        person = self.practitioner(pk)
        given = PractitionerShape(data=request.data, partial=True, context={"person": person})
        given.is_valid(raise_exception=True)
        return Response(PractitionerShape(staffing.change(practitioner=person, **given.validated_data)).data)


class LeftShape(serializers.Serializer[Any]):
    """A call, or a time held for one, that the hours would no longer cover."""

    appointment = serializers.SerializerMethodField()
    inquiry = serializers.UUIDField(source="inquiry_id")
    status = serializers.CharField()
    start = Instant()

    def get_appointment(self, row: Any) -> str:
        return str(row.held_for_id or row.pk)


def given_week(request: Request) -> list[hours.Shift]:
    """Raises ValidationError."""
    given = Week(data={"hours": request.data})
    given.is_valid(raise_exception=True)
    return shifts_of(given.validated_data["hours"])


class HoursPreview(RulesView):
    @described(
        "Which calls other hours would leave outside",
        LeftShape(many=True),
        takes=WeeklyInterval(many=True),
        refuses=(401, 403, 404),
    )
    def post(self, request: Request, pk: int) -> Response:
        before = hours.diary_of(self.practitioner(pk))
        after = replace(before, hours=hours.by_weekday(given_week(request)))
        left = hours.left_outside(before=before, after=after, now=timezone.now())
        return Response(LeftShape(left, many=True).data)


class OfficeHours(RulesView):
    @described("The hours in which promises are counted", WeeklyInterval(many=True), refuses=(401,))
    def get(self, request: Request) -> Response:
        self.asked()
        return self.shown()

    @described("Replace them", WeeklyInterval(many=True), takes=WeeklyInterval(many=True), refuses=(401, 403))
    def put(self, request: Request) -> Response:
        hours.replace_week(practitioner=None, shifts=given_week(request))
        return self.shown()

    def shown(self) -> Response:
        rows = WorkingHours.objects.filter(practitioner=None).order_by("weekday", "start_minute")
        return Response(WeeklyInterval(rows, many=True).data)
