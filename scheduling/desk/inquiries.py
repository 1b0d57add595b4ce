"""Inquiries: the list and its search, one inquiry's page, and what staff do with it."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries import intake
from inquiries.models import Inquiry
from scheduling import desk_forms, policy, wording
from scheduling.choosing import screening_call
from scheduling.desk.access import StaffRequest, for_everybody, for_staff
from scheduling.desk.case import case_of
from scheduling.matching import free_times_for
from scheduling.models import Appointment

PAGE_ROWS = 50
FILTERS = {
    "": _("All"),
    Inquiry.Status.NEW: _("New"),
    Inquiry.Status.OPEN: _("Open"),
    Inquiry.Status.CLOSED: _("Closed"),
    "urgent": _("Urgent"),
}


@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def inquiries(request: StaffRequest) -> HttpResponse:
    """The list. A search is sent by POST, because what is searched for is a personal fact; it changes nothing."""
    form = desk_forms.SearchForm(request.POST if request.method == "POST" else None)
    sought = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    wanted = request.GET.get("status", "")
    chosen = wanted if wanted in FILTERS else ""
    number = _page_number(request)
    rows = list(listed(sought, chosen)[number * PAGE_ROWS : (number + 1) * PAGE_ROWS + 1])
    context = {
        "aside": Inquiry.objects.to_look_at().count(),
        "rows": rows[:PAGE_ROWS],
        "filters": FILTERS,
        "chosen": chosen,
        "sought": sought,
        "newer": number - 1 if number else None,
        "older": number + 1 if len(rows) > PAGE_ROWS and not sought else None,
        "now": timezone.now(),
    }
    return render(request, "scheduling/desk/inquiries.html", context)


def _page_number(request: StaffRequest) -> int:
    written = request.GET.get("page", "0")
    return min(int(written), 2000) if written.isascii() and written.isdigit() and len(written) < 5 else 0


def listed(sought: str, chosen: str) -> QuerySet[Inquiry]:
    """The newest first, each with the `state` and the `start` of its last appointment; one query."""
    rows = Inquiry.objects.matching(sought) if sought.strip() else Inquiry.objects.admitted()
    if chosen == "urgent":
        rows = rows.urgent()
    elif chosen:
        rows = rows.filter(status=chosen)
    last = Appointment.objects.spoken_of().filter(inquiry=OuterRef("pk")).order_by("-created_at", "pk")
    rows = rows.annotate(state=Subquery(last.values("status")[:1]), start=Subquery(last.values("start")[:1]))
    return rows.select_related("contact").order_by("-created_at", "pk")


def find(request: StaffRequest, pk: UUID) -> Inquiry:
    """Raises Http404, also where it is not theirs to see."""
    return get_object_or_404(policy.inquiries(request.user).select_related("contact", "acknowledged_by"), pk=pk)


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
