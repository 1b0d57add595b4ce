"""The ledger of all messages: what to act on, what is planned, sent, late or held back, and why."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from notifications import bounces, calling, delivery
from notifications.models import Notification
from notifications.readers import address_of, masked
from scheduling.desk import timeline
from scheduling.desk.access import StaffRequest, for_staff
from scheduling.models import Appointment, Practitioner

PAGE_ROWS = 50
MOST_COUNTED = 100
ASK_BEFORE = dt.timedelta(hours=3)
Status = Notification.Status
FILTERS = {
    "": gettext_lazy("To act on"),
    "planned": gettext_lazy("Planned"),
    "late": gettext_lazy("Late"),
    "sent": pgettext_lazy("several", "Sent"),
    "failed": pgettext_lazy("several", "Failed"),
    "suppressed": gettext_lazy("Held back"),
    "unsent": gettext_lazy("Not sent"),
}
STATUSES = {
    "planned": [Status.DUE, Status.SENDING],
    "sent": [Status.SENT],
    "failed": [Status.FAILED, Status.UNCERTAIN],
    "suppressed": [Status.SUPPRESSED],
    "unsent": [Status.SKIPPED, Status.CANCELLED],
}
NOTHING = {
    "": gettext_lazy("Everybody was reached. There is nothing to do."),
    "late": gettext_lazy("Nothing is late."),
}


def chosen_rows(chosen: str, now: dt.datetime) -> QuerySet[Notification]:
    """What is still to come starts with the next one, everything else with the newest."""
    rows = Notification.objects.defer("body").select_related(
        "inquiry__contact", "staff_member", "activity", "appointment", "calendar__practitioner"
    )
    if chosen == "":
        return rows.to_act_on(now).order_by("due_at", "pk")
    if chosen == "late":
        return rows.late(now).order_by("due_at", "pk")
    rows = rows.filter(status__in=STATUSES[chosen])
    return rows.order_by("due_at", "pk") if chosen == "planned" else rows.order_by("-due_at", "-pk")


@for_staff
@require_safe
def ledger(request: StaffRequest) -> HttpResponse:
    now, wanted = timezone.now(), request.GET.get("show", "")
    chosen, number = wanted if wanted in FILTERS else "", _page_number(request)
    found = list(chosen_rows(chosen, now)[number * PAGE_ROWS : (number + 1) * PAGE_ROWS + 1])
    names = {person.pk: person.name for person in Practitioner.objects.all()}
    refusing = bounces.suppressed_among({row.recipient_index for row in found if row.status == Status.FAILED})
    context = {
        "rows": [_as_line(row, names, refusing) for row in found[:PAGE_ROWS]],
        "filters": FILTERS,
        "chosen": chosen,
        "to_act_on": Notification.objects.to_act_on(now)[:MOST_COUNTED].count(),
        "unconfirmed": unconfirmed(now) if not chosen else [],
        "nothing": NOTHING.get(chosen, gettext_lazy("There is none.")),
        "newer": number - 1 if number else None,
        "older": number + 1 if len(found) > PAGE_ROWS else None,
        "now": now,
    }
    return render(request, "notifications/desk/ledger.html", context)


def unconfirmed(now: dt.datetime) -> list[Appointment]:
    """The calls of the next three hours of which a reminder went out and nobody said that they will be there."""
    reminded = Notification.objects.filter(appointment=OuterRef("pk"), kind=Notification.Kind.REMINDER).handed_over()
    soon = Appointment.objects.upcoming(now).filter(start__range=(now, now + ASK_BEFORE), attendance_confirmed_at=None)
    return list(soon.filter(Exists(reminded)).select_related("inquiry__contact", "practitioner")[:PAGE_ROWS])


def _page_number(request: StaffRequest) -> int:
    written = request.GET.get("page", "0")
    return min(int(written), 2000) if written.isascii() and written.isdigit() and len(written) < 5 else 0


def _as_line(row: Notification, names: dict[int, str], refusing: set[str]) -> dict[str, Any]:
    """A row with what made us write, and to whom: by name, and by a masked address who has no account here.

    What its address refuses is not sent again before a manager says that the address works.
    """
    ended = row.status == Status.FAILED or (row.status == Status.UNCERTAIN and row.try_at is None)
    return {
        "row": row,
        "because": _because(row, names),
        "to": _name_of(row),
        "can_retry": ended and row.expires_at > timezone.now() and row.recipient_index not in refusing,
    }


def _because(row: Notification, names: dict[int, str]) -> str:
    if row.kind != Notification.Kind.CALENDAR_BROKEN:
        return timeline.sentence_of(row.activity, names)
    if row.calendar is None:
        return _("An outside calendar could not be read; it has been removed since")
    return _("An outside calendar of %(name)s could not be read") % {"name": row.calendar.practitioner.name}


def _name_of(row: Notification) -> str:
    if row.is_for_patient:
        return str(row.inquiry.contact.full_name)
    return row.staff_member.display_name if row.staff_member else masked(address_of(row))


@for_staff
@require_POST
def retry(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Notification.objects.select_related("inquiry__contact"), pk=pk)
    try:
        delivery.try_again(notification=row, now=timezone.now())
    except delivery.NotRetryable:
        flash.warning(request, _("It is too late to send this again. Call instead."))
    else:
        flash.success(request, _("It is sent again within a minute."))
    return redirect("desk-ledger")


@for_staff
@require_POST
def called(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Notification, pk=pk)
    try:
        calling.called_instead(notification=row, by=request.user, now=timezone.now())
    except calling.NothingToCallAbout:
        flash.warning(request, _("Somebody has settled this already."))
    else:
        flash.success(request, _("Noted: you called instead."))
    return redirect("desk-ledger")
