"""Addresses that take no mail, and the people behind them who are called instead; staff's own too."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inquiries.models import Inquiry
from notifications import bounces
from notifications.models import Suppression
from notifications.standing import SuppressionQuerySet
from scheduling.desk.access import StaffRequest, for_managers, for_staff

LIMIT = 100


@for_staff
@require_safe
def unreached(request: StaffRequest) -> HttpResponse:
    """Whom to call because mail does not reach them: a page, or a part of the queue, empty when there is nobody."""
    waiting, called_already = Suppression.objects.to_call(), Suppression.objects.called_already()
    name = "part" if request.htmx else "page"
    context = {
        "tasks": _with_people(waiting),
        "settled": [] if request.htmx else _with_people(called_already),
        "now": timezone.now(),
    }
    return render(request, f"notifications/desk/unreached_{name}.html", context)


def _with_people(found: SuppressionQuerySet) -> list[tuple[Suppression, list[Inquiry], str]]:
    """With the people who gave the address, and the address itself where it is one of staff; not what is nobody's."""
    ours = bounces.our_own()
    rows = list(bounces.of_somebody(found, ours=ours)[:LIMIT])
    people = bounces.people_of(rows)
    return [(each, people.get(each.address_index, []), ours.get(each.address_index, "")) for each in rows]


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
