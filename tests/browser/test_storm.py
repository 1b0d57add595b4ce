"""A storm is announced: a coordinator on a phone, without script, closes a day and looks after everybody on it."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from inquiries.models import StaffMember
from scheduling.desk.words import clinic_date
from scheduling.models import Appointment, AppointmentType
from tests.browser.conftest import Visitor
from tests.browser.test_staff_journey import cleo as cleo
from tests.browser.test_staff_journey import signed_in
from tests.factories import an_appointment, an_inquiry, free_times


def test_a_storm_is_looked_after_with_one_press(visitor: Visitor, cleo: StaffMember, kind: AppointmentType) -> None:
    now = timezone.now()
    start = free_times(1, now=now, days_ahead=2)[0]
    for name, email in (("Ana", "ana@example.com"), ("Tom", "")):
        an_appointment("booked", inquiry=an_inquiry(given_name=name, email=email, now=now), start=start, now=now)
    day: dt.date = clinic_date(start)
    page = signed_in(visitor, width=390, height=844, java_script_enabled=False)

    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("list").get_by_role("link", name="Closures and time off").click()
    page.get_by_role("link", name="New closure or time off").click()
    page.get_by_label("From").fill(day.isoformat())
    page.get_by_label("Until").fill(day.isoformat())
    page.get_by_label("A storm keeps us closed").check()
    page.get_by_role("button", name="Show who is affected").click()

    expect(page.get_by_role("heading", name="2 calls are affected")).to_be_visible()
    expect(page.get_by_text("no e-mail: call them")).to_be_visible()
    assert {row.status for row in Appointment.objects.all()} == {"booked"}
    page.get_by_role("button", name="Close, and offer 2 people other times").click()

    expect(page.get_by_text("2 of 2 looked after")).to_be_visible()
    expect(page.get_by_role("link", name="(305) 555-0123")).to_have_attribute("href", "tel:+13055550123")
    assert {row.status for row in Appointment.objects.filter(held_for=None)} == {"proposed"}
