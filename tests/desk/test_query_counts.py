"""Each page of the desk asks the database as often for thirty of everything as for one, and eight times at most."""

import datetime as dt

import pytest
from django.test import Client

from inquiries.models import StaffMember
from scheduling import booking
from scheduling.models import Appointment, Closure, Practitioner
from tests.desk.test_queue import queries_of
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = pytest.mark.django_db
PAGES = {
    "/desk/insights/": 6,
    "/desk/messages/": 6,
    "/desk/messages/texts/": 3,
    "/desk/inquiries/aside/": 4,
    "/desk/inquiries/new/": 2,
    "/desk/inquiries/export/": 4,
    "/desk/calendar/?view=month": 8,
    "/desk/settings/": 2,
    "/desk/settings/start/": 4,
    "/desk/settings/types/": 3,
    "/desk/settings/texts/": 3,
    "/desk/settings/checklist/": 3,
    "/desk/settings/clinic/": 2,
    "/desk/settings/tokens/": 3,
    "/desk/settings/webhooks/": 4,
    "/desk/settings/closures/new/": 3,
    "/desk/feeds/": 3,
    "/desk/embed/": 2,
    "/desk/team/": 4,
    "/desk/health/": 7,
    "/desk/drafts/": 3,
    "/desk/keys/": 2,
}


def fill(rows: int) -> Appointment:
    for number, start in enumerate(free_times(rows)):
        row = an_appointment(start=start, inquiry=an_inquiry(given_name=f"P{number}"))
        booking.confirm(appointment=row, by=StaffMember.objects.latest("pk"), now=NOW)
        an_inquiry(given_name=f"A{number}", set_aside="unproven")
        a_staff_member(f"member{number}")
        Practitioner.objects.create(name=f"Practitioner {number}", languages=["en"])
        past = start - dt.timedelta(days=90)
        Closure.objects.create(start=past, end=past + dt.timedelta(hours=1), reason=f"Storm {number}")
    return row


@pytest.mark.parametrize("rows", [1, 30])
def test_no_page_costs_more_queries_for_more_rows(manager: Client, rows: int) -> None:
    call = fill(rows)

    found = {page: queries_of(manager, page) for page in PAGES}
    found["call"] = queries_of(manager, f"/desk/calls/{call.pk}/")

    assert found == PAGES | {"call": 8}
