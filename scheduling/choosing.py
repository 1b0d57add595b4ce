"""The picker: a person chooses a time, or says when one would suit. It works from week to week without a script."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from inquiries import fields, intake, story
from inquiries.api.throttles import spend, visitor_of
from inquiries.forms import USABLE_YEARS, moment_in
from inquiries.models import Inquiry
from inquiries.views import inquiry_of
from scheduling import booking, picker
from scheduling.booking.rules import PATIENT_VERBS
from scheduling.forms import PickForm, WindowsForm, ZoneForm
from scheduling.models import Appointment, AppointmentType
from scheduling.slots import Slot, offered

UNREADABLE = 422
CONFLICT = 409


def screening_call() -> AppointmentType | None:
    """What a visitor can ask for; None while the clinic offers no call."""
    return AppointmentType.objects.filter(is_active=True).order_by("pk").first()


def free(kind: AppointmentType | None, *, language: str, now: dt.datetime, ahead: dt.timedelta) -> list[Slot]:
    """The free times of those who speak the language; of everybody when those have none."""
    if kind is None:
        return []
    found = offered(kind=kind, start=now, end=now + ahead, now=now, language=language).slots
    if found or not language:
        return found
    return offered(kind=kind, start=now, end=now + ahead, now=now).slots


@dataclass
class Visit:
    """One request of one patient to the picker."""

    request: HttpRequest
    token: str
    now: dt.datetime

    @cached_property
    def inquiry(self) -> Inquiry:
        return inquiry_of(self.token, now=self.now)

    @cached_property
    def open(self) -> Appointment | None:
        """Their appointment that holds time, if there is one: choosing then moves it."""
        own = Appointment.objects.spoken_of().holding_time().filter(inquiry=self.inquiry)
        return own.select_related("appointment_type", "inquiry__contact").first()

    @property
    def asked(self) -> QueryDict:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @property
    def zone(self) -> str:
        """The clock that they read: as asked for on this page, else as they told us."""
        asked = self.asked.get("zone", "")
        return asked if asked in fields.known_zones() else self.inquiry.time_zone

    def may_choose(self) -> bool:
        return self.open is None or "ask_to_move" in booking.allowed_verbs(self.open, of=PATIENT_VERBS, now=self.now)

    def has(self, start: dt.datetime) -> bool:
        """Whether this very time is held for them already: the button was pressed twice."""
        return self.open is not None and self.open.start == start


@require_http_methods(["GET", "HEAD", "POST"])
def choose_time(request: HttpRequest, token: str) -> HttpResponse:
    """The free times; POST holds one. A conflict is answered with the nearest free times, and nothing is lost."""
    visit = Visit(request, token, timezone.now())
    if visit.inquiry.set_aside or not visit.may_choose():
        return redirect("patient", token)
    if request.method == "POST":
        return hold_chosen(visit)
    taken = moment_in(request.GET.get("taken", ""))
    return render_picker(visit, wanted=taken, refusal=booking.SlotTaken.sentence if taken else "")


def hold_chosen(visit: Visit) -> HttpResponse:
    form = PickForm(visit.request.POST)
    if not form.is_valid():
        return render_picker(visit, errors=form.errors["start"], status=UNREADABLE)
    start = form.cleaned_data["start"]
    try:
        hold(visit, start)
    except booking.Refusal as refusal:
        del visit.open
        if visit.has(start):
            return redirect("patient", visit.token)
        status = UNREADABLE if isinstance(refusal, booking.NotOffered) else CONFLICT
        return render_picker(visit, wanted=start, refusal=refusal.sentence, status=status)
    return redirect("patient", visit.token)


def hold(visit: Visit, start: dt.datetime) -> Appointment:
    """Hold the time: of the open appointment, which moves, or of a new one; the clock that it was chosen on is theirs.

    Raises what booking raises, and then no clock is changed.
    """
    inquiry, now = visit.inquiry, visit.now
    if visit.open is not None:
        book: Callable[..., Appointment] = partial(booking.ask_to_move, appointment=visit.open)
    else:
        book = partial(booking.request, inquiry=inquiry, kind=_let_ask_anew(visit), by=story.PATIENT)
    with transaction.atomic():
        held = book(start=start, time_zone=visit.zone, now=now)
        if visit.zone != inquiry.time_zone:  # last: who books locks diaries and calls before the inquiry
            intake.change_zone(inquiry=inquiry, time_zone=visit.zone, by=story.PATIENT, now=now)
    return held


def _let_ask_anew(visit: Visit) -> AppointmentType:
    """What they may ask for, their inquiry open again. Raises NotOffered, LooksFirst."""
    kind = screening_call()
    if kind is None:
        raise booking.NotOffered("no_type")
    if spend("hold", visitor_of(visit.request)):
        raise booking.LooksFirst
    intake.reopen(inquiry=visit.inquiry, by=story.PATIENT, now=visit.now)
    return kind


def render_picker(
    visit: Visit,
    *,
    wanted: dt.datetime | None = None,
    refusal: Any = "",
    errors: Any = (),
    status: int = 200,
) -> HttpResponse:
    everybody = "all" in visit.asked
    kind = screening_call()
    horizon = dt.timedelta(days=kind.horizon_days if kind else 1, seconds=1)
    language = "" if everybody else visit.inquiry.preferred_language
    times = free(kind, language=language, now=visit.now, ahead=horizon)
    first = date_in(visit.asked.get("from", ""))
    facts = {
        "token": visit.token,
        "inquiry": visit.inquiry,
        "moving": visit.open,
        "now": visit.now,
        "minutes": kind.duration_minutes if kind else 0,
        "zone": visit.zone,
        "zone_form": ZoneForm(initial={"zone": visit.zone}),
        "everybody": everybody,
        "same": urlencode({"zone": visit.zone, **({"all": 1} if everybody else {})}),
        "first": first,
        "week": picker.week(times, zone=visit.zone, first=first),
        "near": picker.nearest(times, wanted, zone=visit.zone) if wanted else [],
        "wanted": wanted,
        "refusal": refusal,
        "errors": errors,
    }
    return render(visit.request, "scheduling/patient/choose_time.html", facts, status=status)


def date_in(text: str) -> dt.date | None:
    """The day of an ISO 8601 text; None for anything else, which is then simply not used."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in USABLE_YEARS else None


@require_http_methods(["GET", "HEAD", "POST"])
def none_suits(request: HttpRequest, token: str) -> HttpResponse:
    """When a call would suit instead."""
    now = timezone.now()
    inquiry = inquiry_of(token, now=now)
    form = WindowsForm(request.POST if request.method == "POST" else None, zone=inquiry.time_zone, now=now)
    if form.is_bound and form.is_valid():
        intake.prefer(inquiry=inquiry, windows=form.cleaned_data["windows"], by=story.PATIENT, now=now)
        return redirect("patient", token)
    facts = {"form": form, "token": token}
    return render(request, "scheduling/patient/none_suits.html", facts, status=UNREADABLE if form.errors else 200)
