"""Settings: what can be set, in plain words."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scheduling.desk.access import StaffRequest, for_staff


@for_staff
@require_safe
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "scheduling/desk/rules/index.html")
