"""The way in: the contact form."""

import datetime as dt
import logging
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inquiries import intake, story, suspicion
from inquiries.api.throttles import spend, visitor_of
from inquiries.forms import ContactForm, moment_in, source_of
from inquiries.models import AccessLink, Inquiry
from inquiries.once import once
from scheduling import booking, picker
from scheduling.choosing import UNREADABLE, screening_call

UNAVAILABLE = 503
logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The inquiry is kept before any time is chosen, so that leaving the picker loses nobody."""
    if request.method == "POST":
        form = ContactForm(request.POST)
        if spend("inquiry", visitor_of(request)):
            form.add_error(None, _("Too many requests. Try again in a minute."))
            return render_contact(request, form, status=429)
        if form.is_valid():
            return receive(request, form)
    else:
        form = ContactForm(initial={"start": request.GET.get("start", "")})
    return render_contact(request, form, status=UNREADABLE if form.errors else 200)


def receive(request: HttpRequest, form: ContactForm) -> HttpResponse:
    """Keep what was sent; while PostgreSQL does not answer, the form comes back as it was filled in."""
    key = form.sent_as()
    why = suspicion.of_form(key=form.cleaned_data["form_key"], proof=form.cleaned_data["proof"], person=form.person())
    try:
        return redirect(once(key, lambda: keep(request, form, why)) if key else keep(request, form, why))
    except (OperationalError, InterfaceError):
        logger.exception("an inquiry could not be kept")
        form.add_error(None, _("We could not keep this just now. Send it again in a minute, or call us."))
        return render_contact(request, form, status=UNAVAILABLE)


def render_contact(request: HttpRequest, form: ContactForm, *, status: int) -> HttpResponse:
    start = moment_in(str(form["start"].value() or ""))
    facts = {
        "form": form,
        "start": start,
        "zone": settings.CLINIC_TIME_ZONE,
        "source": source_of(request),
        "bits": 0 if settings.PROOF_OF_WORK == "never" else suspicion.PROOF_BITS,
        "flood": suspicion.is_flood(),
        "consent_version": intake.CONSENT_TEXT_VERSION,
        "urgent": status == UNAVAILABLE and form["needs_help_now"].value() == Inquiry.NeedsHelp.YES,
    }
    return render(request, "scheduling/patient/contact.html", facts, status=status)


@transaction.atomic
def keep(request: HttpRequest, form: ContactForm, why: str) -> str:
    """Keep the inquiry, then hold the time that was chosen before, if any; the address where it goes on.

    With a reason `why` a program may have sent it, it is set aside.
    """
    now, data = timezone.now(), form.cleaned_data
    why = why or reason_to_look_first(request, form, now=now)
    inquiry = intake.receive(
        person=form.person(),
        wishes=form.wishes(),
        message=data["message"],
        concerns=data["concerns"],
        source=source_of(request),
        choosing=True,
        set_aside=why,
        now=now,
    )
    if why:
        return reverse("received") + ("?now=1" if inquiry.needs_help_now == Inquiry.NeedsHelp.YES else "")
    token = AccessLink.issue(inquiry=inquiry, now=now)
    onward = hold_remembered(inquiry, token, data["start"], now=now)
    if inquiry.is_urgent:
        held = onward == reverse("patient", args=[token])
        return reverse("help", args=[token]) + ("?held=1" if held else "")
    return onward


def reason_to_look_first(request: HttpRequest, form: ContactForm, *, now: dt.datetime) -> str:
    """What only the database knows, and whether the place has held enough; '' for nothing."""
    if suspicion.is_flood() and not suspicion.claim(form.cleaned_data["form_key"]):
        return Inquiry.SetAside.UNPROVEN
    if booking.holds_enough(form.person(), now=now):
        return Inquiry.SetAside.HOLDS_ENOUGH
    return Inquiry.SetAside.SOURCE if form.cleaned_data["start"] and spend("hold", visitor_of(request)) else ""


def hold_remembered(inquiry: Inquiry, token: str, start: dt.datetime | None, *, now: dt.datetime) -> str:
    """Hold the time that was chosen on the clinic's page; the address where it goes on."""
    kind = screening_call()
    to_choose = reverse("choose_time", args=[token])
    if start is None or kind is None:
        return to_choose
    try:
        booking.request(inquiry=inquiry, kind=kind, start=start, by=story.PATIENT, now=now)
    except booking.LooksFirst:
        return reverse("patient", args=[token])
    except booking.Refusal:
        return f"{to_choose}?{urlencode({'taken': picker.iso(start)})}"
    return reverse("patient", args=[token])
