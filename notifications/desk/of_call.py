"""What was sent about an appointment, what will be, and why not."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.models import Notification
from scheduling import policy
from scheduling.desk.access import StaffRequest, for_everybody

LIMIT = 100


@for_everybody
@require_safe
def messages(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The messages to the patient, the newest first: a page, or a part of the appointment's page."""
    appointment = get_object_or_404(policy.appointments(request.user), pk=pk)
    about = Notification.objects.filter(inquiry=appointment.inquiry_id, kind__in=Notification.PATIENT_KINDS)
    rows = list(about.defer("body").select_related("activity").order_by("-due_at", "-activity", "pk")[:LIMIT])
    context = {
        "appointment": appointment,
        "rows": [row for row in rows if not is_moot(row)],
        "folded": [row for row in rows if is_moot(row)],
        "now": timezone.now(),
    }
    name = "part" if request.htmx else "page"
    return render(request, f"notifications/desk/messages_{name}.html", context)


def is_moot(row: Notification) -> bool:
    """Neither sent nor to be sent, and nobody needs to do anything about it."""
    to_call = row.reason in (Notification.Reason.NO_EMAIL, Notification.Reason.EMAIL_NOT_WANTED)
    ended = row.status in (Notification.Status.CANCELLED, Notification.Status.SKIPPED)
    return ended and not (to_call and row.kind in Notification.NEWS)
