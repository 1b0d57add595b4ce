"""What a free time of the calendar is chosen for: a new caller, an inquiry without a time, or a call to be moved."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from inquiries.models import Inquiry
from scheduling.choosing import screening_call
from scheduling.desk import appointments, inquiries
from scheduling.desk.access import StaffRequest
from scheduling.models import Appointment, AppointmentType


@dataclass(frozen=True)
class Purpose:
    kind: AppointmentType | None
    inquiry: Inquiry | None = None
    moved: Appointment | None = None

    @cached_property
    def address(self) -> str:
        """Where a free time leads; what is chosen is added to it."""
        if self.moved:
            return f"{reverse('desk-calendar-time')}?move={self.moved.pk}&"
        if self.inquiry:
            return f"{reverse('desk-calendar-time')}?book={self.inquiry.pk}&"
        return f"{reverse('desk-new-inquiry')}?"


def purpose_of(request: StaffRequest) -> Purpose:
    """From `?move=` an appointment or `?book=` an inquiry; one query. Raises Http404."""
    if "move" in request.GET:
        row = appointments.find(request, _pk(request.GET["move"]))
        return Purpose(row.appointment_type, row.inquiry, row)
    if "book" in request.GET:
        return Purpose(screening_call(), inquiries.find(request, _pk(request.GET["book"])))
    return Purpose(screening_call())


def _pk(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
