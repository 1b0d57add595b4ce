"""The first hour of an empty clinic: one step after the other, to a test booking that is removed again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from inquiries.models import Inquiry
from scheduling import booking, first_hour
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.models import Practitioner

TEST_KEY = "test_booking"  # the session remembers the inquiry's id; it is no personal fact


@for_managers
@require_safe
def start(request: StaffRequest) -> HttpResponse:
    done = first_hour.done()
    idle = None
    if done.practitioner and not done.hours:
        idle = Practitioner.objects.active().first()
    context = {"done": done, "idle": idle, "test": _test(request)}
    return render(request, "scheduling/desk/rules/start.html", context)


def _test(request: StaffRequest) -> Inquiry | None:
    """The test booking that is still there."""
    kept: Any = request.session.get(TEST_KEY)
    return Inquiry.objects.filter(pk=kept, erasure_requested_at=None).first() if kept else None


@for_managers
@require_POST
def make_call(request: StaffRequest) -> HttpResponse:
    names = []
    for language in ("en", "es"):
        with override(language):
            names.append(_("Screening call"))
    first_hour.make_screening_call(name=names[0], name_es=names[1])
    messages.success(request, _("Made, with the usual rules. Change them whenever you like."))
    return redirect("desk-start")


@for_managers
@require_POST
def book_test(request: StaffRequest) -> HttpResponse:
    if _test(request) is not None:
        return redirect("desk-start")
    try:
        row = first_hour.book_a_test(by=request.user, name=_("Test booking"), now=timezone.now())
    except first_hour.NothingFree:
        messages.warning(request, _("No time is free yet: check the hours first."))
        return redirect("desk-start")
    except booking.LooksFirst:
        messages.warning(request, _("Your own address holds times already. Settle those requests first."))
        return redirect("desk-start")
    except booking.Refusal as refusal:  # somebody was faster
        messages.warning(request, str(refusal.sentence))
        return redirect("desk-start")
    request.session[TEST_KEY] = str(row.inquiry_id)
    messages.success(request, _("Booked. It waits in the queue like any other request."))
    return redirect("desk-start")


@for_managers
@require_POST
def remove_test(request: StaffRequest) -> HttpResponse:
    inquiry = get_object_or_404(Inquiry, pk=request.session.get(TEST_KEY))
    first_hour.remove_test(inquiry=inquiry, by=request.user, now=timezone.now())
    del request.session[TEST_KEY]
    messages.success(request, _("The test booking is gone; its time is free again."))
    return redirect("desk-start")
