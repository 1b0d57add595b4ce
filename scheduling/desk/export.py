"""Inquiries as a file for a spreadsheet. A manager says why; who, when, why and how many is kept for good."""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from uuid import UUID

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from inquiries import fields
from inquiries.forms import Cleaned
from inquiries.models import Inquiry, StaffMember
from scheduling import desk_forms
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk.lists import Wanted, listed
from scheduling.models import Export
from scheduling.moments import local

SHOWN = 50
AT_ONCE = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    *("reference", "asked_at", "status", "closed_reason", "language", "given_name", "family_name", "email", "phone"),
    *("reach_by", "voicemail_ok", "discreet", "needs_help_today", "source", "assigned_to", "last_call", "last_call_at"),
)


class ExportForm(forms.Form):
    reason = Cleaned(
        fields.message,
        label=_("Why do you need this file?"),
        help_text=_("Kept for good, and seen by all managers. Name nobody."),
        error_messages={"required": _("Say what the file is for.")},
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if len(reason) > 200:
            raise forms.ValidationError(_("Use 200 characters at most."))
        return " ".join(reason.split())


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: StaffRequest) -> HttpResponseBase:
    """Says how many rows the filters of the address let through, and asks why; POST sends them."""
    wanted = Wanted.read(request.GET)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        chosen = note_export(wanted, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
        return file_of(chosen)
    context = {
        "form": form,
        "refusal": desk_forms.first_error(form) if form.is_bound else "",
        "count": wanted.among(Inquiry.objects.admitted(), request.user).count(),
        "query": wanted.query,
        "rows": Export.objects.select_related("by")[:SHOWN],
        "now": timezone.now(),
    }
    return render(request, "scheduling/desk/export.html", context, status=400 if form.is_bound else 200)


@transaction.atomic
def note_export(wanted: Wanted, *, by: StaffMember, reason: str, now: dt.datetime) -> list[UUID]:
    """The inquiries that leave, once it is written down that they do."""
    rows = wanted.among(Inquiry.objects.admitted(), by).order_by("-created_at", "pk")
    chosen = list(rows.values_list("pk", flat=True))
    Export.objects.create(at=now, by=by, reason=reason, query=wanted.query, count=len(chosen))
    return chosen


def file_of(chosen: Sequence[UUID]) -> StreamingHttpResponse:
    content = {"Content-Disposition": 'attachment; filename="inquiries.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines(chosen), content_type="text/csv; charset=utf-8", headers=content)


class Echo:
    """What `csv` writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def lines(chosen: Sequence[UUID]) -> Iterator[str]:
    """The file, line by line, a mark first that tells Excel it is UTF-8; the rows are read some hundred at a time."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for first in range(0, len(chosen), AT_ONCE):
        keys = chosen[first : first + AT_ONCE]
        found = {row.pk: row for row in listed(Inquiry.objects.filter(pk__in=keys))}
        for key in keys:
            if key in found:
                yield writer.writerow([neutral(cell) for cell in cells(found[key])])


def cells(row: Inquiry) -> list[str]:
    contact = row.contact
    last = vars(row)
    return [
        *(row.reference, _moment(row.created_at), row.status, row.closed_reason, row.preferred_language),
        *(contact.given_name.reveal(), contact.family_name.reveal(), contact.email.reveal(), contact.phone.reveal()),
        *(" ".join(row.contact_by), _yes(row.voicemail_ok), _yes(row.discreet), row.needs_help_now),
        *(row.source.get("utm_source", ""), row.assigned_to.display_name if row.assigned_to else ""),
        *(last["state"] or "", _moment(last["start"])),
    ]


def _moment(moment: dt.datetime | None) -> str:
    """On the clinic's clock, with its offset."""
    return local(moment, settings.CLINIC_TIME_ZONE).isoformat(sep=" ", timespec="minutes") if moment else ""


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection).

    >>> neutral("=1+1"), neutral("+13055550123"), neutral(" @x"), neutral("Ana")
    ("'=1+1", "'+13055550123", "' @x", 'Ana')
    """
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell
