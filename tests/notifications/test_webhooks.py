"""Telling other programs: a real server that checks the signature, fails, hangs up and comes back."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from inquiries import outward
from inquiries.models import StaffMember
from notifications import planner
from notifications.invariants import BEGINNINGS, VERBS
from notifications.models import Webhook, WebhookDelivery
from notifications.webhooks import http, telling
from notifications.webhooks.kinds import KINDS
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.api.caller import at_the_desk
from tests.factories import NOW, a_staff_member, an_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Status = WebhookDelivery.Status


class Receiver:
    """A program that wants to know: what it was told, and what it answers next."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answer)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?key=1"

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _headers, body in self.told]


@pytest.fixture
def program() -> Iterator[Receiver]:
    receiver = Receiver()
    Thread(target=receiver.server.serve_forever, daemon=True).start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def hook(kind: AppointmentType, program: Receiver) -> Webhook:
    row, secret = telling.add(url=program.url, by=a_staff_member(), now=NOW)
    row.plain_secret = secret  # type: ignore[attr-defined]
    return row


def tell(now: dt.datetime = NOW) -> None:
    """Plan what happened, and tell what is due."""
    planner.plan_pending(now=now)
    while telling.deliver(now=now, until=time.monotonic() + 60):
        pass


def test_each_thing_that_happened_is_told_once_in_order(hook: Webhook, program: Receiver) -> None:
    booking.confirm(appointment=an_appointment(), by=a_staff_member(), now=NOW)
    tell()
    tell()
    assert program.kinds == ["inquiry.received", "appointment.requested", "appointment.confirmed"]


def test_the_signature_is_that_of_standard_webhooks(hook: Webhook, program: Receiver) -> None:
    an_appointment()
    tell()

    headers, body = program.told[0]
    key = base64.b64decode(hook.plain_secret.removeprefix("whsec_"))  # type: ignore[attr-defined]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"


def test_nobody_is_named(hook: Webhook, program: Receiver) -> None:
    booking.confirm(appointment=an_appointment(), by=a_staff_member(), now=NOW)
    tell()
    said = b"".join(body for _headers, body in program.told).decode()
    assert not [word for word in ("Ana", "Ruiz", "ana@", "5550123", "cleo") if word in said]


def test_only_the_kinds_that_were_chosen_are_told(hook: Webhook, program: Receiver) -> None:
    telling.change(webhook=hook, kinds=["appointment.confirmed"], now=NOW)
    booking.confirm(appointment=an_appointment(), by=a_staff_member(), now=NOW)
    tell()
    assert program.kinds == ["appointment.confirmed"]


def test_a_program_that_fails_is_told_later_under_the_same_id(hook: Webhook, program: Receiver) -> None:
    program.answer = 503
    an_appointment()
    tell()
    assert (len(program.told), WebhookDelivery.objects.filter(status=Status.DUE).count()) == (2, 2)

    program.answer = 200
    tell(NOW + dt.timedelta(minutes=1))

    first, again = program.told[0][0]["webhook-id"], program.told[2][0]["webhook-id"]
    assert (first == again, WebhookDelivery.objects.filter(status=Status.SENT).count()) == (True, 2)


def test_an_answer_that_leads_elsewhere_is_not_followed(hook: Webhook, program: Receiver) -> None:
    program.answer = 302
    an_appointment()
    tell()
    assert {row.answer for row in WebhookDelivery.objects.all()} == {"302"}


def test_what_nobody_takes_is_given_up_after_a_day_and_the_program_stopped_after_three(
    hook: Webhook, program: Receiver
) -> None:
    program.answer = 500
    an_appointment()
    for hours in (0, 12, 24, 73):
        tell(NOW + dt.timedelta(hours=hours))
    assert {row.status for row in WebhookDelivery.objects.all()} == {Status.FAILED}
    booking.confirm(appointment=Appointment.objects.get(), by=a_staff_member(), now=NOW)
    tell(NOW + dt.timedelta(hours=74))
    hook.refresh_from_db()
    assert hook.is_active is False


def test_whoever_lost_the_lease_writes_nothing(hook: Webhook) -> None:
    an_appointment()
    planner.plan_pending(now=NOW)
    mine = telling._claim(NOW)
    later = NOW + telling.LEASE
    assert [row.pk for row in telling._claim(later)] == [row.pk for row in mine]

    telling._record(mine[0], Status.SENT, "200", later)

    assert {row.status for row in WebhookDelivery.objects.all()} == {Status.SENDING}


def test_a_webhook_that_nobody_switched_on_plans_nothing(hook: Webhook, program: Receiver) -> None:
    telling.change(webhook=hook, is_active=False, now=NOW)
    an_appointment()
    tell()
    assert (program.told, WebhookDelivery.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest",
        "https://user:word@example.org/",
        "ftp://example.org/",
        "https://",
        "https://[nonsense",
    ],
)
def test_our_own_network_is_not_called(settings: Any, url: str) -> None:
    settings.WEBHOOKS_TO_PRIVATE_NETWORKS = False
    with pytest.raises(http.NotAllowed):
        http.resolved(url)


def test_what_became_private_since_is_not_called_either(settings: Any, hook: Webhook, program: Receiver) -> None:
    settings.WEBHOOKS_TO_PRIVATE_NETWORKS = False
    an_appointment()
    tell()
    assert (program.told, {row.answer for row in WebhookDelivery.objects.all()}) == ([], {"not_allowed"})


def test_an_answer_that_drips_in_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=drip, args=[server], daemon=True).start()
        began = time.monotonic()
        with pytest.raises(http.Unreachable):
            http.post(f"http://127.0.0.1:{server.getsockname()[1]}/", body=b"{}", headers={})
    assert time.monotonic() - began < 2


def drip(server: socket.socket) -> None:
    """A byte every now and then, each in time, for three seconds and more."""
    caller, _address = server.accept()
    with caller, suppress(OSError):
        for byte in b"HTTP/1.1 200 All is well, in my own time":
            caller.sendall(bytes([byte]))
            time.sleep(0.1)


def test_a_name_in_other_letters_is_called_as_the_network_spells_it() -> None:
    assert outward._ascii("клиника.example:8443") == "xn--80apagcdp.example:8443"


def test_every_kind_on_offer_is_one_that_happens() -> None:
    happens = {f"appointment.{kind}" for kind in (*VERBS, *BEGINNINGS, "undone")}
    assert {kind for kind in KINDS if kind.startswith("appointment.")} <= happens


def test_the_api_keeps_shows_changes_tests_and_forgets(kind: AppointmentType, program: Receiver) -> None:
    manager = at_the_desk("manager")
    made = manager.post("desk/webhooks/", {"url": program.url, "kinds": ["appointment.confirmed"]})
    row = made.json()
    path = f"desk/webhooks/{row['id']}/"

    assert (made.status_code, row["secret"].startswith("whsec_")) == (201, True)
    assert "secret" not in manager.get(path).json()
    assert manager.post(f"{path}test/").json()["status"] == "sent"
    assert program.kinds == ["test"]
    assert manager.patch(path, {"is_active": False}).json()["is_active"] is False
    assert manager.put(path, {"url": program.url, "is_active": True}).json()["is_active"] is True
    assert manager.put(path, {"is_active": True}).json()["errors"].keys() == {"url"}
    assert manager.send("DELETE", path).status_code == 204
    assert manager.get("desk/webhooks/").json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({"url": "ftp://x"}, "url"), ({}, "url"), ({"url": "https://example.org", "kinds": ["gossip"]}, "kinds.0")],
)
def test_the_api_says_what_is_wrong(kind: AppointmentType, body: dict[str, Any], field: str) -> None:
    answer = at_the_desk("manager").post("desk/webhooks/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Webhook.objects.exists()


def test_webhooks_are_for_managers(kind: AppointmentType) -> None:
    assert at_the_desk().get("desk/webhooks/").status_code == 403


def test_the_page_shows_the_secret_once_and_what_came_of_a_test(kind: AppointmentType, program: Receiver) -> None:
    desk = Client()
    desk.force_login(a_staff_member("mara", StaffMember.Role.MANAGER))

    made = desk.post("/desk/settings/webhooks/", {"url": program.url})
    row = Webhook.objects.get()

    assertContains(made, row.secret.reveal())
    assert row.secret.reveal() not in desk.get("/desk/settings/webhooks/").content.decode()
    tested = desk.post(f"/desk/settings/webhooks/{row.pk}/test/", follow=True)
    assertContains(tested, "The test arrived: the program answered 204.")
    program.answer = 404
    assertContains(desk.post(f"/desk/settings/webhooks/{row.pk}/test/", follow=True), "The test did not arrive: 404.")
    desk.post(f"/desk/settings/webhooks/{row.pk}/remove/")
    assert not Webhook.objects.exists()
