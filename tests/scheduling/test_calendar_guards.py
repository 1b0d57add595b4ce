"""Outside calendars that we read ourselves: what nobody can make us do."""

import datetime as dt
import gzip
import logging
import ssl
import time
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from inquiries import outward
from scheduling.calendars import reading
from scheduling.models import AppointmentType, CalendarSource
from tests.calendar_servers import FeedServer, calendar, event, feed_server
from tests.factories import NOW, a_clinic
from tests.scheduling.own_calendars import AT_TEN, MINUTE, SECRETS, added, read, reasons, refusal_of

pytestmark = pytest.mark.django_db
START, A_CENTURY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.timedelta(days=36500)


@pytest.fixture
def alone() -> AppointmentType:
    """One practitioner at work, in Miami."""
    return a_clinic(practitioners=1)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/basic.ics",
        "https://10.0.0.8/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.8]/",
        "https://224.0.0.1/",
        "https://8.8.8.8:22/",
        "https://user:word@example.org/",
        "file:///etc/passwd",
        "nonsense",
        "https://[nonsense",
        "https://",
    ],
)
def test_an_address_that_leads_elsewhere_is_not_called(alone: AppointmentType, settings: Any, url: str) -> None:
    settings.CALENDARS_ON_LOOPBACK = False
    with feed_server() as server:
        assert refusal_of(server, url=url) == "not_allowed"


INWARD = ["http://169.254.169.254/latest/", "https://10.0.0.8/", "http://192.168.1.1/", "file:///etc/passwd"]


@pytest.mark.parametrize("target", INWARD)
def test_a_redirect_into_our_network_is_refused(alone: AppointmentType, feed: FeedServer, target: str) -> None:
    feed.status, feed.headers = 302, {"Location": target}
    assert refusal_of(feed) == "not_allowed"


def test_a_redirect_to_this_machine_is_refused_in_production(
    alone: AppointmentType, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server stands for one of the public internet: only its own port counts as that."""
    with feed_server() as inner:
        feed.status, feed.headers = 302, {"Location": inner.url}
        public = feed.server.server_port
        monkeypatch.setattr(outward.Reach, "takes", lambda reach, address, scheme, port: port == public)
        assert (refusal_of(feed), inner.asked) == ("not_allowed", [])


def test_control_without_the_guard_the_redirect_is_followed(alone: AppointmentType, feed: FeedServer) -> None:
    with feed_server() as inner:
        feed.status, feed.headers, inner.body = 302, {"Location": inner.url}, calendar(event(*AT_TEN))
        added(feed)
        assert (len(inner.asked), reasons(alone)["10:00"]) == (1, "external_busy")


@pytest.mark.parametrize(("hops", "fine"), [(3, True), (4, False)])
def test_three_redirects_are_followed_and_no_more(
    alone: AppointmentType, feed: FeedServer, hops: int, fine: bool
) -> None:
    def moved(caller: BaseHTTPRequestHandler) -> None:
        if len(feed.asked) > hops:
            feed.plain(caller)
            return
        caller.send_response(301)
        caller.send_header("Location", "/further")
        caller.end_headers()

    feed.answer = moved
    if fine:
        added(feed)
    else:
        assert refusal_of(feed) == "unreachable"
    assert len(feed.asked) == 4


def test_two_megabytes_are_too_many(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar() + b"X" * (2 * 1024 * 1024)
    assert refusal_of(feed) == "too_large"


def test_a_small_answer_that_grows_is_too_large(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body, feed.headers = gzip.compress(b"\0" * (200 * 1024 * 1024)), {"Content-Encoding": "gzip"}
    began = time.monotonic()
    assert refusal_of(feed) == "too_large"
    assert time.monotonic() - began < 3


def test_a_compressed_calendar_is_read(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body, feed.headers = gzip.compress(calendar(event(*AT_TEN))), {"Content-Encoding": "gzip"}
    added(feed)
    assert reasons(alone)["10:00"] == "external_busy"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!DOCTYPE html><p>Sign in", "not_a_calendar"),
        (b"", "not_a_calendar"),
        (b"\0\xff" * 500, "not_a_calendar"),
        (calendar(event("SUMMARY:When?")), "not_a_calendar"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=SECONDLY")), "too_often"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=MIN", " UTELY")), "too_often"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=DAILY;BYSECOND=1,2,3")), "too_often"),
        (calendar(*(event(*AT_TEN, uid=f"e{number}") for number in range(1001))), "too_many"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), uid="a"), *(
            event(*AT_TEN, "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), uid=f"b{number}")
            for number in range(3)
        )), "too_many"),
        (calendar(*(
            event("DTSTART:00010101T100000", "DURATION:PT1M", "RRULE:FREQ=DAILY", uid=f"e{number}")
            for number in range(20)
        )), "too_costly"),
    ],
    ids=["html", "empty", "binary", "no-start", "secondly", "folded", "bysecond", "many", "many-by-rule", "costly"],
)  # fmt: skip
def test_what_is_no_calendar_of_ours_is_refused(
    alone: AppointmentType, feed: FeedServer, body: bytes, why: str
) -> None:
    feed.body = body
    began = time.monotonic()
    assert refusal_of(feed) == why
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><multistatus xmlns="DAV:">&a;</multistatus>',
        b'<!DOCTYPE multistatus SYSTEM "http://127.0.0.1:9/x.dtd"><multistatus xmlns="DAV:"/>',
        b'<multistatus xmlns="DAV:">',
        b"<html/>",
    ],
)
def test_an_answer_with_a_document_type_is_refused(alone: AppointmentType, feed: FeedServer, body: bytes) -> None:
    feed.status, feed.body = 207, body
    assert refusal_of(feed, form="caldav", username="rosa", password="dahlia") == "not_a_calendar"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), START, START + A_CENTURY)
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    formats = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM) + key.private_bytes(*formats))
    return path


@pytest.fixture
def secure(feed: FeedServer, certificate: Path) -> FeedServer:
    """The same server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    feed.server.socket = context.wrap_socket(feed.server.socket, server_side=True, do_handshake_on_connect=False)
    feed.url = feed.url.replace("http:", "https:")
    return feed


def test_a_certificate_that_nobody_vouches_for_is_refused(alone: AppointmentType, secure: FeedServer) -> None:
    assert (refusal_of(secure), secure.asked) == ("unreachable", [])


def test_a_calendar_behind_tls_is_read_and_left_when_it_drips(
    alone: AppointmentType, secure: FeedServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    secure.body = calendar(event(*AT_TEN))
    added(secure)
    assert reasons(alone)["10:00"] == "external_busy"

    secure.answer = drip
    monkeypatch.setattr(reading, "SECONDS", 1)
    began = time.monotonic()
    assert read(NOW + 5 * MINUTE) == 1
    assert (CalendarSource.objects.get().why, time.monotonic() - began < 3) == ("unreachable", True)


def drip(caller: BaseHTTPRequestHandler) -> None:
    caller.send_response(200)
    caller.end_headers()
    for byte in calendar(event(*AT_TEN)):
        caller.wfile.write(bytes([byte]))
        caller.wfile.flush()
        time.sleep(0.2)


def test_a_server_that_sends_a_byte_a_second_is_left(
    alone: AppointmentType, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.answer = drip
    monkeypatch.setattr(reading, "SECONDS", 1)
    began = time.monotonic()
    assert refusal_of(feed) == "unreachable"
    assert 0.8 < time.monotonic() - began < 3


def test_no_secret_is_logged(alone: AppointmentType, feed: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    def odd(caller: BaseHTTPRequestHandler) -> None:
        caller.wfile.write(b"HTTP/1.1 200 OK\r\nnonsense header\r\n: x\r\n\r\n" + calendar())

    feed.answer = odd
    with caplog.at_level(logging.INFO):
        own = added(feed, username="rosa", password="dahlia")
        feed.answer, feed.status = None, 500
        read(NOW + 5 * MINUTE)
    said = caplog.text + repr(own.source.__dict__) + str(own.source)
    assert not [word for word in (*SECRETS, "127.0.0.1") if word in said]
