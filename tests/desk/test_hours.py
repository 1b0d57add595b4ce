"""Hours at the desk: whole or not at all, and nobody is left outside without being seen first."""

import datetime as dt

import pytest
from django.test import Client

from scheduling import hours, slots
from scheduling.models import Appointment, AppointmentType, HoursOverride, Practitioner, WorkingHours
from tests.desk.test_queue import queries_of
from tests.factories import NOW, an_appointment, an_inquiry
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db

TEN = dt.datetime(2026, 12, 9, 15, 0, tzinfo=dt.UTC)  # Wednesday, 10:00 in Miami
Sent = dict[str, str | list[str]]
OFFICE = "/desk/settings/practitioners/office/"


def a_week(*shifts: tuple[int, int, str, str]) -> Sent:
    """(weekday, row, start, end)"""
    return {f"d{day}_{row}_{which}": times[which] for day, row, *times in shifts for which in (0, 1)}


def every_day(start: str, end: str) -> Sent:
    return a_week(*((day, 0, start, end) for day in range(5)))


def address_of(person: Practitioner | int) -> str:
    return f"/desk/settings/practitioners/{getattr(person, 'pk', person)}/hours/"


@pytest.fixture
def dana(kind: AppointmentType) -> Practitioner:
    return Practitioner.objects.order_by("pk")[0]


@pytest.fixture
def call(kind: AppointmentType) -> Appointment:
    return an_appointment("booked", start=TEN)


def test_a_week_is_replaced_whole(manager: Client, dana: Practitioner) -> None:
    sent = a_week((0, 0, "13:00", "17:00"), (0, 1, "09:00", "12:00"), (6, 0, "20:00", "00:00"))

    assert manager.post(address_of(dana), sent)["Location"] == address_of(dana)

    assert hours.shifts_of(dana) == [(0, 540, 720), (0, 780, 1020), (6, 1200, 1440)]
    assert WorkingHours.objects.exclude(practitioner=dana).count() == 15


@pytest.mark.parametrize(
    ("shifts", "sentence"),
    [
        ([(0, 0, "09:00", "12:00"), (0, 1, "11:59", "13:00")], "This overlaps the interval before it."),
        ([(0, 0, "12:00", "09:00")], "The end has to be later than the start."),
        ([(0, 0, "12:00", "12:00")], "The end has to be later than the start."),
        ([(0, 0, "12:00", "")], "Enter both a start and an end, or neither."),
        ([(0, 0, "", "12:00")], "Enter both a start and an end, or neither."),
        ([(0, 0, "25:00", "12:00")], "Enter a time of day like 09:00."),
    ],
)
def test_hours_that_make_no_sense_are_said_beside_the_field_and_above(
    manager: Client, dana: Practitioner, shifts: list[tuple[int, int, str, str]], sentence: str
) -> None:
    before = hours.shifts_of(dana)

    answer = manager.post(address_of(dana), every_day("08:00", "18:00") | a_week(*shifts))

    assert answer.status_code == 400
    assert Page(answer).text.count(sentence) == 2
    assert hours.shifts_of(dana) == before


def test_intervals_that_touch_are_fine(manager: Client, dana: Practitioner) -> None:
    manager.post(address_of(dana), a_week((0, 0, "09:00", "12:00"), (0, 1, "12:00", "13:00")))

    assert hours.shifts_of(dana) == [(0, 540, 720), (0, 720, 780)]


def test_what_a_change_leaves_outside_is_shown_before_it_is_saved(manager: Client, call: Appointment) -> None:
    before = hours.shifts_of(call.practitioner)

    answer = manager.post(address_of(call.practitioner), every_day("13:00", "17:00"))

    page = Page(answer)
    assert answer.status_code == 409
    assert "1 call would be left outside" in page.text
    assert "Ana Ruiz" in page.text
    assert page.values("keep") == [str(call.pk)]
    assert hours.shifts_of(call.practitioner) == before


def test_a_call_is_kept_knowingly(manager: Client, call: Appointment) -> None:
    sent = every_day("13:00", "17:00") | {"keep": str(call.pk)}

    assert manager.post(address_of(call.practitioner), sent).status_code == 302

    assert hours.shifts_of(call.practitioner)[0] == (0, 780, 1020)
    call.refresh_from_db()
    assert (call.status, call.start) == (Appointment.Status.BOOKED, TEN)


def test_a_call_that_came_meanwhile_is_shown_first(manager: Client, call: Appointment) -> None:
    later = an_appointment(
        "booked", inquiry=an_inquiry(given_name="Tom"), start=TEN + dt.timedelta(hours=1, minutes=20)
    )
    Appointment.objects.filter(pk=later.pk).update(practitioner=call.practitioner)

    answer = manager.post(address_of(call.practitioner), every_day("13:00", "17:00") | {"keep": str(call.pk)})

    assert sorted(Page(answer).values("keep")) == sorted([str(call.pk), str(later.pk)])


def test_a_call_that_was_outside_before_is_not_the_changes_fault(manager: Client, call: Appointment) -> None:
    WorkingHours.objects.filter(practitioner=call.practitioner, weekday=2).delete()

    assert manager.post(address_of(call.practitioner), every_day("13:00", "17:00")).status_code == 302


def test_monday_is_copied_without_being_saved(manager: Client, dana: Practitioner) -> None:
    before = hours.shifts_of(dana)

    page = Page(manager.post(address_of(dana), a_week((0, 0, "07:00", "08:00")) | {"copy": "1"}))

    assert [page.values(f"d{day}_0_0") for day in range(6)] == [["07:00"]] * 5 + [[""]]
    assert hours.shifts_of(dana) == before


def test_a_day_differs_and_is_as_usual_again(manager: Client, dana: Practitioner) -> None:
    manager.post(address_of(dana) + "differ/", {"date": "2026-12-12", "t_0_0": "09:00", "t_0_1": "12:00"})
    assert HoursOverride.objects.get().intervals == [[540, 720]]
    assert "Sat, Dec 12 9:00 AM–12:00 PM" in Page(manager.get(address_of(dana))).text

    manager.post(address_of(dana) + "2026-12-12/usual/")
    assert not HoursOverride.objects.exists()


def test_a_free_day_with_a_call_on_it_is_seen_first(manager: Client, call: Appointment, kind: AppointmentType) -> None:
    address = address_of(call.practitioner) + "differ/"

    answer = manager.post(address, {"date": "2026-12-09"})
    assert (answer.status_code, Page(answer).values("keep")) == (409, [str(call.pk)])
    assert not HoursOverride.objects.exists()

    assert manager.post(address, {"date": "2026-12-09", "keep": str(call.pk)}).status_code == 302
    reasons = slots.explain(kind=kind, start=TEN, end=TEN + dt.timedelta(minutes=1), now=NOW)
    assert (call.practitioner_id, TEN, "outside_hours") in list(reasons)


def test_a_special_day_is_not_taken_back_under_a_call(manager: Client, dana: Practitioner) -> None:
    Practitioner.objects.exclude(pk=dana.pk).update(is_active=False)
    hours.differ(practitioner=dana, date=dt.date(2026, 12, 12), intervals=[(540, 720)])
    row = an_appointment("booked", start=TEN + dt.timedelta(days=3))

    answer = manager.post(address_of(dana) + "2026-12-12/usual/")

    assert (answer.status_code, Page(answer).values("keep")) == (409, [str(row.pk)])
    assert HoursOverride.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"date": "2026-12-10"}, "This day differs already; remove that first."),
        ({"date": "2026-12-01"}, "Choose a day from today on, within two years."),
        ({"date": "2036-12-01"}, "Choose a day from today on, within two years."),
        ({"date": "soon"}, "Choose a date."),
        ({"date": "2026-12-11", "t_0_0": "12:00", "t_0_1": "09:00"}, "The end has to be later than the start."),
    ],
)
def test_a_day_that_cannot_differ_so_is_refused(
    manager: Client, dana: Practitioner, sent: dict[str, str], sentence: str
) -> None:
    hours.differ(practitioner=dana, date=dt.date(2026, 12, 10), intervals=[])

    answer = manager.post(address_of(dana) + "differ/", sent)

    assert answer.status_code == 400
    assert Page(answer).text.count(sentence) == 2
    assert HoursOverride.objects.count() == 1


def test_office_hours_show_which_promises_fall_outside(manager: Client, kind: AppointmentType) -> None:
    row = an_appointment()  # promised by 14:00: four hours of the office's time
    assert row.answer_by == NOW + dt.timedelta(hours=4)

    answer = manager.post(OFFICE, every_day("09:00", "12:00"))
    assert (answer.status_code, Page(answer).values("keep")) == (409, [str(row.pk)])

    manager.post(OFFICE, every_day("09:00", "12:00") | {"keep": str(row.pk)})
    assert hours.shifts_of(None)[0] == (0, 540, 720)


def test_an_office_without_hours_is_refused(manager: Client) -> None:
    assert manager.post(OFFICE, every_day("", "")).status_code == 400
    assert hours.shifts_of(None)


@pytest.mark.parametrize("rows", [1, 30])
def test_hours_cost_no_more_queries_for_more_rows(manager: Client, dana: Practitioner, rows: int) -> None:
    for number in range(rows):
        hours.differ(practitioner=dana, date=NOW.date() + dt.timedelta(days=number), intervals=[])
        Practitioner.objects.create(name=f"P{number}", languages=["en"])

    assert queries_of(manager, address_of(dana)) == 6
    assert queries_of(manager, "/desk/settings/practitioners/") == 4
    assert queries_of(manager, OFFICE) == 3
