"""The mail catcher: real SMTP in, pages and JSON out."""

from __future__ import annotations

import http.client
import json
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.embedded.mailcatcher import linked
from config.embedded.mailfolder import parsed
from config.embedded.processes import stop, wait_until
from config.embedded.programs import MailCatcher, Place
from tests.stack.stacks import BASE_DIR


class Caught:
    """A catcher that runs, seen from outside."""

    def __init__(self, folder: Path):
        self.catcher = MailCatcher(Place(BASE_DIR, folder, "127.0.0.1", 1, {"PATH": "/usr/bin:/bin"}))
        self.program = self.catcher.program()

    def start(self) -> None:
        self.program.launch()
        assert wait_until(lambda: self.program.lives() and self.catcher.listens(), seconds=15)

    def stop(self) -> None:
        assert self.program.process is not None
        stop([self.program.process], 15, seconds=5)

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.catcher.smtp_port) as link:
            link.send_message(message, from_addr="clinic@example.org")

    def ask(self, path: str, *, method: str = "GET", host: str = "") -> tuple[int, bytes, dict[str, str]]:
        link = http.client.HTTPConnection(urlsplit(self.catcher.page).netloc, timeout=5)
        try:
            link.request(method, path, headers={"Host": host} if host else {})
            answer = link.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            link.close()

    def ids(self) -> list[str]:
        return [mail["id"] for mail in json.loads(self.ask("/api/messages")[1])]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caught]:
    running = Caught(tmp_path_factory.mktemp("mail") / "of a clinic")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def caught(shared: Caught) -> Caught:
    assert shared.ask("/api/messages", method="DELETE")[0] == 204
    return shared


def invitation(subject: str = "Your call is confirmed") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Clínica <c@example.org>", "ana@example.org"
    message["Message-ID"] = "<one@example.org>"
    message.set_content("See https://example.org/m/abc?x=1.")
    message.add_alternative('<p>See <a href="https://example.org/m/abc">it</a></p>', subtype="html")
    message.add_attachment("BEGIN:VCALENDAR\nEND:VCALENDAR\n", subtype="calendar", filename="call.ics")
    return message


def test_the_newest_message_comes_first_and_is_whole(caught: Caught) -> None:
    caught.send(invitation("First"))
    caught.send(invitation())
    newest, oldest = json.loads(caught.ask("/api/messages")[1])
    assert (newest["subject"], oldest["subject"]) == ("Your call is confirmed", "First")

    mail = json.loads(caught.ask(f"/api/messages/{newest['id']}")[1])
    assert mail["from"] == "Clínica <c@example.org>"
    assert mail["message_id"] == "<one@example.org>"
    assert mail["text"].strip() == "See https://example.org/m/abc?x=1."
    assert mail["html"].strip() == '<p>See <a href="https://example.org/m/abc">it</a></p>'
    (attached,) = mail["attachments"]
    assert (attached["name"], attached["content_type"]) == ("call.ics", "text/calendar")
    assert "BEGIN:VCALENDAR" in attached["text"]


def test_the_page_of_a_message_shows_its_text_links_attachment_and_headers(caught: Caught) -> None:
    caught.send(invitation())
    (identifier,) = caught.ids()
    page = caught.ask(f"/m/{identifier}")[1].decode()
    assert '<a href="https://example.org/m/abc?x=1" target="_blank" rel="noreferrer">' in page
    assert f'src="/m/{identifier}/html"' in page
    assert "BEGIN:VCALENDAR" in page
    assert "&lt;one@example.org&gt;" in page
    assert caught.ask(f"/m/{identifier}/attachment/0")[1].startswith(b"BEGIN:VCALENDAR")
    assert b"Message-ID: <one@example.org>" in caught.ask(f"/m/{identifier}/raw")[1]


def test_a_hostile_message_is_escaped_and_its_html_sandboxed(caught: Caught) -> None:
    hostile = invitation("<script>alert(1)</script>")
    hostile.replace_header("From", '"><img src=x onerror=alert(1)> <c@example.org>')
    caught.send(hostile)
    (identifier,) = caught.ids()
    for path in ("/", f"/m/{identifier}"):
        status, body, headers = caught.ask(path)
        assert status == 200
        assert b"<script" not in body
        assert b"<img" not in body
        assert "script-src" not in headers["Content-Security-Policy"]
    policy = caught.ask(f"/m/{identifier}/html")[2]["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert policy.startswith("default-src 'none'")


def test_mail_survives_a_restart(tmp_path: Path) -> None:
    running = Caught(tmp_path)
    running.start()
    running.send(invitation())
    running.stop()
    running.start()
    try:
        assert len(running.ids()) == 1
    finally:
        running.stop()


def test_a_page_elsewhere_that_points_its_name_here_gets_nothing(caught: Caught) -> None:
    caught.send(invitation())
    assert caught.ask("/api/messages", host="evil.example:80")[:2] == (403, b"Only for this machine.")
    assert caught.ask("/api/messages", method="DELETE", host="evil.example:80")[0] == 404
    assert len(caught.ids()) == 1


@pytest.mark.parametrize(
    "path", ["/m/none", "/m/..%2Fx", "/m/../secrets", "/api/messages/none", "/api", "/m", "/m/none/attachment/0"]
)
def test_an_unknown_address_is_not_found(caught: Caught, path: str) -> None:
    assert caught.ask(path)[0] == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: =?no-such?q?x?=\n\nx",
        b"Subject: \xff\xfe\n\n\xff",
        b"Content-Type: text/plain; charset=no-such\n\nx",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!",
    ],
)
def test_a_malformed_message_is_shown_all_the_same(raw: bytes) -> None:
    assert parsed("1-a", raw).raw == raw


def test_linked_escapes_around_and_inside_links() -> None:
    assert linked("<b> https://a.example/?x=1&y=2, then") == (
        '&lt;b&gt; <a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noreferrer">'
        "https://a.example/?x=1&amp;y=2</a>, then"
    )
