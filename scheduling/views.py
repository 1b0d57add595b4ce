"""The way to a held time: the clinic's page, the contact form, and the picker."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import fields, intake, story
from inquiries.forms import ContactForm, moment_in, source_of
from inquiries.models import AccessLink, Inquiry
from inquiries.views import inquiry_of
from scheduling import booking, picker, slots
from scheduling.booking.rules import PATIENT_VERBS
from scheduling.forms import PickForm, WindowsForm, ZoneForm
from scheduling.models import Appointment, AppointmentType
from scheduling.slots import Slot

LOOK_AHEAD = dt.timedelta(days=8)
UNREADABLE = 422


def screening_call() -> AppointmentType | None:
    """What a visitor can ask for; None while the clinic offers no call."""
    return AppointmentType.objects.filter(is_active=True).order_by("pk").first()


def free(kind: AppointmentType | None, *, language: str, now: dt.datetime, ahead: dt.timedelta) -> list[Slot]:
    """The free times of those who speak the language; of everybody when those have none."""
    if kind is None:
        return []
    found = slots.offered(kind=kind, start=now, end=now + ahead, now=now, language=language).slots
    if found or not language:
        return found
    return slots.offered(kind=kind, start=now, end=now + ahead, now=now).slots


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    language = translation.get_language() or ""
    times = free(screening_call(), language=language, now=now, ahead=LOOK_AHEAD)
    facts = {
        "times": picker.a_few(times, zone=settings.CLINIC_TIME_ZONE),
        "zone": settings.CLINIC_TIME_ZONE,
        "now": now,
        "source": urlencode(source_of(request)),
    }
    return render(request, "scheduling/patient/home.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The inquiry is kept before any time is chosen, so that leaving the picker loses nobody."""
    if request.method == "POST":
        form = ContactForm(request.POST)
        if form.is_valid():
            return keep(request, form, now=timezone.now())
    else:
        form = ContactForm(initial={"start": request.GET.get("start", "")})
    start = moment_in(str(form["start"].value() or ""))
    facts = {
        "form": form,
        "start": start,
        "zone": settings.CLINIC_TIME_ZONE,
        "source": source_of(request),
        "consent_version": intake.CONSENT_TEXT_VERSION,
    }
    return render(request, "scheduling/patient/contact.html", facts, status=UNREADABLE if form.errors else 200)


def keep(request: HttpRequest, form: ContactForm, *, now: dt.datetime) -> HttpResponse:
    data = form.cleaned_data
    inquiry = intake.receive(
        person=form.person(),
        wishes=form.wishes(),
        message=data["message"],
        concerns=data["concerns"],
        source=source_of(request),
        now=now,
    )
    token = AccessLink.issue(inquiry=inquiry, now=now)
    onward = hold_remembered(inquiry, token, data["start"], now=now)
    if inquiry.is_urgent:
        held = onward == reverse("patient", args=[token])
        return redirect(reverse("help", args=[token]) + ("?held=1" if held else ""))
    return redirect(onward)


def hold_remembered(inquiry: Inquiry, token: str, start: dt.datetime | None, *, now: dt.datetime) -> str:
    """Hold the time that was chosen on the clinic's page; the address where it goes on."""
    kind = screening_call()
    to_choose = reverse("choose_time", args=[token])
    if start is None or kind is None:
        return to_choose
    try:
        booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=now)
    except booking.Refusal:
        return f"{to_choose}?{urlencode({'taken': picker.iso(start)})}"
    return reverse("patient", args=[token])


@require_http_methods(["GET", "HEAD", "POST"])
def choose_time(request: HttpRequest, token: str) -> HttpResponse:
    """The picker: a first time, or another one. A conflict is answered with the nearest free times."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    current = Appointment.objects.current_of(inquiry)
    if current and current.status in Appointment.HOLDING and not can_move(current, now):
        return redirect("patient", token)
    if request.method != "POST":
        taken = moment_in(request.GET.get("taken", ""))
        return pick_page(
            request, token, inquiry, current, now=now, wanted=taken, refusal=booking.SlotTaken if taken else None
        )
    form = PickForm(request.POST)
    if not form.is_valid():
        return pick_page(request, token, inquiry, current, now=now, form=form, status=UNREADABLE)
    start = form.cleaned_data["start"]
    try:
        hold(inquiry, current, start, zone=form.cleaned_data["zone"], now=now)
    except booking.Refusal as refusal:
        status = UNREADABLE if isinstance(refusal, booking.NotOffered) else 409
        return pick_page(request, token, inquiry, current, now=now, wanted=start, refusal=type(refusal), status=status)
    return redirect("patient", token)


def can_move(appointment: Appointment, now: dt.datetime) -> bool:
    return "ask_to_move" in booking.allowed_verbs(appointment, of=PATIENT_VERBS, now=now)


def hold(
    inquiry: Inquiry, current: Appointment | None, start: dt.datetime, *, zone: str, now: dt.datetime
) -> Appointment:
    """Hold the time: of the open appointment, which moves, or of a new one. Raises what booking raises."""
    if zone in fields.known_zones() and zone != inquiry.time_zone:
        intake.change_zone(inquiry=inquiry, time_zone=zone, by=story.PATIENT, now=now)
    if current is not None and current.status in Appointment.HOLDING:
        return booking.ask_to_move(appointment=current, start=start, now=now)
    kind = screening_call()
    if kind is None:
        raise booking.NotOffered("no_type")
    intake.reopen(inquiry=inquiry, by=story.PATIENT, now=now)
    return booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=now)


def pick_page(
    request: HttpRequest,
    token: str,
    inquiry: Inquiry,
    current: Appointment | None,
    *,
    now: dt.datetime,
    form: PickForm | None = None,
    wanted: dt.datetime | None = None,
    refusal: type[booking.Refusal] | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    zone = asked.get("zone", "")
    zone = zone if zone in fields.known_zones() else inquiry.time_zone
    everybody = "all" in asked
    kind = screening_call()
    horizon = dt.timedelta(days=kind.horizon_days if kind else 1, seconds=1)
    times = free(kind, language="" if everybody else inquiry.preferred_language, now=now, ahead=horizon)
    moving = current is not None and current.status in Appointment.HOLDING
    facts: dict[str, Any] = {
        "token": token,
        "inquiry": inquiry,
        "now": now,
        "zone": zone,
        "zone_form": ZoneForm(initial={"zone": zone}),
        "everybody": everybody,
        "week": picker.week(times, zone=zone, first=date_in(asked.get("from", ""))),
        "from": asked.get("from", ""),
        "near": picker.nearest(times, wanted, zone=zone) if wanted else [],
        "wanted": wanted,
        "refusal": refusal,
        "form": form,
        "moving": current if moving else None,
    }
    return render(request, "scheduling/patient/choose_time.html", facts, status=status)


def date_in(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def none_suits(request: HttpRequest, token: str) -> HttpResponse:
    """When a call would suit instead."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    form = WindowsForm(request.POST if request.method == "POST" else None, zone=inquiry.time_zone, now=now)
    if form.is_bound and form.is_valid():
        intake.prefer(inquiry=inquiry, windows=form.cleaned_data["windows"], by=story.PATIENT, now=now)
        return redirect("patient", token)
    facts = {"form": form, "token": token, "inquiry": inquiry, "now": now}
    return render(request, "scheduling/patient/none_suits.html", facts, status=UNREADABLE if form.errors else 200)
