"""The bytes of a message: sender, headers, text beside HTML, and the calendar entry; made once, the same ever after."""

import datetime as dt
from email.charset import BASE64, QP, Charset
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32
from email.utils import format_datetime, formataddr
from typing import Any

from inquiries.clinic import clinic, parts_of
from notifications.discretion import discreet_name
from notifications.invitations import Invitation

LINE, LONGEST = 76, 998  # octets that need no folding, and that a line may have (RFC 5322, section 2.1.1)


class Wire(Compat32):
    """As mail goes over the wire: of sixteen headers fourteen are short ASCII, and a link is left in one piece."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        line = f"{name}: {value}"
        most = LINE if " " in value else LONGEST
        if isinstance(value, str) and len(line) <= most and line.isascii() and line.isprintable():
            return line.encode("ascii") + b"\r\n"
        return super().fold_binary(name, value)


WIRE = Wire(linesep="\r\n")
UTF8, UTF8_BASE64 = Charset("utf-8"), Charset("utf-8")
UTF8.body_encoding, UTF8_BASE64.body_encoding = QP, BASE64


def sender_address() -> str:
    return parts_of(clinic().sender)[1]


def sender_name(*, discreet: bool) -> str:
    """The name beside the address; none for people who asked for discretion."""
    return "" if discreet else discreet_name(parts_of(clinic().sender)[0])


def seal_up(
    *,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    invitation: Invitation | None,
    message_id: str,
    language: str,
    discreet: bool,
    unsubscribe: str,
    now: dt.datetime,
) -> bytes:
    """The whole message: ASCII, CRLF line ends. `unsubscribe` is an address for one click (RFC 8058), '' for none."""
    mark = message_id.strip("<").partition("@")[0]
    body = _alternatives(text, html, invitation, mark)
    message: MIMEBase = body
    if invitation is not None:
        message = MIMEMultipart("mixed", boundary=f"=_m{mark}")
        message.attach(body)
        message.attach(_file(invitation))
    headers = {
        "From": formataddr((sender_name(discreet=discreet), sender_address())),
        "To": Address(addr_spec=recipient).addr_spec,  # refuses what would break out of the header
        "Subject": " ".join(subject.split()),
        "Date": format_datetime(now),
        "Message-ID": message_id,
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if unsubscribe:
        headers |= {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    for name, value in headers.items():
        message[name] = value
    return message.as_bytes(policy=WIRE)


def _alternatives(text: str, html: str, invitation: Invitation | None, mark: str) -> MIMEMultipart:
    """Plain text first, the richest last, as RFC 2046 wants it; `=_` of the boundary stands in no encoded body."""
    body = MIMEMultipart("alternative", boundary=f"=_a{mark}")
    body.attach(_text("plain", text, UTF8))
    body.attach(_text("html", html, UTF8))
    if invitation is not None:
        part = _text("calendar", invitation.as_text(), UTF8_BASE64)
        part.set_param("method", invitation.method)  # equal to METHOD inside (RFC 6047), or programs show only a file
        body.attach(part)
    return body


def _file(invitation: Invitation) -> MIMENonMultipart:
    """The same entry as a file, for programs that don't read the part."""
    part = MIMENonMultipart("application", "ics", name="invite.ics")
    part.set_payload(invitation.as_text(), UTF8_BASE64)
    part["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return part


def _text(subtype: str, content: str, charset: Charset) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(content, charset)
    return part
