"""The doors of the API. What a floor above knows about an appointment comes in as a function."""

import datetime as dt

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from scheduling.api import (
    desk,
    desk_calendars,
    desk_closures,
    desk_inquiries,
    desk_people,
    desk_rules,
    desk_verbs,
    inquiries,
    manage,
    public,
)
from scheduling.api import refusals as refusals  # registers the engine's refusals


class DateConverter(StringConverter):
    """A date like 2026-12-01."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:  # type: ignore[override]
        return dt.date.fromisoformat(value)


register_converter(DateConverter, "api_date")

VERBS = {
    "confirm": desk_verbs.Confirm,
    "decline": desk_verbs.Decline,
    "propose": desk_verbs.Propose,
    "cancel": desk_verbs.CancelCall,
    "reschedule": desk_verbs.RescheduleCall,
    "reassign": desk_verbs.Reassign,
    "complete": desk_verbs.Complete,
    "no-show": desk_verbs.NoShow,
    "call-back": desk_verbs.CallBack,
    "want-earlier": desk_verbs.WantEarlier,
    "undo": desk_verbs.Undo,
}
OF_INQUIRIES = {
    "book": desk_inquiries.Book,
    "notes": desk_inquiries.Notes,
    "acknowledge": desk_inquiries.Acknowledge,
    "close": desk_inquiries.Close,
}
OF_PATIENTS = {
    "appointment": manage.ManageAppointment,
    "cancel": manage.Cancel,
    "reschedule": manage.Reschedule,
    "accept": manage.Accept,
    "refuse": manage.Refuse,
    "confirm-attendance": manage.ConfirmAttendance,
    "earlier": manage.Earlier,
    "erase": manage.Erase,
}


def doors(*, reminders_of: desk.Reminders) -> list[URLPattern]:
    """`reminders_of` lists the planned messages of an appointment, as `ReminderShape` reads them."""
    return [
        path("appointment-types/", public.AppointmentTypes.as_view()),
        path("slots/", public.Slots.as_view()),
        path("inquiries/", inquiries.Inquiries.as_view()),
        path("manage/<str:token>/", manage.Manage.as_view()),
        *(path(f"manage/<str:token>/{name}/", view.as_view()) for name, view in OF_PATIENTS.items()),
        path("desk/appointments/", desk.Appointments.as_view()),
        path("desk/appointments/<uuid:pk>/", desk.AppointmentDetail.as_view(reminders_of=reminders_of)),
        *(
            path(f"desk/appointments/<uuid:pk>/{name}/", view.as_view(reminders_of=reminders_of))
            for name, view in VERBS.items()
        ),
        path("desk/inquiries/", desk_inquiries.DeskInquiries.as_view()),
        path("desk/inquiries/<uuid:pk>/", desk_inquiries.DeskInquiry.as_view()),
        *(path(f"desk/inquiries/<uuid:pk>/{name}/", view.as_view()) for name, view in OF_INQUIRIES.items()),
        *rules_doors(),
    ]


def rules_doors() -> list[URLPattern]:
    return [
        path("desk/appointment-types/<slug:slug>/", desk_rules.TypeView.as_view()),
        path("desk/practitioners/", desk_people.Practitioners.as_view()),
        path("desk/practitioners/<int:pk>/", desk_people.PractitionerView.as_view()),
        path("desk/practitioners/<int:pk>/hours/preview/", desk_people.HoursPreview.as_view()),
        path("desk/office-hours/", desk_people.OfficeHours.as_view()),
        path("desk/practitioners/<int:pk>/hours/", desk_rules.Hours.as_view()),
        path("desk/practitioners/<int:pk>/overrides/", desk_rules.Overrides.as_view()),
        path("desk/practitioners/<int:pk>/overrides/<api_date:date>/", desk_rules.OverrideView.as_view()),
        path("desk/practitioners/<int:pk>/calendars/", desk_calendars.Calendars.as_view()),
        path("desk/practitioners/<int:pk>/calendars/<slug:name>/", desk_calendars.CalendarView.as_view()),
        path("desk/practitioners/<int:pk>/calendars/<slug:name>/test/", desk_calendars.CalendarTest.as_view()),
        path("desk/closures/", desk_closures.Closures.as_view()),
        path("desk/closures/preview/", desk_closures.Preview.as_view()),
        path("desk/closures/<int:pk>/apply/", desk_closures.Apply.as_view()),
        path("desk/closures/<int:pk>/", desk_closures.ClosureView.as_view()),
        path("desk/slots/explain/", desk_rules.Explain.as_view()),
    ]
