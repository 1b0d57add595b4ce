"""The mail catcher: a real SMTP server that keeps what it is given, and pages and JSON that show it.

It listens on 127.0.0.1 only, and nothing leaves this machine. A message is a stranger's text:
everything is escaped, and its HTML is shown in a sandboxed frame without scripts.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from aiosmtpd.controller import Controller

from config.embedded.mailfolder import Attachment, Keep, Mail, MailFolder

LOCAL_NAMES = {"127.0.0.1", "localhost"}
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
FRAME = "allow-popups allow-popups-to-escape-sandbox"
FRAME_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox {FRAME}"

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">$extra
<title>$title</title><style>
* { box-sizing: border-box }
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; line-height: 1.25 } h2 { font-size: 1.1rem; margin-top: 2rem }
a { color: light-dark(#0b5c73, #7fd0e6) } small, .quiet { opacity: .75 }
ol { list-style: none; padding: 0 } li { border-top: 1px solid var(--line) }
li a { display: block; padding: .75rem .25rem; text-decoration: none } li a:hover { background: var(--line) }
pre, iframe { border: 1px solid var(--line); border-radius: 6px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem }
iframe { width: 100%; height: 34rem; background: #fff }
table { border-collapse: collapse; font-size: .9rem }
th { text-align: left; vertical-align: top; padding-right: 1rem }
td { overflow-wrap: anywhere }
</style></head><body>$body</body></html>""")


def page(title: str, body: str, extra: str = "") -> bytes:
    """A whole page; `body` and `extra` are HTML, `title` is text."""
    return PAGE.substitute(title=escape(title), body=body, extra=extra).encode()


def arrived(mail: Mail) -> str:
    """When the message came, in this machine's zone; its id begins with the nanosecond."""
    moment = datetime.fromtimestamp(int(mail.id.partition("-")[0]) / 1e9, UTC).astimezone()
    return moment.strftime("%d %b %Y, %H:%M:%S")


def linked(text: str) -> str:
    """Text as HTML whose addresses can be pressed; they open in a new tab."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found.group())
        pieces += [
            escape(text[end : found.start()]),
            f'<a href="{address}" target="_blank" rel="noreferrer">{address}</a>',
        ]
        end = found.end()
    return "".join([*pieces, escape(text[end:])])


def list_page(mails: list[Mail]) -> bytes:
    """Every message, newest first; looks again by itself."""
    rows = [
        f'<li><a href="/m/{mail.id}"><b>{escape(mail.header("Subject") or "(no subject)")}</b><br>'
        f"to {escape(mail.header('To'))} <small>· {arrived(mail)}</small></a></li>"
        for mail in mails
    ]
    shown = (
        f"<ol>{''.join(rows)}</ol>" if rows else '<p class="quiet">No mail yet. It appears here when it is sent.</p>'
    )
    intro = '<p class="quiet">What Firstcall has sent on this machine. Nothing here left it.</p>'
    return page("Mail", f"<h1>Mail</h1>{intro}{shown}", extra='<meta http-equiv="refresh" content="10">')


def mail_page(mail: Mail) -> bytes:
    """One message: HTML, text, attachments, headers."""
    subject = mail.header("Subject") or "(no subject)"
    parts = [
        '<p><a href="/">All mail</a></p>',
        f"<h1>{escape(subject)}</h1>",
        f"<p>from {escape(mail.header('From'))}<br>to {escape(mail.header('To'))}<br>",
        f"<small>{arrived(mail)}</small></p>",
    ]
    if mail.html:
        frame = f'<iframe src="/m/{mail.id}/html" title="The message" sandbox="{FRAME}"></iframe>'
        parts.append(f"<h2>HTML</h2>{frame}")
    if mail.text:
        parts.append(f"<h2>Text</h2><pre>{linked(mail.text)}</pre>")
    parts += [attachment_block(mail, number, part) for number, part in enumerate(mail.attachments)]
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in mail.headers)
    parts.append(f'<h2>Headers</h2><table>{rows}</table><p><a href="/m/{mail.id}/raw">The message as received</a></p>')
    return page(subject, "".join(parts))


def attachment_block(mail: Mail, number: int, part: Attachment) -> str:
    """A link to save it, and what it says where it is text, such as an invitation."""
    title = f"<h2>{escape(part.name)} <small>{escape(part.content_type)}, {len(part.content)} bytes</small></h2>"
    save = f'<p><a href="/m/{mail.id}/attachment/{number}" download="{escape(part.name)}">Download</a></p>'
    text = f"<pre>{escape(part.content.decode('utf-8', 'replace'))}</pre>" if is_text(part) else ""
    return title + save + text


def is_text(part: Attachment) -> bool:
    """Whether it can be read as it is."""
    return part.content_type.startswith("text/")


def summary(mail: Mail) -> dict[str, Any]:
    """A message in the list of the API."""
    named = {name.lower().replace("-", "_"): mail.header(name) for name in ("Subject", "From", "To", "Message-ID")}
    return {"id": mail.id, **named}


def detail(mail: Mail) -> dict[str, Any]:
    """A message in full in the API; an attachment's `text` is null when it isn't text."""
    attachments = [
        {
            "name": part.name,
            "content_type": part.content_type,
            "text": part.content.decode("utf-8", "replace") if is_text(part) else None,
        }
        for part in mail.attachments
    ]
    return {
        **summary(mail),
        "headers": mail.headers,
        "text": mail.text,
        "html": mail.html,
        "attachments": attachments,
    }


class Pages(BaseHTTPRequestHandler):
    """Answers from the folder; GET never changes anything."""

    folder: ClassVar[MailFolder]

    def do_GET(self) -> None:
        """A page or JSON."""
        place = [part for part in self.path.partition("?")[0].split("/") if part]
        match place:
            case _ if not self.asked_locally():
                self.answer(403, b"Only for this machine.", "text/plain")
            case []:
                self.answer(200, list_page(self.folder.newest()))
            case ["api", "messages"]:
                self.answer_json([summary(mail) for mail in self.folder.newest()])
            case ["api", "messages", identifier] | ["m", identifier, *_] if mail := self.folder.get(identifier):
                self.answer_mail(mail, place[0], place[2:])
            case _:
                self.answer(404, page("Not found", "<h1>Not found</h1><p><a href='/'>All mail</a></p>"))

    def do_DELETE(self) -> None:
        """`DELETE /api/messages` empties the folder."""
        allowed = self.asked_locally() and self.path == "/api/messages"
        if allowed:
            self.folder.clear()
        self.answer(204 if allowed else 404, b"")

    def asked_locally(self) -> bool:
        """Whether the browser asked by a local name; a page elsewhere that points its name here didn't."""
        return self.headers.get("Host", "").rpartition(":")[0] in LOCAL_NAMES

    def answer_mail(self, mail: Mail, room: str, rest: list[str]) -> None:
        """One message, or one view of it."""
        match rest:
            case _ if room == "api":
                self.answer_json(detail(mail))
            case []:
                self.answer(200, mail_page(mail))
            case ["html"]:
                self.answer(200, b'<base target="_blank">' + mail.html.encode(), policy=FRAME_POLICY)
            case ["raw"]:
                self.answer(200, mail.raw, "text/plain; charset=utf-8")
            case ["attachment", number] if number.isdigit() and int(number) < len(mail.attachments):
                self.answer(200, mail.attachments[int(number)].content, "application/octet-stream")
            case _:
                self.answer(404, page("Not found", "<h1>Not found</h1>"))

    def answer_json(self, value: object) -> None:
        """A JSON answer."""
        self.answer(200, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def answer(
        self,
        status: int,
        body: bytes,
        content_type: str = "text/html; charset=utf-8",
        policy: str = PAGE_POLICY,
    ) -> None:
        """Send it whole; nothing is kept by the browser, nothing is guessed."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Requests aren't logged."""


def serve(folder: MailFolder, port: int) -> None:
    """Serve the pages on this port of 127.0.0.1 for ever."""
    handler = type("PagesOfFolder", (Pages,), {"folder": folder})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        server.serve_forever()


def main(argv: list[str]) -> None:
    """Serve SMTP and the pages until SIGTERM."""
    parser = argparse.ArgumentParser(prog="mailcatcher")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = MailFolder(given.folder)
    smtp = Controller(Keep(folder), hostname="127.0.0.1", port=given.smtp_port, ident="Firstcall mail catcher")
    smtp.start()
    try:
        serve(folder, given.web_port)
    finally:
        smtp.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
