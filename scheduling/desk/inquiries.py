"""Inquiries: the list and its search, one inquiry's page, and what staff do with it."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import intake
from inquiries.models import Inquiry, StaffMember
from scheduling import desk_forms, policy, wording
from scheduling.choosing import screening_call
from scheduling.desk.access import StaffRequest, for_everybody, for_staff
from scheduling.desk.case import case_of
from scheduling.desk.lists import PAGE_ROWS, STATUSES, FilterForm, Wanted, after, listed, place_of, sources_lately
from scheduling.matching import free_times_for
from scheduling.models import Appointment, SavedView

VIEWS_EACH, LONGEST_QUERY = 20, 4000


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def inquiries(request: StaffRequest) -> HttpResponse:
    """The list. A search is sent by POST, because what is searched for is a personal fact; it changes nothing."""
    form = desk_forms.SearchForm(request.POST if request.method == "POST" else None)
    sought = form.cleaned_data["q"].strip() if form.is_bound and form.is_valid() else ""
    wanted = Wanted.read({} if sought else request.GET)
    rows = Inquiry.objects.matching(sought) if sought else wanted.among(Inquiry.objects.admitted(), request.user)
    place = "" if sought else request.GET.get("after", "")
    shown = list(after(listed(rows), place)[: PAGE_ROWS + 1])
    sources = sources_lately()
    context = {
        "aside": Inquiry.objects.to_look_at().count(),
        "rows": shown[:PAGE_ROWS],
        "form": FilterForm(initial=wanted.facts),
        "statuses": [
            (word, wanted.with_status(code), wanted.facts.get("status", "") == code) for code, word in STATUSES.items()
        ],
        "sources": sources,
        "wanted": wanted,
        "is_narrow": bool(wanted.facts.keys() - {"status"}),
        "views": list(SavedView.objects.filter(staff_member=request.user)[:VIEWS_EACH]),
        "sought": sought,
        "is_later": bool(place),
        "older": "?" + urlencode({**wanted.facts, "after": place_of(shown[PAGE_ROWS - 1])})
        if len(shown) > PAGE_ROWS and not sought
        else "",
        "now": timezone.now(),
    }
    return render(request, "scheduling/desk/inquiries.html", context)


@for_staff
@require_POST
def keep_view(request: StaffRequest) -> HttpResponse:
    """Give the filters of the list a name; a name that is there already means these filters from now on."""
    form = desk_forms.ViewForm(request.POST)
    wanted = Wanted.read(QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]))
    own = SavedView.objects.filter(staff_member=request.user)
    if not form.is_valid():
        messages.error(request, desk_forms.first_error(form))
    elif own.exclude(name=form.cleaned_data["name"]).count() >= VIEWS_EACH:
        messages.error(request, _("You have twenty views. Remove one first."))
    else:
        kept = {"query": wanted.query}
        SavedView.objects.update_or_create(staff_member=request.user, name=form.cleaned_data["name"], defaults=kept)
        messages.success(request, _("View kept."))
    return redirect(f"{reverse('desk-inquiries')}?{wanted.query}")


@for_staff
@require_POST
def remove_view(request: StaffRequest, pk: int) -> HttpResponse:
    get_object_or_404(SavedView, pk=pk, staff_member=request.user).delete()
    messages.success(request, _("View removed."))
    return redirect("desk-inquiries")


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who could take it, as a page or as the part that the inquiry's page asks for; POST gives it to one of them."""
    row = find(request, pk)
    if request.method == "POST":
        form = desk_forms.AssignForm(request.POST)
        if not form.is_valid():
            return page(request, row, refusal=desk_forms.first_error(form), status=400)
        intake.assign(inquiry=row, to=form.cleaned_data["to"], by=request.user, now=timezone.now())
        return redirect("desk-inquiry", pk=pk)
    context = {"inquiry": row, "team": StaffMember.objects.answering().order_by("first_name", "username")}
    name = "parts/assign" if request.htmx else "assign"
    return render(request, f"scheduling/desk/{name}.html", context)


def find(request: StaffRequest, pk: UUID) -> Inquiry:
    """Raises Http404, also where it is not theirs to see."""
    return get_object_or_404(
        policy.inquiries(request.user).select_related("contact", "acknowledged_by", "assigned_to"), pk=pk
    )


@for_everybody
@require_safe
def inquiry(request: StaffRequest, pk: UUID) -> HttpResponse:
    return page(request, find(request, pk))


def page(request: StaffRequest, row: Inquiry, *, refusal: str = "", status: int = 200) -> HttpResponse:
    own = policy.appointments(request.user).filter(inquiry=row).select_related("practitioner")
    appointments = list(own.order_by("-created_at", "pk"))
    case = case_of(row, timezone.now())
    can_book = (
        not request.user.is_practitioner
        and row.status != Inquiry.Status.CLOSED
        and not _holds_time(appointments)
        and not row.set_aside
    )
    kind = screening_call() if can_book and row.preferred_windows else None
    context = {
        **case,
        "appointments": appointments,
        "can_book": can_book,
        "matching": free_times_for(inquiry=row, kind=kind, now=case["now"]) if kind else [],
        "earlier": list(policy.inquiries(request.user).of_same_person(row).select_related("contact")[:10]),
        "closings": {code: words for code, words in wording.CLOSINGS.items() if code != "erased"},
        "closed_for": wording.CLOSINGS.get(row.closed_reason, row.closed_reason),
        "refusal": refusal,
    }
    return render(request, "scheduling/desk/inquiry.html", context, status=status)


def _holds_time(appointments: list[Appointment]) -> bool:
    return any(row.status in Appointment.HOLDING for row in appointments)


def acknowledge(row: Inquiry, *, by: Any, now: dt.datetime) -> None:
    intake.acknowledge(inquiry=row, by=by, now=now)


def note(row: Inquiry, *, by: Any, now: dt.datetime, note: str) -> None:
    intake.note(inquiry=row, text=note, by=by, now=now)


def close(row: Inquiry, *, by: Any, now: dt.datetime, reason: str) -> None:
    intake.close(inquiry=row, reason=reason, by=by, now=now)


def release(row: Inquiry, *, by: Any, now: dt.datetime) -> None:
    intake.release(inquiry=row, by=by, now=now)


def reopen(row: Inquiry, *, by: Any, now: dt.datetime) -> None:
    intake.reopen(inquiry=row, by=by, now=now)


ACTIONS: dict[str, tuple[type[forms.Form], Callable[..., None], Any]] = {
    "acknowledge": (forms.Form, acknowledge, _("Acknowledged: you have taken this on.")),
    "note": (desk_forms.NoteForm, note, _("Note kept.")),
    "close": (desk_forms.CloseForm, close, _("Closed.")),
    "release": (forms.Form, release, _("It stands in the queue now, and they are told that we have it.")),
    "reopen": (forms.Form, reopen, _("Open again.")),
}
REFUSED = {
    intake.NothingToAcknowledge: _("Somebody has acknowledged this already."),
    intake.NotSetAside: _("This inquiry is not set aside any more."),
    intake.InquiryClosed: _("This inquiry is closed already."),
}


@for_everybody
@require_POST
def act(request: StaffRequest, pk: UUID, action: str) -> HttpResponse:
    """Do it and go back to where it was pressed; a refusal is said there too."""
    if request.user.is_practitioner and action != "note":
        raise PermissionDenied
    row = find(request, pk)
    form_class, do, said = ACTIONS[action]
    form = form_class(request.POST)
    if not form.is_valid():
        return page(request, row, refusal=desk_forms.first_error(form), status=400)
    try:
        do(row, by=request.user, now=timezone.now(), **form.cleaned_data)
    except tuple(REFUSED) as refusal:
        return page(request, find(request, pk), refusal=str(REFUSED[type(refusal)]), status=409)
    messages.success(request, said)
    return _back(request, row)


def _back(request: StaffRequest, row: Inquiry) -> HttpResponse:
    """To one of four known pages; never to an address that a form names."""
    where = request.POST.get("back")
    if where == "queue":
        return redirect("desk")
    if where == "aside":
        return redirect("desk-aside")
    own = Appointment.objects.current_of(row) if where == "appointment" else None
    return redirect("desk-appointment", pk=own.pk) if own else redirect("desk-inquiry", pk=row.pk)
