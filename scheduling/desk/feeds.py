"""The addresses under which practitioners read their calls in a calendar program of their own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheduling.calendars import feeds as calendar_feeds
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.models import Practitioner, PractitionerQuerySet


def within_reach(request: StaffRequest) -> PractitionerQuerySet:
    """Whose feeds this person may open and close: a manager everybody's, others their own."""
    people = Practitioner.objects.active()
    return people if request.user.is_manager else people.filter(staff_member=request.user)


@for_everybody
@require_safe
def feeds(request: StaffRequest) -> HttpResponse:
    return _page(request)


@for_everybody
@require_POST
def open_feed(request: StaffRequest, pk: int) -> HttpResponse:
    """The answer is the only page that ever shows the address."""
    practitioner = get_object_or_404(within_reach(request), pk=pk)
    token = calendar_feeds.open_feed(practitioner=practitioner, by=request.user, now=timezone.now())
    return _page(request, opened=pk, address=calendar_feeds.address_of(token))


@for_everybody
@require_POST
def close_feed(request: StaffRequest, pk: int) -> HttpResponse:
    practitioner = get_object_or_404(within_reach(request), pk=pk)
    calendar_feeds.close_feed(practitioner=practitioner)
    messages.success(request, _("The address no longer works."))
    return redirect("desk-feeds")


def _page(request: StaffRequest, *, opened: int | None = None, address: str = "") -> HttpResponse:
    rows = within_reach(request).select_related("feed__created_by")
    return render(request, "scheduling/desk/feeds.html", {"rows": rows, "opened": opened, "address": address})
