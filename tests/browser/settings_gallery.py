"""The pages of the desk's settings, with the addresses they are at."""

import datetime as dt

from scheduling import closing, closures
from tests.factories import a_broken_calendar, a_staff_member, an_appointment, an_inquiry, free_times

DAY = dt.timedelta(days=1)


def setting_pages(now: dt.datetime) -> dict[str, str]:
    """Name of a page: its path. Makes a closure that has moved a call of somebody whom no mail reaches."""
    start = free_times(1, now=now, days_ahead=20)[0]
    row = an_appointment("booked", inquiry=an_inquiry(given_name="Berta", email="", now=now), start=start, now=now)
    storm = closing.close(start=start, end=start + DAY, reason="Storm")
    closures.apply(closure=storm, text="storm", by=a_staff_member(), now=now)
    person = row.practitioner_id
    a_broken_calendar(row.practitioner, now=now - 2 * DAY)
    pages = {
        "settings": "",
        "first hour": "start/",
        "closures": "closures/",
        "new closure": "closures/new/",
        "closure": f"closures/{storm.pk}/",
        "practitioners": "practitioners/",
        "new practitioner": "practitioners/new/",
        "practitioner": f"practitioners/{person}/",
        "hours": f"practitioners/{person}/hours/",
        "outside calendars": f"practitioners/{person}/calendars/",
        "office hours": "practitioners/office/",
        "types": "types/",
        "clinic": "clinic/",
        "tokens": "tokens/",
        "type": "types/screening-call/",
        "checklist": "checklist/",
        "clinic's pages": "texts/",
        "new passage": "texts/new/",
        "webhooks": "webhooks/",
    }
    settings = {name: f"/desk/settings/{path}" for name, path in pages.items()}
    return settings | {"calendar programs": "/desk/feeds/", "own site": "/desk/embed/"}
