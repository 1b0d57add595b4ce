"""The outside calendars of a practitioner: read at an address or put here by a program, and how that goes."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from scheduling import policy
from scheduling.calendars import reading
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.models import CalendarSource, OutsideCalendar, Practitioner

SHORTEST_MINUTES, LONGEST_MINUTES, LONGEST_SECRET = 10, 7 * 24 * 60, 1000
UNUSABLE = 400
SECRET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class SourceForm(forms.Form):
    """Where a calendar is read, and what it means when it no longer can be."""

    name = forms.CharField(
        label=gettext_lazy("What to call it"),
        max_length=40,
        help_text=gettext_lazy("Such as “google” or “private”. Staff see it."),
        error_messages={"required": gettext_lazy("Enter a short name.")},
    )
    form = forms.ChoiceField(label=gettext_lazy("How it is read"), choices=CalendarSource.Form.choices)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_SECRET,
        help_text=gettext_lazy(
            "Google: Settings, “Secret address in iCal format”. Outlook: Shared calendars, Publish, the ICS link. "
            "Apple: a public calendar's address. It is kept sealed and never shown again."
        ),
        widget=forms.TextInput({"type": "url", **SECRET}),
        error_messages={"required": gettext_lazy("Enter the address.")},
    )
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=200, required=False, widget=forms.TextInput(SECRET)
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=LONGEST_SECRET,
        required=False,
        strip=False,
        help_text=gettext_lazy("For CalDAV. Make one for this program alone, where your calendar offers that."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    stale_after_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes without an answer that are too long"),
        initial=60,
        min_value=SHORTEST_MINUTES,
        max_value=LONGEST_MINUTES,
        help_text=gettext_lazy("It is read every five minutes."),
    )
    when_stale = forms.ChoiceField(
        label=gettext_lazy("What happens then"), choices=OutsideCalendar.WhenStale.choices, initial="close"
    )

    def clean_name(self) -> str:
        name: str = slugify(self.cleaned_data["name"])
        if not name:
            raise ValidationError(_("Use letters or digits."))
        return name

    def clean(self) -> dict[str, Any]:
        known: dict[str, Any] = super().clean() or {}
        if known.get("form") == CalendarSource.Form.CALDAV and not known.get("username"):
            self.add_error("username", _("Enter the user name."))
        return known


def may_change(request: StaffRequest, person: Practitioner) -> bool:
    return request.user.is_manager or person.staff_member_id == request.user.pk


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def outside(request: StaffRequest, pk: int) -> HttpResponse:
    """The list and the form. What is added is read at once, and kept only if it can be."""
    person = get_object_or_404(policy.practitioners(request.user), pk=pk)
    form = SourceForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, person, form)
    if not may_change(request, person):
        raise Http404
    if not form.is_valid() or not _added(request, person, form):
        return _page(request, person, form, status=UNUSABLE)
    return redirect("desk-outside", pk=pk)


def _added(request: StaffRequest, person: Practitioner, form: SourceForm) -> bool:
    facts = dict(form.cleaned_data)
    facts["stale_after"] = dt.timedelta(minutes=facts.pop("stale_after_minutes"))
    try:
        calendar = reading.add(practitioner=person, by=request.user, now=timezone.now(), **facts)
    except reading.NameTaken:
        form.add_error("name", _("There is a calendar of that name already. Choose another name."))
    except reading.NotRead as refusal:
        form.add_error("url", _("It can't be read: %(why)s.") % {"why": refusal.why.label})
    else:
        messages.success(request, _said(calendar))
        return True
    return False


def _said(calendar: OutsideCalendar) -> str:
    count = calendar.busy_times.count()
    sentence = ngettext("It works: %(count)s busy time was read.", "It works: %(count)s busy times were read.", count)
    return sentence % {"count": count}


@for_everybody
@require_POST
def act(request: StaffRequest, pk: int, calendar: int, action: str) -> HttpResponse:
    person = get_object_or_404(policy.practitioners(request.user), pk=pk)
    row = person.outside_calendars.filter(pk=calendar).first() if may_change(request, person) else None
    if row is None:
        raise Http404
    if action == "test":
        _test(request, row)
    elif action == "remove":
        row.delete()
        messages.success(request, _("Removed. It closes no time any more."))
    else:
        reading.set_paused(calendar=row, paused=action == "pause", now=timezone.now())
    return redirect("desk-outside", pk=pk)


def _test(request: StaffRequest, row: OutsideCalendar) -> None:
    try:
        reading.read_now(calendar=row, now=timezone.now())
    except reading.BeingRead:
        messages.warning(request, _("It is being read just now. Look again in a moment."))
    except reading.NotRead as refusal:
        messages.error(request, _("It can't be read: %(why)s.") % {"why": refusal.why.label})
    except CalendarSource.DoesNotExist as error:
        raise Http404 from error
    else:
        messages.success(request, _said(row))


def _page(request: StaffRequest, person: Practitioner, form: SourceForm, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    rows = person.outside_calendars.select_related("source").annotate(times=Count("busy_times")).order_by("name")
    context = {
        "person": person,
        "rows": [_as_line(row, now) for row in rows],
        "form": form,
        "may_change": may_change(request, person),
        "now": now,
    }
    return render(request, "scheduling/desk/rules/outside.html", context, status=status)


def _as_line(row: OutsideCalendar, now: dt.datetime) -> dict[str, Any]:
    source = getattr(row, "source", None)
    return {
        "row": row,
        "source": source,
        "address": reading.masked(source.url.reveal()) if source else "",
        "is_stale": row.is_stale(now),
    }
