"""Blocking time from the calendar: a closure of one practitioner, or of everybody, within one day."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inquiries import fields
from inquiries.forms import Cleaned
from scheduling import availability, slots
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk_forms import DayForm
from scheduling.models import Appointment, Closure, Practitioner

Clock = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class BlockForm(DayForm):
    """A stretch of one day on the clinic's clock."""

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.active(),
        label=gettext_lazy("Whose time"),
        required=False,
        empty_label=gettext_lazy("Everybody's"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the practitioners.")},
    )
    date = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    begin = forms.TimeField(label=gettext_lazy("From"), widget=Clock)
    until = forms.TimeField(label=gettext_lazy("Until"), widget=Clock)
    reason = Cleaned(
        fields.name,
        label=gettext_lazy("Why"),
        required=False,
        help_text=gettext_lazy("Colleagues read this; patients do not."),
    )

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if self.errors:
            return facts
        if facts["until"] <= facts["begin"]:
            raise ValidationError({"until": _("The end has to be later than the start.")})
        zone = settings.CLINIC_TIME_ZONE
        begin, until = (
            availability.instants(zone, facts["date"], facts[name].hour * 60 + facts[name].minute)
            for name in ("begin", "until")
        )
        for name, found in (("begin", begin), ("until", until)):
            if not found:
                raise ValidationError({name: _("The clocks skip this time on that day. Choose another.")})
        # a time that comes twice is blocked both times
        return facts | {"start": slots.instant(begin[0]), "end": slots.instant(until[-1])}


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: StaffRequest) -> HttpResponse:
    """Asks first when calls are in the way: they stay until somebody moves them."""
    asked = {"practitioner": request.GET.get("with"), "date": request.GET.get("date")}
    form = BlockForm(request.POST or None, initial=asked)
    if not (request.method == "POST" and form.is_valid()):
        status = 400 if form.is_bound else 200
        return render(request, "scheduling/desk/calendar_block.html", {"form": form}, status=status)
    facts = form.cleaned_data
    people = [facts["practitioner"]] if facts["practitioner"] else []
    rows = _in_the_way(facts["start"], facts["end"], people)
    if rows and "anyway" not in request.POST:
        return render(request, "scheduling/desk/calendar_block.html", {"form": form, "in_the_way": rows}, status=409)
    _close(start=facts["start"], end=facts["end"], reason=facts["reason"], people=people)
    messages.success(request, _("Blocked: nobody can be booked there."))
    whose = f"&with={people[0].pk}" if people else ""
    return redirect(f"{reverse('desk-calendar')}?view=day&date={facts['date']:%Y-%m-%d}{whose}")


def _in_the_way(start: dt.datetime, end: dt.datetime, people: list[Practitioner]) -> list[Appointment]:
    ids = [person.pk for person in people]
    rows = Appointment.objects.in_the_way(start=start, end=end, practitioners=ids, now=timezone.now())
    return list(rows.select_related("inquiry__contact", "practitioner").order_by("start", "pk"))


@transaction.atomic
def _close(*, start: dt.datetime, end: dt.datetime, reason: str, people: list[Practitioner]) -> None:
    Closure.objects.create(start=start, end=end, reason=reason).practitioners.set(people)
