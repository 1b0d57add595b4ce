"""Settings' addresses, below /desk/settings/."""

import datetime as dt

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from scheduling.desk.rules import (
    checklist,
    clinic,
    closures,
    hours,
    index,
    outside,
    practitioners,
    start,
    texts,
    tokens,
    types,
)


class DateConverter(StringConverter):
    """A date like 2026-12-01."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:  # type: ignore[override]
        return dt.date.fromisoformat(value)


register_converter(DateConverter, "desk_date")

urlpatterns = [
    path("", index.index, name="desk-settings"),
    path("start/", start.start, name="desk-start"),
    path("start/call/", start.make_call, name="desk-start-call"),
    path("start/test/", start.book_test, name="desk-start-test"),
    path("start/remove/", start.remove_test, name="desk-start-remove"),
    path("closures/", closures.listed, name="desk-closures"),
    path("closures/new/", closures.new, name="desk-new-closure"),
    path("closures/<int:pk>/", closures.closure, name="desk-closure"),
    path("closures/<int:pk>/apply/", closures.apply, name="desk-closure-apply"),
    path("closures/<int:pk>/open/", closures.open_again, name="desk-closure-open"),
    path("practitioners/", practitioners.listed, name="desk-practitioners"),
    path("practitioners/new/", practitioners.new, name="desk-new-practitioner"),
    path("practitioners/office/", hours.office, name="desk-office-hours"),
    path("practitioners/<int:pk>/", practitioners.practitioner, name="desk-practitioner"),
    path("practitioners/<int:pk>/hours/", hours.week, name="desk-hours"),
    path("practitioners/<int:pk>/hours/differ/", hours.differ, name="desk-day-differs"),
    path("practitioners/<int:pk>/hours/<desk_date:date>/usual/", hours.as_usual, name="desk-day-as-usual"),
    path("practitioners/<int:pk>/calendars/", outside.outside, name="desk-outside"),
    *[
        path(
            f"practitioners/<int:pk>/calendars/<int:calendar>/{action}/",
            outside.act,
            {"action": action},
            name=f"desk-outside-{action}",
        )
        for action in ("test", "pause", "resume", "remove")
    ],
    path("checklist/", checklist.checklist, name="desk-checklist"),
    path("clinic/", clinic.profile, name="desk-clinic"),
    path("tokens/", tokens.listed, name="desk-tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="desk-token-revoke"),
    path("texts/", texts.listed, name="desk-pages"),
    path("texts/new/", texts.new, name="desk-new-passage"),
    path("texts/<int:pk>/", texts.change, name="desk-passage"),
    path("types/", types.listed, name="desk-types"),
    path("types/<slug:slug>/", types.change, name="desk-type"),
]
