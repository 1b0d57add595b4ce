"""What is asked in every call, as managers write it: in both languages, in the order of the numbers."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inquiries.privacy import clean_text
from scheduling.checklist import LineText, rewrite
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.models import ChecklistLine

LONGEST = 200
NEW = "new"


@dataclass(frozen=True, slots=True)
class Row:
    """A line on the page; `key` is its id, or `new`."""

    key: str
    place: int
    text_en: str = ""
    text_es: str = ""
    wrong: str = ""


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: StaffRequest) -> HttpResponse:
    lines = list(ChecklistLine.objects.in_use())
    if request.method != "POST":
        rows = [Row(str(line.pk), place, line.text_en, line.text_es) for place, line in enumerate(lines, start=1)]
        return _page(request, [*rows, Row(NEW, len(rows) + 1)])
    rows = [_row(request.POST, key) for key in [*(str(line.pk) for line in lines), NEW]]
    if any(row.wrong for row in rows):
        return _page(request, rows, status=400)
    wanted = [row for row in rows if row.text_en and f"remove-{row.key}" not in request.POST]
    ordered = sorted(wanted, key=lambda row: row.place)
    texts = [LineText(None if row.key == NEW else int(row.key), row.text_en, row.text_es) for row in ordered]
    rewrite(lines=texts, now=timezone.now())
    messages.success(request, _("Saved. Every call shows it from now on."))
    return redirect("desk-checklist")


def _row(sent: QueryDict, key: str) -> Row:
    text_en, text_es = (clean_text(sent.get(f"{language}-{key}", "")) for language in ("en", "es"))
    place = sent.get(f"place-{key}", "")
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 999
    return Row(key, number, text_en, text_es, _wrong(sent, key, text_en, text_es))


def _wrong(sent: QueryDict, key: str, *texts: str) -> Any:
    if f"remove-{key}" in sent or (key == NEW and not any(texts)):
        return ""
    if not all(texts):
        return _("Write the line in both languages, or remove it.")
    return _("Use 200 characters at most.") if max(map(len, texts)) > LONGEST else ""


def _page(request: StaffRequest, rows: list[Row], *, status: int = 200) -> HttpResponse:
    return render(request, "scheduling/desk/rules/checklist.html", {"rows": rows}, status=status)
