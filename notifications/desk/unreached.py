"""Addresses that take no mail, and the people behind them who are called instead."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications import bounces
from notifications.models import Suppression
from scheduling.desk.access import StaffRequest, for_managers, for_staff

LIMIT = 100


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
