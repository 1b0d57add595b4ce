"""Closures over HTTP, for all staff: closing keeps new calls away; applying offers other times to who is booked."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.values import Instant, Strict, Text
from inquiries.api.view import DeskView
from inquiries.fields import name
from scheduling import closing, closures, wording
from scheduling.api.desk import ID_LIMIT, DayOrInstant
from scheduling.models import Closure, Practitioner


class ClosureShape(Strict):
    """The clinic, or some practitioners of it, is closed; nobody who is booked is told by this."""

    id = serializers.IntegerField(read_only=True)
    start = DayOrInstant(help_text="a date (its first moment in the clinic's zone), or an instant")
    end = DayOrInstant(help_text="exclusive")
    reason = Text(clean=name, default="", allow_blank=True)
    practitioners = serializers.PrimaryKeyRelatedField(
        many=True, queryset=Practitioner.objects.all(), required=False, help_text="none: everybody"
    )

    text = serializers.CharField(read_only=True, help_text="what those whose calls it moved were told")
    applied_at = Instant(read_only=True, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": _("The end has to be later than the start.")}, code="reversed")
        return attrs


class Closures(DeskView):
    @described("When the clinic is closed", ClosureShape(many=True), refuses=(401,))
    def get(self, request: Request) -> Response:
        self.asked()
        rows = Closure.objects.filter(end__gt=timezone.now()).prefetch_related("practitioners").order_by("start", "pk")
        return Response(ClosureShape(rows, many=True).data)

    @described("Close the clinic, or some of it", ClosureShape, takes=ClosureShape, status=201, refuses=(401,))
    def post(self, request: Request) -> Response:
        given = self.given(ClosureShape)
        people = given.pop("practitioners", [])
        row = closing.close(**given, practitioners=people)
        return Response(ClosureShape(row).data, status=201)


class AffectedShape(serializers.Serializer[Any]):
    appointment = serializers.UUIDField(source="appointment.pk")
    inquiry = serializers.UUIDField(source="appointment.inquiry_id")
    status = serializers.CharField(source="appointment.status")
    practitioner = serializers.IntegerField(source="appointment.practitioner_id")
    start = Instant(source="appointment.start")
    has_email = serializers.BooleanField(source="appointment.inquiry.contact.email_index")
    offered = serializers.ListField(child=Instant(), help_text="the starts that would be held; none: cancelled")


class Preview(DeskView):
    @described("Whom a closure would move", AffectedShape(many=True), takes=ClosureShape, refuses=(401,))
    def post(self, request: Request) -> Response:
        given = self.given(ClosureShape)
        people = given.get("practitioners", [])
        found = closures.preview(start=given["start"], end=given["end"], practitioners=people, now=timezone.now())
        return Response(AffectedShape(found, many=True).data)


class ApplyShape(Strict):
    text = serializers.ChoiceField(
        choices=[*wording.CLOSURE_TEXTS], default=wording.OTHER, help_text="what they are told"
    )


class AppliedShape(serializers.Serializer[Any]):
    """What this run did; a second run finds nobody in the way, and does nothing."""

    displaced = serializers.ListField(child=serializers.UUIDField(), help_text="appointments offered other times")
    cancelled = serializers.ListField(child=serializers.UUIDField(), help_text="those for whom nothing was free")
    applied_at = Instant()
    text = serializers.CharField()


def the_closure(pk: int) -> Closure:
    found = Closure.objects.filter(pk=pk).first() if pk <= ID_LIMIT else None
    if found is None:
        raise Http404
    return found


class Apply(DeskView):
    @described("Offer other times to all who are in the way", AppliedShape, takes=ApplyShape, refuses=(401, 404))
    def post(self, request: Request, pk: int) -> Response:
        closure, text = the_closure(pk), self.given(ApplyShape)["text"]
        done = closures.apply(closure=closure, text=text, by=self.staff_member, now=timezone.now())
        shape = {
            "displaced": [row.pk for row in done.displaced],
            "cancelled": [row.pk for row in done.cancelled],
            "applied_at": closure.applied_at,
            "text": closure.text,
        }
        return Response(AppliedShape(shape).data)


class ClosureView(DeskView):
    @described("One closure", ClosureShape, refuses=(401, 404))
    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        return Response(ClosureShape(the_closure(pk)).data)

    @described("Open again", None, status=204, refuses=(401, 404))
    def delete(self, request: Request, pk: int) -> Response:
        closing.open_again(closure=the_closure(pk))
        return Response(status=204)
