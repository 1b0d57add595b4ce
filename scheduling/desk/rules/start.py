"""The first hour of an empty clinic: one step after the other, to a test booking that is removed again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from scheduling import booking, first_hour
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.models import Appointment, Practitioner


@for_managers
@require_safe
def start(request: StaffRequest) -> HttpResponse:
    done = first_hour.done()
    idle = None
    if done.practitioner and not done.hours:
        idle = Practitioner.objects.active().first()
    test = first_hour.test_to_remove()
    call = Appointment.objects.current_of(test) if test else None
    answered = call is not None and call.status != Appointment.Status.PENDING
    context = {"done": done, "idle": idle, "test": test, "answered": answered}
    return render(request, "scheduling/desk/rules/start.html", context)


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
    if first_hour.test_to_remove() is not None:
        return redirect("desk-start")
    try:
        first_hour.book_a_test(by=request.user, name=_("Test booking"), now=timezone.now())
    except first_hour.NothingFree:
        messages.warning(request, _("No time is free yet: check the hours first."))
        return redirect("desk-start")
    except booking.LooksFirst:
        messages.warning(request, _("Your own address holds times already. Settle those requests first."))
        return redirect("desk-start")
    except booking.Refusal as refusal:  # somebody was faster
        messages.warning(request, str(refusal.sentence))
        return redirect("desk-start")
    messages.success(request, _("Booked. It waits in the queue like any other request."))
    return redirect("desk-start")


@for_managers
@require_POST
def remove_test(request: StaffRequest) -> HttpResponse:
    test = first_hour.test_to_remove()
    if test is None:
        raise Http404
    first_hour.remove_test(inquiry=test, by=request.user, now=timezone.now())
    messages.success(request, _("The test booking is gone; its time is free again."))
    return redirect("desk-start")
