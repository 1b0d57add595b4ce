"""What was sent about an appointment, what will be, and why not; and whom mail does not reach: read by staff."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications import bounces
from notifications.models import Notification, Suppression
from scheduling import policy
from scheduling.desk.access import StaffRequest, for_everybody, for_managers, for_staff

LIMIT = 100


@for_everybody
@require_safe
def messages(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The messages to the patient, the newest first: a page, or a part of the appointment's page."""
    appointment = get_object_or_404(policy.appointments(request.user), pk=pk)
    about = Notification.objects.filter(inquiry=appointment.inquiry_id, kind__in=Notification.PATIENT_KINDS)
    rows = about.defer("body").order_by("-due_at", "-activity", "pk")[:LIMIT]
    context = {"appointment": appointment, "rows": rows, "now": timezone.now()}
    name = "part" if request.htmx else "page"
    return render(request, f"notifications/desk/messages_{name}.html", context)


@for_staff
@require_safe
def unreached(request: StaffRequest) -> HttpResponse:
    """Whom to call because mail does not reach them: a page, or a part of the queue, empty when there is nobody."""
    waiting = list(Suppression.objects.to_call()[:LIMIT])
    people = bounces.people_of(waiting)
    tasks = [(each, people[each.address_index]) for each in waiting if each.address_index in people]
    name = "part" if request.htmx else "page"
    return render(request, f"notifications/desk/unreached_{name}.html", {"tasks": tasks, "now": timezone.now()})


@for_staff
@require_POST
def called(request: StaffRequest, pk: int) -> HttpResponse:
    bounces.handle(suppression=get_object_or_404(Suppression, pk=pk), by=request.user, now=timezone.now())
    return redirect("desk-unreached")


@for_managers
@require_POST
def lift(request: StaffRequest, pk: int) -> HttpResponse:
    bounces.lift(suppression=get_object_or_404(Suppression, pk=pk), by=request.user, now=timezone.now())
    return redirect("desk-unreached")
