"""Which inquiries are shown: the filters of the list, its pages, and the views that people keep of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from inquiries.models import Inquiry, InquiryQuerySet, StaffMember
from scheduling import slots
from scheduling.models import Appointment

PAGE_ROWS = 50
LATELY = 1000  # so many inquiries name the sources that can be chosen
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2200, 1, 1)
STATUSES = {"": _("All"), **dict(Inquiry.Status.choices), "urgent": _("Urgent"), "unanswered": _("Unanswered")}
ASSIGNED = {"": _("Anybody"), "me": _("Me"), "nobody": _("Nobody")}
CALLS = {"": _("With or without"), "none": _("No call")}


def sources_lately() -> list[str]:
    """The campaigns that the newest inquiries came from; one query."""
    newest = Inquiry.objects.admitted().order_by("-created_at").values_list("source__utm_source", flat=True)[:LATELY]
    return sorted({source for source in newest if source})


class FilterForm(forms.Form):
    """Each is optional; what is not understood is as if it had not been asked for."""

    status = forms.ChoiceField(choices=STATUSES.items(), required=False)
    assigned = forms.ChoiceField(label=_("Assigned to"), choices=ASSIGNED.items(), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("", _("Any")), *settings.LANGUAGES], required=False)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    call = forms.ChoiceField(label=_("Call"), choices=CALLS.items(), required=False)
    since = forms.DateField(label=_("Asked from"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def _near(self, name: str) -> dt.date | None:
        date: dt.date | None = self.cleaned_data[name]
        if date and not EARLIEST < date < LATEST:
            raise ValidationError(_("Choose a date nearer to today."))
        return date

    def clean_since(self) -> dt.date | None:
        return self._near("since")

    def clean_until(self) -> dt.date | None:
        return self._near("until")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters that were asked for, and only those."""

    facts: dict[str, Any]

    @classmethod
    def read(cls, data: Any) -> "Wanted":
        form = FilterForm(data)
        form.is_valid()
        return cls({name: form.cleaned_data[name] for name in form.fields if form.cleaned_data.get(name)})

    @property
    def query(self) -> str:
        return urlencode(self.facts)

    def with_status(self, status: str) -> str:
        """The address of the same list with another status."""
        facts = {name: fact for name, fact in self.facts.items() if name != "status"}
        return "?" + urlencode(facts | ({"status": status} if status else {}))

    def among(self, rows: InquiryQuerySet, member: StaffMember) -> InquiryQuerySet:
        """Those that the filters let through, in the eyes of that member."""
        conditions: dict[str, dict[str, Any]] = {
            "assigned": {"me": Q(assigned_to=member), "nobody": Q(assigned_to=None)},
            "call": {"none": ~Exists(Appointment.objects.filter(inquiry=OuterRef("pk")))},
        }
        for name, known in conditions.items():
            if name in self.facts:
                rows = rows.filter(known[self.facts[name]])
        if "language" in self.facts:
            rows = rows.filter(preferred_language=self.facts["language"])
        if "source" in self.facts:
            rows = rows.filter(source__utm_source=self.facts["source"])
        return self._asked_then(self._of_status(rows))

    def _of_status(self, rows: InquiryQuerySet) -> InquiryQuerySet:
        status = self.facts.get("status")
        if status == "urgent":
            return rows.urgent()
        if status == "unanswered":
            waiting = Appointment.objects.filter(inquiry=OuterRef("pk"), status=Appointment.Status.PENDING)
            return rows.filter(status__in=Inquiry.NOT_CLOSED).filter(Q(status=Inquiry.Status.NEW) | Exists(waiting))
        return rows.filter(status=status) if status else rows

    def _asked_then(self, rows: InquiryQuerySet) -> InquiryQuerySet:
        """Both days are whole days of the clinic's."""
        zone = settings.CLINIC_TIME_ZONE
        if since := self.facts.get("since"):
            rows = rows.filter(created_at__gte=slots.local_midnight(since, zone))
        if until := self.facts.get("until"):
            rows = rows.filter(created_at__lt=slots.local_midnight(until + dt.timedelta(days=1), zone))
        return rows


def listed(rows: InquiryQuerySet) -> InquiryQuerySet:
    """The newest first, each with the `state` and the `start` of its last appointment; one query."""
    last = Appointment.objects.spoken_of().filter(inquiry=OuterRef("pk")).order_by("-created_at", "pk")
    rows = rows.annotate(state=Subquery(last.values("status")[:1]), start=Subquery(last.values("start")[:1]))
    return rows.select_related("contact", "assigned_to").order_by("-created_at", "pk")


def after(rows: InquiryQuerySet, place: str) -> InquiryQuerySet:
    """The rows that follow a place in the list, as `place_of` wrote it; all where it says nothing."""
    try:
        written, key = place.rsplit("_", 1)
        moment, pk = dt.datetime.fromisoformat(written), UUID(key)
    except ValueError:
        return rows
    if moment.tzinfo is None:
        return rows
    return rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__gt=pk), created_at__lte=moment)


def place_of(row: Inquiry) -> str:
    return f"{row.created_at.isoformat()}_{row.pk}"
