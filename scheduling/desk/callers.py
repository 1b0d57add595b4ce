"""Somebody calls the clinic: write them down, then book a time while they are on the phone."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import intake
from inquiries.forms import moment_in
from inquiries.models import Inquiry
from scheduling import booking, desk_forms
from scheduling.choosing import screening_call
from scheduling.desk.access import StaffRequest, for_staff
from scheduling.desk.inquiries import find
from scheduling.desk.inquiries import page as inquiry_page
from scheduling.desk.times import choice_of_times
from scheduling.models import Practitioner
from scheduling.slots import Slot


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_inquiry(request: StaffRequest) -> HttpResponse:
    """Keeps the caller, and books the free time that was chosen on the calendar, if one was (`?start=…&with=…`)."""
    wanted, person = moment_in(request.GET.get("start", "")), _asked_for(request)
    form = desk_forms.CallerForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        status = 400 if form.is_bound else 200
        context = {"form": form, "wanted": wanted, "person": person}
        return render(request, "scheduling/desk/new_inquiry.html", context, status=status)
    message = form.cleaned_data["message"]
    kept = intake.receive(
        person=form.person(), wishes=form.wishes(), message=message, by=request.user, now=timezone.now()
    )
    if wanted is None:
        return redirect("desk-inquiry-times", pk=kept.pk)
    return _booked(request, kept, start=wanted, practitioner=person)


@for_staff
@require_safe
def inquiry_times(request: StaffRequest, pk: UUID) -> HttpResponse:
    return times_page(request, find(request, pk))


def times_page(
    request: StaffRequest,
    inquiry: Inquiry,
    *,
    refusal: str = "",
    alternatives: Sequence[Slot] = (),
    status: int = 200,
) -> HttpResponse:
    """The free times to book for a caller; says so when the clinic has nothing to book."""
    kind = screening_call()
    if kind is None:
        sentence = _("There is nothing to book: no type of call is active.")
        return inquiry_page(request, inquiry, refusal=sentence, status=409)
    choice = choice_of_times(request, inquiry=inquiry, kind=kind, now=timezone.now())
    context = {**choice, "refusal": refusal, "alternatives": alternatives}
    context["times_url"] = reverse("desk-inquiry-times", args=[inquiry.pk])
    name = "parts/times" if request.htmx else "times"
    return render(request, f"scheduling/desk/{name}.html", context, status=status)


def _asked_for(request: StaffRequest) -> Practitioner | None:
    pk = request.GET.get("with", "")
    return (
        Practitioner.objects.active().filter(pk=pk).first() if pk.isascii() and pk.isdigit() and len(pk) < 18 else None
    )


@for_staff
@require_POST
def book(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Book a time that was agreed on the phone: it is confirmed at once."""
    inquiry = find(request, pk)
    if inquiry.status == Inquiry.Status.CLOSED:
        return inquiry_page(request, inquiry, refusal=_("This inquiry is closed. Open it again first."), status=409)
    form = desk_forms.OneTimeForm(request.POST)
    if not form.is_valid():
        return times_page(request, inquiry, refusal=desk_forms.first_error(form), status=400)
    facts = form.cleaned_data
    return _booked(
        request,
        inquiry,
        start=facts["starts"][0],
        practitioner=facts["practitioner"],
        overrule=facts["overrule"],
    )


def _booked(
    request: StaffRequest,
    inquiry: Inquiry,
    *,
    start: dt.datetime,
    practitioner: Practitioner | None,
    overrule: bool = False,
) -> HttpResponse:
    """To the booked call, or to the free times with what stood in the way; the inquiry is kept in any case."""
    kind = screening_call()
    if kind is None:
        return times_page(request, inquiry)
    only = practitioner.pk if practitioner else None
    try:
        row = booking.request(
            inquiry=inquiry,
            kind=kind,
            start=start,
            practitioner=only,
            overrule=overrule,
            by=request.user,
            now=timezone.now(),
        )
    except (booking.SlotTaken, booking.NotOffered) as refusal:
        nearest = getattr(refusal, "alternatives", [])
        return times_page(request, inquiry, refusal=str(refusal.sentence), alternatives=nearest, status=409)
    except booking.Refusal as refusal:
        return inquiry_page(request, inquiry, refusal=str(refusal.sentence), status=409)
    return redirect("desk-appointment", pk=row.pk)
