"""What is set aside as perhaps a program's: staff say whether a person sent it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inquiries import intake
from inquiries.models import Inquiry
from scheduling.desk.access import StaffRequest, for_staff

LIMIT = 100


@for_staff
@require_safe
def aside(request: StaffRequest) -> HttpResponse:
    """Who needs help today first; closing all at once leaves those out."""
    waiting = Inquiry.objects.to_look_at()
    context = {"rows": waiting.select_related("contact")[:LIMIT], "count": waiting.count(), "now": timezone.now()}
    return render(request, "scheduling/desk/aside.html", context)


@for_staff
@require_POST
def close_chosen(request: StaffRequest) -> HttpResponse:
    """Close as spam what is ticked (`chosen`), or what the page has shown (`shown`), by the button pressed."""
    ids = _ids(request.POST.getlist("shown" if "all" in request.POST else "chosen"))
    closed = 0
    for inquiry in Inquiry.objects.to_look_at().filter(pk__in=ids):
        try:
            intake.close(inquiry=inquiry, reason="spam", by=request.user, now=timezone.now())
        except intake.InquiryClosed:
            continue
        closed += 1
    if closed:
        messages.success(request, ngettext("%(n)d closed.", "%(n)d closed.", closed) % {"n": closed})
    else:
        messages.warning(request, _("Choose the inquiries to close first."))
    return redirect("desk-aside")


def _ids(texts: list[str]) -> list[UUID]:
    """Whatever cannot be read was not chosen by a person."""
    found = []
    for text in texts[:LIMIT]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
