"""Somebody asks to be contacted, perhaps for a time: the public endpoint, and what staff's shares with it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from inquiries import intake, suspicion
from inquiries.api.described import IDEMPOTENCY_KEY, described
from inquiries.api.idempotency import answer_once
from inquiries.api.shapes import InquiryRequest, received
from inquiries.api.throttles import spend, visitor_of
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


def keep(given: dict[str, Any], *, by: By, now: dt.datetime, set_aside: str = "") -> tuple[int, dict[str, Any]]:
    """(status, body): the inquiry is kept, and its time held; when the time has gone, the inquiry is kept even so.

    What is set aside holds no time. Part of the caller's transaction. Raises NotOffered, and then nothing may be kept.
    """
    inquiry = intake.receive(**received(given), set_aside=set_aside, by=by, now=now)
    kept = {"id": str(inquiry.pk), "manage_url": _new_link(inquiry, now)}
    wanted = given.get("appointment")
    if wanted is None or set_aside:
        return 201, {**kept, "status": inquiry.status, "appointment": None}
    try:
        row = booking.request(inquiry=inquiry, kind=wanted["appointment_type"], start=wanted["start"], by=by, now=now)
    except booking.LooksFirst:
        return 201, {**kept, "status": inquiry.status, "appointment": None}
    except booking.SlotTaken as refusal:
        return 409, slot_taken(refusal, inquiry.time_zone, inquiry=kept).body()
    return 201, {**kept, "status": inquiry.status, "appointment": for_patient(row)}


def _new_link(inquiry: Inquiry, now: dt.datetime) -> str:
    return manage_url(AccessLink.issue(inquiry=inquiry, now=now), inquiry.preferred_language)


def reason_to_look_first(given: dict[str, Any], visitor: str, *, now: dt.datetime) -> str:
    """Why the inquiry is to be set aside, '' for nothing; a program has no form that could tell more."""
    person = received(given)["person"]
    if suspicion.asks_often(person):
        return Inquiry.SetAside.OFTEN
    if given.get("appointment") is None:
        return ""
    if booking.holds_enough(person, now=now):
        return Inquiry.SetAside.HOLDS_ENOUGH
    return Inquiry.SetAside.SOURCE if spend("hold", visitor) else ""


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
        description="When the time has just been taken (409), the inquiry is kept all the same and can be managed. "
        "Where one person or one source holds or asks for much already, no time is held (`appointment` is null), and "
        "staff look first.",
    )
    def post(self, request: Request) -> HttpResponse:
        now = timezone.now()

        def work() -> tuple[int, dict[str, Any]]:
            given = self.given(InquiryWithTime, now=now)
            why = reason_to_look_first(given, visitor_of(request), now=now)
            return keep(given, by=PATIENT, now=now, set_aside=why)

        return answer_once(request, scope="inquiries", work=work)
