"""What anybody may ask: what can be booked, and when."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.shapes import LANGUAGES
from inquiries.api.values import Choice, Day, Strict, Zone, shown
from inquiries.api.view import ApiView
from scheduling import slots
from scheduling.api.refusals import times
from scheduling.api.shapes import Kind, SlotsShape, TypeShape
from scheduling.models import AppointmentType, Practitioner

DEFAULT_DAYS, MOST_DAYS = 14, 62


class AppointmentTypes(ApiView):
    throttle_scope = "slots"

    @described("What can be booked", TypeShape(many=True))
    def get(self, request: Request) -> Response:
        self.asked()
        spoken = Practitioner.objects.active().values_list("languages", flat=True)
        languages = sorted({language for of_one in spoken for language in of_one})
        kinds = AppointmentType.objects.filter(is_active=True)
        return Response([shape_of(kind, languages) for kind in kinds])


def shape_of(kind: AppointmentType, languages: list[str]) -> dict[str, Any]:
    return {
        "slug": kind.slug,
        "name": kind.name_in((get_language() or "")[:2]),
        "duration_minutes": kind.duration_minutes,
        "languages": languages,
    }


class SlotQuestions(Strict):
    """Dates are in `time_zone`, `end` exclusive."""

    default_error_messages = {
        "end_before_start": _("`end` has to be later than `start`; it is exclusive."),
        "range_too_long": _("Ask for {days} days at most."),
    }

    appointment_type = Kind()
    start = Day(required=False, help_text="today, if it is not given")
    end = Day(required=False, help_text="14 days after `start`, if it is not given; 62 at most")
    time_zone = Zone(required=False)
    language = Choice(choices=LANGUAGES, required=False, help_text="only times of practitioners who speak it")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = attrs.setdefault("time_zone", settings.CLINIC_TIME_ZONE)
        first = attrs.get("start") or slots.in_zone(timezone.now(), zone).date()
        last = attrs.get("end") or first + dt.timedelta(days=DEFAULT_DAYS)
        if last <= first:
            raise serializers.ValidationError({"end": [self._said("end_before_start")]})
        if last - first > dt.timedelta(days=MOST_DAYS):
            raise serializers.ValidationError({"end": [self._said("range_too_long", days=MOST_DAYS)]})
        window = {"start": slots.local_midnight(first, zone), "end": slots.local_midnight(last, zone)}
        return {**attrs, "window": window}

    def _said(self, code: str, **values: Any) -> serializers.ErrorDetail:
        return serializers.ErrorDetail(str(self.error_messages[code]).format(**values), code=code)


class Slots(ApiView):
    throttle_scope = "slots"

    @described("The free times", SlotsShape, asks=SlotQuestions)
    def get(self, request: Request) -> Response:
        asked = self.asked(SlotQuestions)
        kind, zone = asked["appointment_type"], asked["time_zone"]
        offer = slots.offered(kind=kind, **asked["window"], now=timezone.now(), language=asked.get("language", ""))
        return Response(
            {
                "appointment_type": kind.slug,
                "time_zone": zone,
                "slots": times(offer.slots, zone),
                "next_available": offer.next_available and shown(offer.next_available, zone),
            }
        )
