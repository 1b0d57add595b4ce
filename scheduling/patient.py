"""The patient's own page: what stands, what happens next, and what they can do about it. Only POST changes anything."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import story
from inquiries.models import Activity, Inquiry
from inquiries.views import inquiry_of
from scheduling import booking, moments, picker, presenters, wording
from scheduling.booking.requests import offers_of
from scheduling.booking.rules import PATIENT_VERBS
from scheduling.calendars import download
from scheduling.models import Appointment


@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    return show(request, token, inquiry_of(token, now=now), now=now)


def show(
    request: HttpRequest, token: str, inquiry: Inquiry, *, now: dt.datetime, refusal: Any = None, status: int = 200
) -> HttpResponse:
    appointment = Appointment.objects.current_of(inquiry)
    facts: dict[str, Any] = {
        "token": token,
        "inquiry": inquiry,
        "called": inquiry.contact.called,
        "appointment": appointment,
        "zone": inquiry.time_zone,
        "clinic_zone": settings.CLINIC_TIME_ZONE,
        "refusal": refusal,
        "now": now,
    }
    if appointment is not None:
        kept, offers = kept_time(appointment), offers_of(appointment, now=now)
        facts |= {
            "state": presenters.state_of(appointment.status),
            "story": presenters.patient_story(appointment, offers=len(offers)),
            "actions": booking.allowed_verbs(appointment, of=PATIENT_VERBS, now=now),
            "offers": offers,
            "why": why_ended(appointment),
            "kept": kept,
            "keep_value": picker.iso(kept.start) if kept else "",
            "same_clock": moments.same_clock(appointment.start, inquiry.time_zone, settings.CLINIC_TIME_ZONE),
        }
    return render(request, "scheduling/patient/page.html", facts, status=status)


def why_ended(appointment: Appointment) -> Any:
    """The reason that staff gave for ending it, in words fit for the patient; '' for none."""
    if appointment.reason not in (Appointment.Reason.DECLINED, Appointment.Reason.CLINIC):
        return ""
    ended = Activity.objects.filter(appointment_id=appointment.pk, facts__has_key="why").order_by("-pk").first()
    return wording.REASONS.get(ended.facts["why"], "") if ended else ""


def kept_time(appointment: Appointment) -> Appointment | None:
    """The confirmed time that is kept while a move of it waits for an answer."""
    if appointment.status not in Appointment.UNSETTLED:
        return None
    return appointment.holds.filter(status=Appointment.Status.BOOKED).first()


Verb = Callable[..., Appointment]


def act(request: HttpRequest, token: str, verb: Verb, **facts: Any) -> HttpResponse:
    """One verb on the current appointment; a refusal is said on the page, which shows what stands now."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    appointment = Appointment.objects.current_of(inquiry)
    try:
        if appointment is None:
            raise booking.InvalidTransition("", 0)
        verb(appointment=appointment, now=now, **facts)
    except booking.Refusal as refusal:
        return show(request, token, inquiry, now=now, refusal=refusal.sentence, status=409)
    return redirect("patient", token)


@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    return act(request, token, booking.accept, proposal=request.POST.get("proposal", ""))


@require_POST
def refuse(request: HttpRequest, token: str) -> HttpResponse:
    return act(request, token, booking.refuse)


@require_POST
def confirm_attendance(request: HttpRequest, token: str) -> HttpResponse:
    return act(request, token, booking.confirm_attendance)


@require_POST
def earlier(request: HttpRequest, token: str) -> HttpResponse:
    """On the earlier-time list, or off it."""
    wanted = request.POST.get("wanted") == "yes"
    return act(request, token, booking.want_earlier, wanted=wanted, by=story.PATIENT)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Asks once, then cancels."""
    if request.method == "POST":
        return act(request, token, booking.withdraw)
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    appointment = Appointment.objects.current_of(inquiry)
    if appointment is None or "withdraw" not in booking.allowed_verbs(appointment, of=PATIENT_VERBS, now=now):
        return redirect("patient", token)
    facts = {"token": token, "appointment": appointment, "zone": inquiry.time_zone}
    return render(request, "scheduling/patient/cancel.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Says what is forgotten and what stays; then asks for it, and frees the time on the way."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    if request.method != "POST":
        return render(request, "scheduling/patient/erase.html", {"token": token})
    booking.forget(inquiry=inquiry, now=now)
    return redirect("forgotten")


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The booked call as a file that calendars take."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    appointment = Appointment.objects.current_of(inquiry)
    if appointment is None or appointment.status != Appointment.Status.BOOKED:
        return redirect("patient", token)
    content = download.event(appointment, language=inquiry.preferred_language, now=now)
    headers = {"Content-Disposition": 'attachment; filename="call.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)
