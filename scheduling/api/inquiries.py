"""Somebody asks to be contacted, perhaps for a time: the public endpoint, and what staff's shares with it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from inquiries import intake
from inquiries.api.described import IDEMPOTENCY_KEY, described
from inquiries.api.idempotency import answer_once
from inquiries.api.shapes import InquiryRequest, received
from inquiries.api.view import ApiView
from inquiries.models import AccessLink, Inquiry
from inquiries.story import PATIENT, By
from scheduling import booking
from scheduling.api.refusals import slot_taken
from scheduling.api.shapes import KeptShape, SlotTakenShape, TimeRequest, for_patient


class InquiryWithTime(InquiryRequest):
    """An inquiry, and the time that should be held for it (none: only to be contacted)."""

    appointment = TimeRequest(required=False, allow_null=True)


def manage_url(token: str, language: str) -> str:
    """The address of the patient's own page, in their language."""
    prefix = "" if language == settings.LANGUAGE_CODE else f"/{language}"
    return f"{settings.SITE_URL}{prefix}/m/{token}/"


def keep(given: dict[str, Any], *, by: By, now: dt.datetime) -> tuple[int, dict[str, Any]]:
    """(status, body): the inquiry is kept, and its time held; when the time has gone, the inquiry is kept even so.

    Part of the caller's transaction. Raises NotOffered, and then nothing may be kept.
    """
    inquiry = intake.receive(**received(given), by=by, now=now)
    kept = {"id": str(inquiry.pk), "manage_url": _new_link(inquiry, now)}
    wanted = given.get("appointment")
    if wanted is None:
        return 201, {**kept, "status": inquiry.status, "appointment": None}
    try:
        row = booking.request(inquiry=inquiry, kind=wanted["appointment_type"], start=wanted["start"], by=by, now=now)
    except booking.SlotTaken as refusal:
        return 409, slot_taken(refusal, inquiry.time_zone, inquiry=kept).body()
    return 201, {**kept, "status": inquiry.status, "appointment": for_patient(row)}


def _new_link(inquiry: Inquiry, now: dt.datetime) -> str:
    return manage_url(AccessLink.issue(inquiry=inquiry, now=now), inquiry.preferred_language)


class Inquiries(ApiView):
    throttle_scope = "inquiry"

    @described(
        "Ask to be contacted, and hold a time",
        KeptShape,
        takes=InquiryWithTime,
        status=201,
        refuses=(409, 422),
        conflict=SlotTakenShape,
        headers=[IDEMPOTENCY_KEY],
        description="When the time has just been taken (409), the inquiry is kept all the same and can be managed.",
    )
    def post(self, request: Request) -> HttpResponse:
        now = timezone.now()

        def work() -> tuple[int, dict[str, Any]]:
            return keep(self.given(InquiryWithTime, now=now), by=PATIENT, now=now)

        return answer_once(request, scope="inquiries", work=work)
