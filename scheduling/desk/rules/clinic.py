"""The clinic itself: what it is called, how it is reached, how it looks, and when it keeps public holidays."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inquiries.clinic import Clinic, change, clinic
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk.rules.clinic_form import ClinicForm, worked
from scheduling.desk.rules.public_holidays import next_holidays


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: StaffRequest) -> HttpResponse:
    kept = clinic()
    if request.method != "POST":
        return _page(request, ClinicForm(initial=_as_kept(kept)), kept)
    form = ClinicForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, kept, status=400)
    try:
        open_days = worked(request.POST.getlist("holiday"), request.POST.getlist("closed"))
    except ValueError:
        open_days = sorted(kept.worked_holidays)
    change(**form.facts(), worked_holidays=open_days)
    messages.success(request, _("Saved. It is seen everywhere within ten seconds."))
    return redirect("desk-clinic")


def _as_kept(kept: Clinic) -> dict[str, object]:
    """What the environment says of mail stays there: an empty field means that."""
    shown = ("name", "phone", "accent", "accent_dark", "holidays")
    from_row = {name: getattr(kept, name) for name in shown}
    return from_row | {"sender": kept.own_sender, "staff_email": kept.own_staff_email}


def _page(request: StaffRequest, form: ClinicForm, kept: Clinic, *, status: int = 200) -> HttpResponse:
    days = next_holidays(kept.holidays, words.clinic_date(timezone.now()))
    context = {
        "form": form,
        "kept": kept,
        "days": [(day, name, day not in kept.worked_holidays) for day, name in days],
    }
    return render(request, "scheduling/desk/rules/clinic.html", context, status=status)
