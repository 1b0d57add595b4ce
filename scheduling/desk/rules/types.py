"""Appointment types: every rule of one, in plain words."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk.rules.type_form import TypeForm
from scheduling.kinds import set_rules
from scheduling.models import AppointmentType


@for_managers
@require_safe
def listed(request: StaffRequest) -> HttpResponse:
    rows = AppointmentType.objects.order_by("-is_active", "name", "pk")
    return render(request, "scheduling/desk/rules/types.html", {"rows": rows})


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, slug: str) -> HttpResponse:
    kind = get_object_or_404(AppointmentType, slug=slug)
    form = TypeForm(request.POST if request.method == "POST" else None, kind=kind)
    if not (form.is_bound and form.is_valid()):
        status = 400 if form.is_bound else 200
        return render(request, "scheduling/desk/rules/type.html", {"form": form, "kind": kind}, status=status)
    set_rules(kind=kind, **form.rules())
    messages.success(request, _("Saved. Booked calls stay as they are."))
    return redirect("desk-type", slug=slug)
