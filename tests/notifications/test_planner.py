import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inquiries import intake, story
from inquiries.models import Activity
from notifications import planner, writing
from notifications.circumstances import Circumstances
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment
from tests.crowd import at_once
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds

pytestmark = pytest.mark.django_db
Status = Appointment.Status


def test_a_person_who_asks_with_a_time_gets_one_acknowledgement(clinic: Any) -> None:
    an_appointment()

    planner.plan_pending(now=NOW)

    assert kinds() == ["request_received due"]


def test_a_time_chosen_after_the_inquiry_was_planned_supersedes_its_open_acknowledgement(clinic: Any) -> None:
    inquiry = an_inquiry()
    planner.plan_pending(now=NOW)

    an_appointment(inquiry=inquiry)
    planner.plan_pending(now=NOW)

    assert kinds() == ["inquiry_received cancelled", "request_received due"]


def test_an_alert_stands_until_somebody_acknowledges_it(clinic: Any) -> None:
    a_staff_member()
    inquiry = an_inquiry(needs_help_now="yes")
    an_appointment(inquiry=inquiry)
    planner.plan_pending(now=NOW)
    assert "urgent_inquiry due" in kinds(to="staff")

    intake.acknowledge(inquiry=inquiry, by=a_staff_member(), now=NOW)
    planner.plan_pending(now=NOW)

    assert "urgent_inquiry cancelled" in kinds(to="staff")


def test_every_member_of_staff_and_the_shared_address_hear_once(clinic: Any, settings: Any) -> None:
    settings.STAFF_EMAIL = ["front@example.com", "CLEO@example.com"]
    for name in ("cleo", "dan"):
        a_staff_member(name)
    a_staff_member("gone", is_active=False)
    an_inquiry()

    planner.plan_pending(now=NOW)

    rows = Notification.objects.filter(kind="staff_new_request").order_by("staff_member__username")
    assert [row.staff_member and row.staff_member.username for row in rows] == ["cleo", "dan", None]


def test_without_any_address_of_staff_the_ledger_says_so(clinic: Any) -> None:
    an_inquiry()

    planner.plan_pending(now=NOW)

    assert Notification.objects.get(kind="staff_new_request").reason == "no_email"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"email": ""}, "no_email"), ({"contact_by": ["phone"]}, "email_not_wanted")],
)
def test_who_has_no_mail_or_wants_none_is_called_instead(clinic: Any, facts: dict[str, Any], reason: str) -> None:
    an_inquiry(**facts)

    planner.plan_pending(now=NOW)

    row = Notification.objects.get(kind="inquiry_received")
    assert (row.status, row.reason, row.try_at) == ("skipped", reason, None)


def test_a_decision_undone_before_its_mail_leaves_nothing_to_send(clinic: Any) -> None:
    row = an_appointment()
    planner.plan_pending(now=NOW)
    Notification.objects.filter(kind="request_received").update(status="sent", sent_at=NOW, try_at=None)
    booking.confirm(appointment=row, by=a_staff_member(), now=NOW)
    planner.plan_pending(now=NOW)

    booking.undo(appointment=row, by=a_staff_member(), now=NOW + dt.timedelta(seconds=30))
    planner.plan_pending(now=NOW)

    assert [each for each in kinds() if "cancelled" not in each and "skipped" not in each] == ["request_received sent"]


def test_a_decision_made_again_after_an_undo_is_told(clinic: Any) -> None:
    row, staff = an_appointment(), a_staff_member()
    booking.confirm(appointment=row, by=staff, now=NOW)
    booking.undo(appointment=row, by=staff, now=NOW)
    booking.confirm(appointment=row, by=staff, now=NOW)

    planner.plan_pending(now=NOW)

    confirmed = Notification.objects.filter(kind="appointment_confirmed").order_by("sequence")
    assert [(each.sequence, each.status) for each in confirmed] == [(0, "cancelled"), (1, "due")]


def test_an_activity_is_planned_once(clinic: Any) -> None:
    an_appointment(Status.BOOKED)
    assert planner.plan_pending(now=NOW) == Activity.objects.count()
    before = Notification.objects.count()

    assert planner.plan_pending(now=NOW) == 0
    assert Notification.objects.count() == before


def test_storing_a_plan_twice_changes_nothing(clinic: Any) -> None:
    """The control of the one above: were `planned_at` lost, the unique key would still hold."""
    an_appointment(Status.BOOKED)
    planner.plan_pending(now=NOW)
    before = Notification.objects.count()
    activities = list(Activity.objects.order_by("pk"))

    planner.store(activities, Circumstances.of(activities))

    assert Notification.objects.count() == before


def test_an_activity_that_cannot_be_planned_holds_up_nobody_else(clinic: Any, caplog: Any) -> None:
    broken, fine = an_inquiry(), an_inquiry()
    story.tell(inquiry_id=broken.pk, kind="appointment.confirmed", by=story.SYSTEM, now=NOW, facts={"start": "?"})
    intake.close(inquiry=broken, reason="done", by=story.SYSTEM, now=NOW)

    planner.plan_pending(now=NOW)

    unplanned = Activity.objects.unplanned().values_list("inquiry", "kind")
    assert list(unplanned) == [(broken.pk, "appointment.confirmed"), (broken.pk, "inquiry.closed")]
    assert Notification.objects.filter(inquiry=fine).exists()


def test_many_activities_that_cannot_be_planned_hold_up_nobody_else(clinic: Any, caplog: Any) -> None:
    for _ in range(3):
        broken = an_inquiry(set_aside="often")
        planner.plan_pending(now=NOW)
        story.tell(inquiry_id=broken.pk, kind="appointment.confirmed", by=story.SYSTEM, now=NOW, facts={"start": "?"})
        intake.release(inquiry=broken, by=a_staff_member(), now=NOW)
    fine = an_inquiry()

    planned = planner.plan_pending(now=NOW, limit=2)

    assert planned == 1
    assert set(Notification.objects.values_list("inquiry", flat=True)) == {fine.pk}
    assert planner.plan_pending(now=NOW, limit=2) == 0


def test_a_move_takes_the_old_reminders_with_it(clinic: Any) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    planner.plan_pending(now=NOW)

    booking.ask_to_move(appointment=row, start=free_times(days_ahead=8)[0], now=NOW)
    planner.plan_pending(now=NOW)

    assert kinds(kind="reminder") == ["reminder cancelled", "reminder cancelled"]


def test_a_move_that_is_declined_brings_the_reminders_of_the_kept_time_back(clinic: Any) -> None:
    row = an_appointment(Status.BOOKED, start=free_times(days_ahead=5)[0])
    booking.ask_to_move(appointment=row, start=free_times(days_ahead=8)[0], now=NOW)

    booking.decline(appointment=row, by=a_staff_member(), now=NOW)
    planner.plan_pending(now=NOW)

    assert kinds(kind="reminder", status="due") == ["reminder due", "reminder due"]
    assert kinds(kind="request_declined") == ["request_declined due"]


@pytest.mark.django_db(transaction=True)
def test_planners_side_by_side_plan_each_activity_once(clinic: Any) -> None:
    for _ in range(6):
        an_inquiry()

    results = at_once([lambda: planner.plan_pending(now=NOW) for _ in range(8)])

    assert sum(results) == Activity.objects.count() == 6
    assert Notification.objects.filter(kind="inquiry_received").count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_second_planner_finds_nothing_to_do_while_one_works(clinic: Any, django_db_blocker: Any) -> None:
    an_inquiry()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", planner.PLANNER_LOCK)

    (elsewhere,) = at_once([lambda: planner.plan_pending(now=NOW)])

    assert elsewhere == 0
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock(%s, %s)", planner.PLANNER_LOCK)


def test_planning_and_writing_many_takes_no_more_statements_than_few(clinic: Any) -> None:
    taken = []
    for count in (3, 30):
        for _ in range(count):
            an_inquiry()
        with CaptureQueriesContext(connection) as asked:
            assert planner.plan_pending(now=NOW) == count
            assert writing.write_ahead(now=NOW) >= count
        taken.append(len(asked))

    assert taken[0] == taken[1]
