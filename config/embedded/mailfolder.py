"""Messages that the catcher keeps: one .eml file each, as received, so that they survive a restart."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Attachment:
    """A part that is neither the text nor the HTML of a message."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """One message as people see it; `text` and `html` are "" where the message has none."""

    id: str
    raw: bytes
    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[Attachment]

    def header(self, name: str) -> str:
        """The first header of that name, decoded; "" when it has none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def readable(value: object) -> str:
    """A header in plain words; one that is wrongly encoded as it stands."""
    try:
        return str(make_header(decode_header(str(value))))
    except (LookupError, UnicodeError, ValueError, HeaderParseError):
        return str(value)


def text_of(part: Message) -> str:
    """A text part; bytes that its charset doesn't know are shown as replacement characters."""
    content = part.get_payload(decode=True) or b""
    try:
        return bytes(content).decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return bytes(content).decode("utf-8", "replace")


def leaves(message: Message) -> Iterator[Message]:
    """The parts that are content; a message inside a message is one part."""
    for part in message.walk():
        if not part.is_multipart():
            yield part


def parsed(identifier: str, raw: bytes) -> Mail:
    """The message in its pieces: the first plain and HTML texts, and all else as attachments."""
    message = message_from_bytes(raw)
    bodies: dict[str, str] = {}
    attachments = []
    for part in leaves(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and kind not in bodies and not part.get_filename():
            bodies[kind] = text_of(part)
        else:
            name = readable(part.get_filename() or f"part.{part.get_content_subtype()}")
            attachments.append(Attachment(name, kind, bytes(part.get_payload(decode=True) or b"")))
    headers = [(name, readable(value)) for name, value in message.items()]
    return Mail(identifier, raw, headers, bodies.get("text/plain", ""), bodies.get("text/html", ""), attachments)


class MailFolder:
    """The messages on disk, by an id that sorts by time of arrival."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, raw: bytes) -> None:
        """Keep a message; a reader sees all of it or nothing."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(3)}"
        fresh = self.folder / f"{name}.new"
        fresh.write_bytes(raw)
        fresh.rename(self.folder / f"{name}.eml")

    def newest(self, limit: int = 200) -> list[Mail]:
        """The last messages, newest first."""
        files = sorted(self.folder.glob("*.eml"), reverse=True)[:limit]
        return [parsed(place.stem, place.read_bytes()) for place in files]

    def get(self, identifier: str) -> Mail | None:
        """One message; None when there is none of that id."""
        place = self.folder / f"{identifier}.eml"
        known = identifier.replace("-", "").isalnum() and place.is_file()
        return parsed(identifier, place.read_bytes()) if known else None

    def clear(self) -> None:
        """Remove every message."""
        for place in self.folder.glob("*.eml"):
            place.unlink(missing_ok=True)


class Keep:
    """What aiosmtpd calls for each message."""

    def __init__(self, folder: MailFolder):
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it before saying so."""
        content: Any = envelope.content
        self.folder.add(content)
        return "250 2.0.0 Kept"
