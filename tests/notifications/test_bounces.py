"""An address that takes no mail gets none, its people are called, and a manager can take that back."""

import base64
import datetime as dt
import json
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import include, path

from config.urls import urlpatterns as all_doors
from inquiries.models import StaffMember
from inquiries.privacy import blind_index
from notifications import bounces, planner
from notifications.desk import unreached
from notifications.models import Notification, Suppression
from tests.factories import NOW, a_staff_member, an_appointment, an_inquiry, free_times
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
ANA = blind_index("email", "ana@example.com")
REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; somebody@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--b--
"""
urlpatterns = [*all_doors, path("provider/", include("anymail.urls"))]


def report(monkeypatch: Any, *, to: str, action: str = "failed", status: str = "5.1.1") -> str:
    """What the command says of a report that is piped to it."""
    piped = REPORT.format(to=to, action=action, status=status).encode()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(piped)))
    said = StringIO()
    call_command("take_bounce", stdout=said)
    return said.getvalue().strip()


@pytest.fixture
def told(clinic: SmtpSink, work: Any, settings: Any) -> SmtpSink:
    """Ana has a call in five days; she was told, and reminders are planned."""
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    an_appointment("booked", start=free_times(days_ahead=5)[0])
    work(61)
    return clinic


def test_the_senders_address_names_the_row_and_nobody(told: SmtpSink) -> None:
    row = Notification.objects.get(kind="appointment_confirmed")

    sender = next(copy.sender for copy in told.messages if copy.message["Message-ID"] == row.message_id)

    name, _, domain = sender.partition("@")
    assert (bounces.row_of(sender), domain, len(name) <= 64) == (row, "example.org", True)
    assert told.messages[0].message["From"].addresses[0].domain != "example.org"


def test_a_report_suppresses_the_address_and_what_was_planned_for_it(told: SmtpSink, monkeypatch: Any) -> None:
    assert report(monkeypatch, to=told.messages[0].sender) == "suppressed: 5.1.1"

    found = Suppression.objects.get()
    assert (found.address_index, found.why) == (ANA, "bounced")
    assert kinds(kind="reminder") == ["reminder suppressed", "reminder suppressed"]


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "5.7.1"), ("delivered", "2.0.0")])
def test_a_report_that_is_not_about_the_address_changes_nothing(
    told: SmtpSink, monkeypatch: Any, action: str, status: str
) -> None:
    said = report(monkeypatch, to=told.messages[0].sender, action=action, status=status)

    assert (said, Suppression.objects.exists()) == ("nothing to do: not a final failure", False)


def test_a_report_with_a_forged_signature_is_nobodys(told: SmtpSink, monkeypatch: Any) -> None:
    sender = told.messages[0].sender
    forged = sender.replace(sender.split("-")[1][:4], "0000")

    with pytest.raises(CommandError, match="no message of ours"):
        report(monkeypatch, to=forged)

    assert not Suppression.objects.exists()


def test_later_messages_to_the_address_are_suppressed_with_their_reason(told: SmtpSink, work: Any) -> None:
    bounces.suppress(address_index=ANA, why="bounced", now=NOW)
    an_inquiry()

    work()

    row = Notification.objects.order_by("-activity", "kind").first()
    assert row is not None
    assert (row.kind, row.status, row.reason) == ("inquiry_received", "suppressed", "bounced")


def test_what_was_planned_before_anybody_knew_is_held_back_at_the_last_moment(clinic: SmtpSink, work: Any) -> None:
    an_inquiry()
    planner.plan_pending(now=NOW)
    Suppression.objects.create(address_index=ANA, why="bounced", at=NOW)

    work()

    assert kinds() == ["inquiry_received suppressed"]
    assert clinic.messages == []


@pytest.mark.parametrize(("reply", "expected"), [("550 5.1.1 No such user", 1), ("554 5.7.1 Looks like spam", 0)])
def test_an_address_that_the_server_refuses_is_suppressed(
    clinic: SmtpSink, work: Any, reply: str, expected: int
) -> None:
    an_inquiry()
    clinic.reply_with(reply, at="RCPT")

    work()

    assert Suppression.objects.filter(address_index=ANA, why="refused").count() == expected


def test_staff_see_whom_to_call_and_say_that_they_did(told: SmtpSink, client: Client) -> None:
    found = bounces.suppress(address_index=ANA, why="bounced", code="5.1.1", now=NOW)
    client.force_login(a_staff_member())

    page = client.get("/desk/unreached/").text
    part = client.get("/desk/unreached/", headers={"HX-Request": "true"}).text
    client.post(f"/desk/unreached/{found.pk}/called/")

    assert "Ana Ruiz" in page
    assert "tel:+13055550123" in part
    assert "<html" not in part
    assert "Ana Ruiz" not in client.get("/desk/unreached/", headers={"HX-Request": "true"}).text
    after = client.get("/desk/unreached/").text
    assert ("Called already" in after, "They were called" in after) == (True, False)


def test_addresses_of_nobody_push_no_one_off_the_list(told: SmtpSink, client: Client, monkeypatch: Any) -> None:
    bounces.suppress(address_index=ANA, why="bounced", code="5.1.1", now=NOW)
    for number in range(3):
        bounces.suppress(
            address_index=f"{number:064}", why="bounced", code="5.1.1", now=NOW + dt.timedelta(minutes=number)
        )
    monkeypatch.setattr(unreached, "LIMIT", 2)
    client.force_login(a_staff_member())

    assert "Ana Ruiz" in client.get("/desk/unreached/").text


def test_lifting_it_sends_the_message_that_was_refused(clinic: SmtpSink, client: Client, work: Any) -> None:
    an_inquiry()
    clinic.reply_with("550 5.1.1 No such user", at="RCPT")
    work()
    assert kinds() == ["inquiry_received failed"]
    client.force_login(a_staff_member("mara", role=StaffMember.Role.MANAGER))

    client.post(f"/desk/unreached/{Suppression.objects.get().pk}/lift/")
    work()

    assert kinds() == ["inquiry_received sent"]


def test_what_an_address_refuses_is_not_sent_again_before_it_is_lifted(
    clinic: SmtpSink, client: Client, work: Any
) -> None:
    an_inquiry()
    clinic.reply_with("550 5.1.1 No such user", at="RCPT")
    work()
    client.force_login(a_staff_member())

    assert [line["can_retry"] for line in client.get("/desk/messages/").context["rows"]] == [False]


def test_a_manager_lifts_it_and_what_is_still_of_use_is_sent(told: SmtpSink, client: Client, work: Any) -> None:
    found = bounces.suppress(address_index=ANA, why="bounced", now=NOW)
    before = len(told.messages)
    client.force_login(a_staff_member("mara", role=StaffMember.Role.MANAGER))

    client.post(f"/desk/unreached/{found.pk}/lift/")
    work(4 * 24 * 3600)

    assert not Suppression.objects.active().exists()
    assert len(told.messages) > before


def test_lifting_it_writes_to_nobody_who_was_called_instead(told: SmtpSink, client: Client, work: Any) -> None:
    found = bounces.suppress(address_index=ANA, why="bounced", now=NOW)
    manager = a_staff_member("mara", role=StaffMember.Role.MANAGER)
    Notification.objects.filter(status="suppressed").update(handled_at=NOW, handled_by=manager)
    before = len(told.messages)

    bounces.lift(suppression=found, by=manager, now=NOW)
    work(4 * 24 * 3600)

    assert len(told.messages) == before


def test_somebody_who_needs_help_is_told_of_though_mail_to_the_address_came_back(
    clinic: SmtpSink, work: Any, settings: Any
) -> None:
    settings.ON_CALL_EMAIL = ["on-call@example.org"]
    on_call = blind_index("email", "on-call@example.org")
    bounces.suppress(address_index=on_call, why="bounced", now=NOW)
    an_inquiry(needs_help_now="yes")
    planner.plan_pending(now=NOW)
    bounces.suppress(address_index=on_call, why="bounced", now=NOW)

    work()

    assert Notification.objects.filter(status="sent", kind="urgent_inquiry").count() == 1
    assert ("on-call@example.org",) in [each.recipients for each in clinic.messages]


def test_an_address_of_staff_that_takes_no_mail_is_seen_and_lifted(clinic: SmtpSink, client: Client) -> None:
    mara = a_staff_member("mara", role=StaffMember.Role.MANAGER)
    found = bounces.suppress(address_index=blind_index("email", mara.email), why="bounced", code="5.2.1", now=NOW)
    bounces.suppress(address_index=blind_index("email", "nobody@example.com"), why="bounced", now=NOW)
    client.force_login(mara)

    part = client.get("/desk/unreached/", headers={"HX-Request": "true"}).text
    client.post(f"/desk/unreached/{found.pk}/lift/")

    assert (part.count("<li>"), mara.email in part, "They were called" in part) == (1, True, False)
    assert mara.email not in client.get("/desk/unreached/", headers={"HX-Request": "true"}).text


def test_a_coordinator_may_not_lift_it(told: SmtpSink, client: Client) -> None:
    found = bounces.suppress(address_index=ANA, why="bounced", now=NOW)
    client.force_login(a_staff_member())

    assert client.post(f"/desk/unreached/{found.pk}/lift/").status_code == 403


def postmark(client: Client, *, shows: str = "hook:right", **facts: Any) -> int:
    bounce = {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Email": "ana@example.com", "ID": 1}
    shown = "Basic " + base64.b64encode(shows.encode()).decode()
    body, kind = json.dumps({**bounce, **facts}), "application/json"
    address = "/provider/postmark/tracking/"
    return client.post(address, body, content_type=kind, headers={"Authorization": shown}).status_code


@pytest.mark.urls("tests.notifications.test_bounces")
def test_a_providers_webhook_suppresses_what_bounced_for_good(client: Client, settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:right"}

    assert postmark(client, Type="SoftBounce") == 200
    assert not Suppression.objects.exists()
    assert postmark(client) == 200
    assert postmark(client) == 200

    assert Suppression.objects.get().address_index == ANA


@pytest.mark.urls("tests.notifications.test_bounces")
def test_a_webhook_without_the_secret_is_refused(client: Client, settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:right"}

    assert postmark(client, shows="hook:guess") == 400
    assert not Suppression.objects.exists()


def test_without_a_secret_there_is_no_webhook(client: Client) -> None:
    assert client.post("/provider/postmark/tracking/").status_code == 404


@pytest.mark.slow
def test_the_command_tells_the_mail_server_that_it_need_not_try_again() -> None:
    argv = [sys.executable, "manage.py", "take_bounce"]
    done = subprocess.run(argv, input=b"To: x@y.z\n\n", capture_output=True, check=False)

    assert (done.returncode, b"no message of ours" in done.stderr) == (67, True)
