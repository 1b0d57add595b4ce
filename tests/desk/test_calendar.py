"""The calendar: what each cell says, the days of a clock change, and booking, moving and blocking from it."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from inquiries.models import Inquiry, StaffMember
from scheduling import slots
from scheduling.models import Appointment, Closure, Practitioner, WorkingHours
from scheduling.picker import iso
from tests.desk.conftest import back_at_the_desk
from tests.desk.test_callers import CALLER
from tests.desk.test_queue import queries_of
from tests.factories import ZONE, a_staff_member, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
WEDNESDAY = dt.date(2026, 12, 9)
SPRING_FORWARD, FALL_BACK = dt.date(2027, 3, 14), dt.date(2026, 11, 1)


def shown(desk: Client, query: str = "") -> Page:
    answer = desk.get(f"/desk/calendar/?{query}")
    assert answer.status_code == 200
    return Page(answer)


def at(date: dt.date, hour: int) -> dt.datetime:
    return slots.local_midnight(date, ZONE) + dt.timedelta(hours=hour)


def a_closure(start: dt.datetime, hours: int, reason: str, *people: Practitioner) -> Closure:
    row = Closure.objects.create(start=start, end=start + dt.timedelta(hours=hours), reason=reason)
    row.practitioners.set(people)
    return row


@pytest.mark.parametrize("view", ["day", "week"])
def test_a_call_is_shown_with_its_state_in_words_and_the_first_name_only(desk: Client, view: str) -> None:
    row = an_appointment("booked")

    page = shown(desk, f"view={view}&date=2026-12-09")

    assert "10:00 AM Ana" in page.text
    assert "Ruiz" not in page.text
    assert "Confirmed" in page.text
    assert f"/desk/appointments/{row.pk}/" in [link["href"] for link in page.all("a")]


@pytest.mark.parametrize("view", ["day", "week"])
def test_names_bring_no_markup_to_the_calendar(desk: Client, view: str) -> None:
    Practitioner.objects.update(name="<i>Dana</i> Whitfield")
    an_appointment("booked", inquiry=an_inquiry(given_name="<b onclick=x>Ana"))

    body = desk.get(f"/desk/calendar/?view={view}&date=2026-12-09").content.decode()

    assert body.count("<b>&lt;b onclick=x&gt;Ana</b>") == 2  # in the table and in the agenda
    assert "<b onclick" not in body
    assert "<i>" not in body


def test_held_and_offered_times_are_shown_as_such(desk: Client) -> None:
    an_appointment(start=free_times(1)[0], inquiry=an_inquiry(given_name="Held"))
    an_appointment("proposed", inquiry=an_inquiry(given_name="Offered"))

    page = shown(desk, "view=day&date=2026-12-10").text + shown(desk, "view=day&date=2026-12-09").text

    assert "Held Awaiting answer" in page
    assert page.count("Offered Times offered") == 2


def test_a_month_counts_calls_and_free_times(desk: Client) -> None:
    an_appointment("booked")
    a_closure(at(dt.date(2026, 12, 10), 0), 24, "Storm")

    text = shown(desk, "view=month&date=2026-12-09").text

    assert "Wednesday, December 9, 2026: 9 1 Confirmed 24 free" in text
    assert "Thursday, December 10, 2026: 10 Storm" in text
    assert "Friday, December 25, 2026: 25 Public holiday" in text


def test_a_cell_that_is_not_free_says_why(desk: Client) -> None:
    dana = Practitioner.objects.get(name__startswith="Dana")
    a_closure(at(WEDNESDAY, 13), 2, "Staff meeting", dana)
    WorkingHours.objects.filter(practitioner=dana, weekday=2).update(end_minute=15 * 60 + 60)

    text = shown(desk, f"view=day&date=2026-12-09&with={dana.pk}").text
    today = shown(desk, f"view=day&date=2026-12-07&with={dana.pk}").text

    assert "1:00 PM Staff meeting" in text
    assert "Past" in today
    assert "Too soon to book" in today


def test_whose_clock_differs_is_said_and_shown(desk: Client) -> None:
    Practitioner.objects.filter(name__startswith="Mei").update(time_zone="America/Los_Angeles")
    mei = Practitioner.objects.get(name__startswith="Mei")
    Practitioner.objects.exclude(pk=mei.pk).update(is_active=False)
    an_appointment("booked", start=free_times(1)[0])

    text = shown(desk, "view=day&date=2026-12-09").text

    assert "Own clock: Pacific Standard Time" in text
    assert "12:00 PM Ana (9:00 AM)" in text


def test_today_and_now_are_marked(desk: Client) -> None:
    page = shown(desk, "view=week")

    assert "Mon 7 Monday, December 7, 2026 Today" in page.text
    assert "10:00 AM now" in page.text
    assert [cell["aria-current"] for cell in page.all("th") if "aria-current" in cell] == ["date"]


@pytest.fixture
def night_shift(desk: Client) -> Client:
    """Everybody works from midnight to four, every day."""
    WorkingHours.objects.update(start_minute=0, end_minute=4 * 60)
    days = [
        WorkingHours(practitioner=person, weekday=day, start_minute=0, end_minute=4 * 60)
        for person in Practitioner.objects.all()
        for day in (5, 6)
    ]
    WorkingHours.objects.bulk_create(days)
    return desk


def hours_of(page: Page) -> list[str]:
    """What the rows of the table say, on the hour."""
    table = page.source.split("<tbody>")[1].split("</tbody>")[0]
    rows = [" ".join(part.split("</th>")[0].split()) for part in table.split('<th scope="row">')[1:]]
    return [row.replace('<span class="soft">', "").replace("</span>", "") for row in rows if ":00" in row]


def test_a_day_of_25_hours_shows_the_hour_that_comes_twice_twice(
    night_shift: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(dt.datetime(2026, 10, 26, 12, tzinfo=dt.UTC))
    back_at_the_desk(night_shift)

    page = shown(night_shift, f"view=day&date={FALL_BACK}")

    assert hours_of(page) == ["12:00 AM", "1:00 AM", "1:00 AM again", "2:00 AM", "3:00 AM"]
    assert "the clocks go back: the day has 25 hours" in page.text
    free = {link["href"] for link in page.all("a") if "start=" in link["href"]}
    assert {f"start=2026-11-01T0{hour}%3A00%3A00Z" in " ".join(free) for hour in (5, 6)} == {True}


def test_a_day_of_23_hours_leaves_out_the_hour_that_is_skipped(
    night_shift: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(dt.datetime(2027, 3, 8, 12, tzinfo=dt.UTC))
    back_at_the_desk(night_shift)

    page = shown(night_shift, f"view=day&date={SPRING_FORWARD}")
    week = shown(night_shift, f"view=week&date={SPRING_FORWARD}")

    assert hours_of(page) == ["12:00 AM", "1:00 AM", "3:00 AM"]
    assert "the clocks go forward: the day has 23 hours" in page.text
    assert "2:00 AM" in hours_of(week)
    assert "The clocks skip this hour" in week.text


def test_a_practitioner_sees_their_own_calendar_and_books_nothing(desk: Client) -> None:
    own, foreign = (an_appointment("booked", inquiry=an_inquiry(given_name=name)) for name in ("Own", "Foreign"))
    dana = a_staff_member("dana", role=StaffMember.Role.PRACTITIONER)
    Practitioner.objects.filter(pk=own.practitioner_id).update(staff_member=dana)
    client = Client()
    client.force_login(dana)

    page = shown(client, f"view=day&date=2026-12-09&with={foreign.practitioner_id}")

    assert "Own" in page.text
    assert "Foreign" not in page.text
    assert [link for link in page.all("a") if "start=" in link["href"]] == []


@pytest.mark.parametrize("view", ["day", "week", "month"])
@pytest.mark.parametrize("rows", [1, 30])
def test_the_calendar_costs_eight_queries(desk: Client, rows: int, view: str) -> None:
    for number, start in enumerate(free_times(rows)):
        an_appointment("booked", start=start, inquiry=an_inquiry(given_name=f"P{number}"))
        a_closure(start + dt.timedelta(hours=9), 1, "Away", Practitioner.objects.earliest("pk"))

    assert queries_of(desk, f"/desk/calendar/?view={view}&date=2026-12-09") == 8


def test_a_caller_is_booked_on_the_free_time_that_was_chosen(desk: Client) -> None:
    start, mei = free_times(1)[0], Practitioner.objects.get(name__startswith="Mei")
    address = f"/desk/inquiries/new/?start={iso(start)}&with={mei.pk}"

    form = Page(desk.get(address))
    answer = desk.post(address, CALLER)

    row = Appointment.objects.get()
    assert "Books Wed, Dec 9, 10:00 AM with Mei Tanaka, NP, as soon as you keep this." in form.text
    assert answer["Location"] == f"/desk/appointments/{row.pk}/"
    assert (row.start, row.practitioner, row.status) == (start, mei, Appointment.Status.BOOKED)


def test_a_caller_whose_time_went_meanwhile_is_kept_and_offered_others(desk: Client) -> None:
    taken = an_appointment("booked")

    answer = desk.post(f"/desk/inquiries/new/?start={iso(taken.start)}&with={taken.practitioner_id}", CALLER)

    page = Page(answer)
    assert answer.status_code == 409
    assert "This time has just been taken." in page.text
    assert Inquiry.objects.count() == 2
    assert page.values("starts")


def test_an_inquiry_is_booked_from_the_calendar(desk: Client) -> None:
    inquiry = an_inquiry()
    free = [link["href"] for link in shown(desk, f"book={inquiry.pk}").all("a") if "/time/" in link["href"]]

    chosen = Page(desk.get(free[0].replace("&amp;", "&")))
    facts = {name: chosen.values(name)[0] for name in ("starts",)}
    desk.post(f"/desk/inquiries/{inquiry.pk}/book/", facts)

    assert iso(Appointment.objects.get(inquiry=inquiry).start).replace(":", "%3A") in free[0]


def test_a_call_moves_to_the_person_and_time_that_were_chosen(desk: Client) -> None:
    row, start = an_appointment("booked"), free_times(6)[5]
    other = Practitioner.objects.exclude(pk=row.practitioner_id).latest("pk")

    page = Page(desk.get(f"/desk/calendar/time/?move={row.pk}&start={iso(start)}&with={other.pk}"))
    facts = {name: page.values(name)[0] for name in ("starts", "practitioner", "version")}
    desk.post(f"/desk/appointments/{row.pk}/reschedule/", facts)

    row.refresh_from_db()
    assert (row.start, row.practitioner, row.status) == (start, other, Appointment.Status.BOOKED)


@pytest.mark.parametrize(
    "query", ["book=nobody", "move=1", "start=tomorrow", "move=00000000-0000-4000-8000-000000000000"]
)
def test_an_address_that_names_nothing_is_not_found(desk: Client, query: str) -> None:
    assert desk.get(f"/desk/calendar/time/?{query}").status_code == 404


@pytest.mark.parametrize(
    "query", ["view=year", "date=soon", "date=9999-12-31", "with=nobody", "with=99999999999999999999"]
)
def test_an_address_that_is_not_understood_shows_a_week(desk: Client, query: str) -> None:
    assert "2026" in shown(desk, query).text


def test_a_time_is_blocked_from_the_day_and_the_person_shown(desk: Client) -> None:
    dana = Practitioner.objects.get(name__startswith="Dana")
    page = shown(desk, f"view=day&date=2026-12-09&with={dana.pk}")
    (address,) = {link["href"] for link in page.all("a") if "/closures/new/" in link["href"]}

    form = Page(desk.get(address))

    assert form.values("from_date") == ["2026-12-09"]
    assert [box["value"] for box in form.fields()["practitioners"] if "checked" in box] == [str(dana.pk)]
