"""The hourly letter to ourselves: it leaves like all others, and its silence is trouble."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from notifications import checks, outbox, pulse
from notifications.models import Canary, Notification
from tests.factories import NOW, an_inquiry
from tests.sink import SmtpSink, free_port

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.CANARY_EMAIL = "canary@example.org"


def canary_check() -> dict[str, Any]:
    found: dict[str, Any] = pulse.checks(now=timezone.now())["canary"]
    return found


def test_one_leaves_each_hour_and_the_ledger_knows_nothing_of_it(clinic: SmtpSink, work: Any) -> None:
    for seconds in (0, 60, 59 * 60, 60):
        work(seconds)

    assert [(each.recipients, each.message["Subject"]) for each in clinic.messages] == [
        (("canary@example.org",), "Mail leaves: the hourly check")
    ] * 2
    assert len({each.message["Message-ID"] for each in clinic.messages}) == 2
    assert not Notification.objects.exists()


def test_without_an_address_there_is_none_and_nothing_waits_for_it(clinic: SmtpSink, work: Any, settings: Any) -> None:
    settings.CANARY_EMAIL = ""

    work()

    assert (clinic.messages, "canary" in pulse.checks(now=NOW)) == ([], False)


def test_it_goes_to_the_clinics_own_address_unless_told_otherwise(clinic: SmtpSink, work: Any, settings: Any) -> None:
    settings.CANARY_EMAIL = "sender"

    work()

    assert clinic.messages[0].recipients == (clinic.messages[0].sender,)


@pytest.mark.parametrize(
    ("path", "minutes", "ok"), [("works", 75, True), ("refuses", 74, True), ("refuses", 76, False)]
)
def test_a_broken_mail_server_is_trouble_a_quarter_of_an_hour_after_the_next_was_due(
    clinic: SmtpSink, work: Any, settings: Any, path: str, minutes: int, ok: bool
) -> None:
    work()
    if path == "refuses":
        settings.EMAIL_PORT = free_port()

    work(HOUR)
    work((minutes - 60) * 60)

    assert canary_check()["ok"] is ok


def test_readyz_and_the_figures_tell_of_it(
    clinic: SmtpSink, work: Any, client: Client, clock: time_machine.Traveller
) -> None:
    before = client.get("/readyz").json()["canary"]
    work()
    clock.shift(90)

    after = client.get("/readyz").json()["canary"]
    told = client.get("/metrics").text

    assert (before["ok"], after) == (False, {"ok": True, "why": "", "age_seconds": 90})
    assert "firstcall_canary_age_seconds 90.0" in told
    assert 'firstcall_healthy{part="canary"} 1.0' in told


def test_one_that_is_refused_is_tried_again_and_holds_up_no_letter(clinic: SmtpSink, work: Any) -> None:
    clinic.reply_with("450 4.2.1 Try later")
    an_inquiry()

    work()
    recipients = [each.recipients[0] for each in clinic.messages]
    work(120)

    (bird,) = Canary.objects.all()
    assert recipients == ["ana@example.com"]
    assert (bird.attempts, bird.sent_at, bird.last_reply[:3]) == (2, NOW + dt.timedelta(seconds=120), "250")


def test_none_leaves_while_sending_is_stopped(clinic: SmtpSink, work: Any) -> None:
    outbox.pause(now=NOW)

    work()

    assert clinic.messages == []


@pytest.mark.parametrize(
    ("address", "errors"), [("", 0), ("sender", 0), ("a@example.org", 0), ("nobody", 1), ("a@b\n", 1)]
)
def test_what_is_no_address_stops_the_start(settings: Any, address: str, errors: int) -> None:
    settings.CANARY_EMAIL = address

    assert len(checks.canary_can_be_addressed()) == errors
