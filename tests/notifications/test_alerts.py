"""Somebody who needs help today: told of at once, without content, and again until somebody takes them on."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from inquiries import intake
from inquiries.models import Inquiry
from inquiries.story import PATIENT
from notifications import alarms, claiming, planner
from notifications.models import Notification
from tests.factories import NOW, a_staff_member, an_inquiry
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
MINUTE = 60
HOUR = 60 * MINUTE
MIAMI = ZoneInfo("America/New_York")
SUNDAY_NIGHT = dt.datetime(2026, 12, 7, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def urgent(clinic: SmtpSink, settings: Any) -> Inquiry:
    settings.ON_CALL_EMAIL = ["on-call@example.org"]
    a_staff_member()
    return an_inquiry(needs_help_now="yes", message="I do not want to live", given_name="Ana")


def alerts(sink: SmtpSink) -> list[str]:
    return [copy.recipients[0] for copy in sink.messages if "open request" in str(copy.message["Subject"])]


def test_it_is_told_at_once_then_after_ten_and_thirty_minutes(urgent: Inquiry, clinic: SmtpSink, work: Any) -> None:
    work()
    assert alerts(clinic) == ["on-call@example.org"]
    work(10 * MINUTE)
    assert alerts(clinic) == ["on-call@example.org"] * 2

    work(20 * MINUTE)

    assert sorted(alerts(clinic)) == ["cleo@example.com", *["on-call@example.org"] * 2]


def test_everybody_is_told_every_open_hour_until_somebody_takes_the_person_on(
    urgent: Inquiry, clinic: SmtpSink, work: Any
) -> None:
    """From Monday at ten to Tuesday at noon, the office is open from nine to five."""
    for _ in range(26 * 6):
        work(10 * MINUTE)
    to_everybody = list(Notification.objects.filter(variant__startswith="everybody").order_by("due_at"))
    intake.acknowledge(inquiry=urgent, by=a_staff_member(), now=timezone.now())
    told = len(alerts(clinic))

    work()
    work(8 * HOUR)

    hours = [alert.due_at.astimezone(MIAMI).strftime("%a %H:%M") for alert in to_everybody]
    assert hours == [
        *[f"Mon {hour}:30" for hour in range(10, 17)],
        *[f"Tue {hour:02}:30" for hour in range(9, 13)],
    ]
    assert len(alerts(clinic)) == told == 2 + len(to_everybody) - 1
    assert Notification.objects.get(due_at=to_everybody[-1].due_at).status == "cancelled"


def test_while_an_alert_is_to_come_no_other_is_planned(urgent: Inquiry, clinic: SmtpSink, work: Any) -> None:
    work()
    assert alarms.repeat(now=timezone.now()) == 0
    work(30 * MINUTE)

    again = [alarms.repeat(now=timezone.now()) for _ in range(2)]

    assert again == [0, 0]
    assert Notification.objects.filter(variant__startswith="everybody-").count() == 1


def test_who_asked_to_be_forgotten_is_spoken_of_no_more(urgent: Inquiry, clinic: SmtpSink, work: Any) -> None:
    work()
    intake.request_erasure(inquiry=urgent, by=PATIENT, now=timezone.now())

    work(30 * MINUTE)
    work(8 * HOUR)

    assert alerts(clinic) == ["on-call@example.org"]


def test_everybody_is_told_at_once_when_the_server_refuses_who_is_on_call(
    urgent: Inquiry, clinic: SmtpSink, work: Any
) -> None:
    clinic.reply_with("550 5.1.1 No such user", at="RCPT")

    work()

    assert alerts(clinic) == ["cleo@example.com"]


def test_an_alert_goes_before_whatever_else_waits(clinic: SmtpSink) -> None:
    a_staff_member()
    for number in range(3):
        an_inquiry(email=f"ana{number}@example.com")
    an_inquiry(needs_help_now="yes")
    planner.plan_pending(now=NOW)

    (first, second), _settled = claiming.claim(now=NOW, limit=2)

    assert (first.kind, second.inquiry.is_urgent) == ("urgent_inquiry", False)


def test_an_alert_says_nothing_of_the_person(urgent: Inquiry, clinic: SmtpSink, work: Any) -> None:
    work()

    (alert,) = (copy for copy in clinic.messages if copy.recipients == ("on-call@example.org",))
    text = "".join(part.get_content() for part in alert.message.walk() if part.get_content_maintype() == "text")
    assert urgent.reference in text
    assert [word for word in ("Ana", "Ruiz", "live", "example.com") if word in text] == []


def test_who_takes_the_person_on_ends_the_alerts(urgent: Inquiry, clinic: SmtpSink, work: Any) -> None:
    work()
    intake.acknowledge(inquiry=urgent, by=a_staff_member(), now=timezone.now())

    work(30 * MINUTE)

    assert alerts(clinic) == ["on-call@example.org"]
    assert set(Notification.objects.exclude(variant="").values_list("status", flat=True)) == {"cancelled"}


def test_out_of_hours_the_repeats_wait_for_the_morning(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller, settings: Any
) -> None:
    settings.ON_CALL_EMAIL = ["on-call@example.org"]
    clock.move_to(SUNDAY_NIGHT)
    an_inquiry(now=SUNDAY_NIGHT, needs_help_now="yes")

    work()

    assert alerts(clinic) == ["on-call@example.org"]
    due = Notification.objects.filter(variant="again").values_list("due_at", flat=True).get()
    assert due.astimezone(dt.timezone(dt.timedelta(hours=-5))).strftime("%a %H:%M") == "Mon 09:10"


def test_without_somebody_on_call_all_staff_hear(clinic: SmtpSink, work: Any) -> None:
    a_staff_member()
    an_inquiry(now=NOW, needs_help_now="yes")

    work()

    assert alerts(clinic) == ["cleo@example.com"]
