"""Hours: the week of a practitioner or of the office, days that differ, and the calls that a change leaves outside."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduling import hours
from scheduling.availability import Diary
from scheduling.desk.access import StaffRequest, for_managers
from scheduling.desk.rules.keeping import are_kept
from scheduling.desk.rules.week_form import OtherDayForm, WeekForm, monday_for_all
from scheduling.models import Appointment, Closure, Practitioner
from scheduling.moments import local


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def week(request: StaffRequest, pk: int) -> HttpResponse:
    """A practitioner's week; days that differ and time off are on the same page."""
    person = get_object_or_404(Practitioner, pk=pk)
    now, before = timezone.now(), hours.diary_of(person)
    if request.method != "POST":
        return _page(request, person, before)
    if "copy" in request.POST:
        return _page(request, person, before, form=WeekForm(monday_for_all(request.POST), week={}))
    form = WeekForm(request.POST, week=before.hours)
    if not form.is_valid():
        return _page(request, person, before, form=form, status=400)
    after = replace(before, hours=hours.by_weekday(form.cleaned_data["shifts"]))
    left = hours.left_outside(before=before, after=after, now=now)
    if not are_kept(request, left):
        return _page(request, person, before, form=form, left=left, status=409)
    hours.replace_week(practitioner=person, shifts=form.cleaned_data["shifts"])
    messages.success(request, _("Hours saved."))
    return redirect("desk-hours", pk=pk)


@for_managers
@require_POST
def differ(request: StaffRequest, pk: int) -> HttpResponse:
    """Other hours on one date, or a free day."""
    person = get_object_or_404(Practitioner, pk=pk)
    before, form = hours.diary_of(person), OtherDayForm(request.POST)
    if not form.is_valid():
        return _page(request, person, before, other=form, status=400)
    date, intervals = form.cleaned_data["date"], form.cleaned_data["intervals"]
    if date in before.overrides:
        form.add_error("date", str(hours.DiffersAlready.sentence))
        return _page(request, person, before, other=form, status=400)
    after = replace(before, overrides={**before.overrides, date: intervals})
    left = hours.left_outside(before=before, after=after, now=timezone.now())
    if not are_kept(request, left):
        return _page(request, person, before, other=form, other_left=left, status=409)
    try:
        hours.differ(practitioner=person, date=date, intervals=intervals)
    except hours.DiffersAlready as refusal:  # somebody else was faster
        form.add_error("date", str(refusal.sentence))
        return _page(request, person, before, other=form, status=400)
    messages.success(request, _("Saved: this day differs."))
    return redirect("desk-hours", pk=pk)


@for_managers
@require_POST
def as_usual(request: StaffRequest, pk: int, date: dt.date) -> HttpResponse:
    """The day has the weekly hours again."""
    person = get_object_or_404(Practitioner, pk=pk)
    before = hours.diary_of(person)
    after = replace(before, overrides={day: each for day, each in before.overrides.items() if day != date})
    left = hours.left_outside(before=before, after=after, now=timezone.now())
    if not are_kept(request, left):
        return _page(request, person, before, undone=date, undone_left=left, status=409)
    if hours.as_usual(practitioner=person, date=date):
        messages.success(request, _("This day is like the others again."))
    return redirect("desk-hours", pk=pk)


def _page(
    request: StaffRequest,
    person: Practitioner,
    diary: Diary,
    *,
    form: WeekForm | None = None,
    other: OtherDayForm | None = None,
    status: int = 200,
    **lists: Any,
) -> HttpResponse:
    now = timezone.now()
    today = local(now, person.time_zone).date()
    away = Closure.objects.filter(practitioners=person, end__gt=now).order_by("start", "pk")
    context = {
        "person": person,
        "form": form or WeekForm(week=diary.hours),
        "other": other or OtherDayForm(),
        "overrides": sorted((day, each) for day, each in diary.overrides.items() if day >= today),
        "away": away,
        **lists,
    }
    return render(request, "scheduling/desk/rules/hours.html", context, status=status)


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def office(request: StaffRequest) -> HttpResponse:
    """The hours in which promises are counted."""
    before = hours.diary_of(None)
    if request.method != "POST":
        return _office_page(request, WeekForm(week=before.hours))
    if "copy" in request.POST:
        return _office_page(request, WeekForm(monday_for_all(request.POST), week={}))
    form = WeekForm(request.POST, week=before.hours)
    if not form.is_valid():
        return _office_page(request, form, status=400)
    if not form.cleaned_data["shifts"]:
        form.add_error(None, _("Enter at least one interval: without any, no promise could ever be kept."))
        return _office_page(request, form, status=400)
    after = replace(before, hours=hours.by_weekday(form.cleaned_data["shifts"]))
    left = hours.promised_outside(before=before, after=after, now=timezone.now())
    if not are_kept(request, left):
        return _office_page(request, form, left=left, status=409)
    hours.replace_week(practitioner=None, shifts=form.cleaned_data["shifts"])
    messages.success(request, _("Office hours saved."))
    return redirect("desk-office-hours")


def _office_page(
    request: StaffRequest, form: WeekForm, *, left: list[Appointment] | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "scheduling/desk/rules/office.html", {"form": form, "left": left}, status=status)
