"""Closures and time off: close, see who is in the way, offer them other times with one press, open again."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduling import closing, closures, wording
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_staff
from scheduling.desk.rules.closure_form import ApplyForm, ClosureForm
from scheduling.desk.times import asked_day
from scheduling.models import Appointment, Closure

PAST_SHOWN = 20


@for_staff
@require_safe
def listed(request: StaffRequest) -> HttpResponse:
    """Those to come and under way, then the last that are over."""
    now = timezone.now()
    rows = Closure.objects.prefetch_related("practitioners").select_related("applied_by")
    coming = list(rows.filter(end__gt=now).order_by("start", "pk"))
    past = list(rows.filter(end__lte=now).order_by("-start", "pk")[:PAST_SHOWN])
    waiting = closing.in_the_way_of_each(coming, now)
    context = {
        "coming": [(row, waiting.get(row.pk, 0)) for row in coming],
        "past": past,
        "now": now,
    }
    return render(request, "scheduling/desk/rules/closures.html", context)


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The form; with `look` who would be moved by it, and with `apply` or `close` the closure itself."""
    now = timezone.now()
    if request.method != "POST":
        return _form_page(request, ClosureForm(initial=_asked_for(request, now)))
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    if not {"apply", "close"} & request.POST.keys():
        return _form_page(request, form, affected=closures.preview(**form.span(), now=now))
    row = closing.close(**form.span(), reason=form.cleaned_data["reason"])
    if "apply" in request.POST:
        closures.apply(closure=row, text=form.cleaned_data["text"], by=request.user, now=now)
    messages.success(request, _("Closed. No new call is booked there."))
    return redirect("desk-closure", pk=row.pk)


def _asked_for(request: StaffRequest, now: dt.datetime) -> dict[str, Any]:
    """A day and a practitioner that another page asks for; today otherwise."""
    day = asked_day(request) or words.clinic_date(now)
    person = request.GET.get("practitioner", "")
    people = {"practitioners": [person]} if person.isascii() and person.isdigit() else {}
    return {"from_date": day, "until_date": day, **people}


def _form_page(
    request: StaffRequest, form: ClosureForm, *, affected: list[closures.Affected] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "affected": affected,
        "unreachable": [each for each in affected or [] if not each.appointment.inquiry.reachable_by_email],
        "hopeless": [each for each in affected or [] if not each.offered],
        "said": _said(form.cleaned_data["text"], affected[0].appointment) if affected else [],
        "now": timezone.now(),
    }
    return render(request, "scheduling/desk/rules/new_closure.html", context, status=status)


def _said(text: str, example: Appointment) -> list[tuple[str, str]]:
    """(language, what the mail opens with) for a call, in each language that mails are written in."""
    found = []
    for code in ("en", "es"):
        with translation.override(code):
            when = words.short(example.start)
            sentence = _("%(why)s, so we cannot call you (%(time)s). We are sorry. We are holding other times for you.")
            found.append((code, sentence % {"why": wording.CLOSURE_TEXTS[text], "time": when}))
    return found


def find(pk: int) -> Closure:
    rows = Closure.objects.select_related("applied_by").prefetch_related("practitioners")
    return get_object_or_404(rows, pk=pk)


@for_staff
@require_safe
def closure(request: StaffRequest, pk: int) -> HttpResponse:
    return page(request, find(pk))


def page(request: StaffRequest, row: Closure, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """What it has done so far, who is still in its way, and whom to call because no mail reaches them."""
    now = timezone.now()
    moved, waiting = closing.moved_by(row), closing.in_the_way_of_each([row], now).get(row.pk, 0)
    proposed, booked = Appointment.Status.PROPOSED, Appointment.Status.BOOKED
    unsettled = (proposed, Appointment.Status.CANCELLED)
    context = {
        "closure": row,
        "moved": moved,
        "waiting": waiting,
        "total": waiting + len(moved),
        "to_call": [each for each in moved if not each.can_be_written_to and each.appointment.status in unsettled],
        "answered": sum(each.appointment.status == booked for each in moved),
        "open_offers": sum(each.appointment.status == proposed for each in moved),
        "cancelled": [each for each in moved if not each.offered],
        "texts": wording.CLOSURE_TEXTS,
        "said": wording.CLOSURE_TEXTS.get(row.text, ""),
        "refusal": refusal,
        "now": now,
    }
    name = "parts/progress" if request.htmx else "closure"
    return render(request, f"scheduling/desk/rules/{name}.html", context, status=status)


@for_staff
@require_POST
def apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Offer other times to all who are in the way; pressed twice, everybody is told once."""
    row, form = find(pk), ApplyForm(request.POST)
    if not form.is_valid():
        return page(request, row, refusal=str(form.errors["text"][0]), status=400)
    closures.apply(closure=row, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
    return redirect("desk-closure", pk=row.pk)


@for_staff
@require_POST
def open_again(request: StaffRequest, pk: int) -> HttpResponse:
    closing.open_again(closure=find(pk))
    messages.success(request, _("Open again. Calls that were moved stay where they are."))
    return redirect("desk-closures")
