"""The calls of one day, in order."""

import datetime as dt

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from scheduling import policy, slots
from scheduling.desk import words
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.desk.times import asked_day
from scheduling.models import Appointment

DAY = dt.timedelta(days=1)
Status = Appointment.Status


@for_everybody
@require_safe
def calls(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = words.clinic_date(now)
    date = asked_day(request) or today
    zone = settings.CLINIC_TIME_ZONE
    start, end = slots.local_midnight(date, zone), slots.local_midnight(date + DAY, zone)
    held = policy.appointments(request.user).filter(
        start__gte=start, start__lt=end, status__in=[Status.BOOKED, Status.FULFILLED, Status.NOSHOW]
    )
    rows = held.select_related("inquiry__contact", "practitioner").order_by("start", "practitioner", "pk")
    context = {"rows": rows, "date": date, "today": today, "before": date - DAY, "after": date + DAY, "now": now}
    return render(request, "scheduling/desk/calls.html", context)
