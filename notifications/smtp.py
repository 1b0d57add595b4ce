"""One SMTP conversation a batch, in which each message has one of four outcomes.

`smtplib` raises alike whether a connection ends before or after the message was handed over; here the difference is
kept, because only the first is safe to try again as if nothing had happened (RFC 1047, RFC 5321 section 4.5.3.2).
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from django.conf import settings

DATA_WANTED = 354
CLOSING = 421
# A fault of our account, not of the message: it may go once somebody has put that right.
ABOUT_OUR_ACCOUNT = {530, 534, 535, 538}
# Enhanced codes (RFC 3463) of a 5xx that passes: mailbox full, not accepting at the moment.
PASSING = {"5.2.2", "5.3.2"}
ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")
LINE_LIMIT = 8192


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    LATER = "later"  # not taken; trying again helps
    REFUSED = "refused"  # not taken, and never will be
    LEASE_LOST = "lease_lost"  # not handed over: somebody else has the row
    UNANSWERED = "unanswered"  # no answer after the message was handed over: it may have been taken


@dataclass(frozen=True)
class Answer:
    """What became of a message. `reply` is the server's code and class, or a word; never its text, which may name a
    person. `reached` is false when there was no conversation at all."""

    outcome: Outcome
    reply: str = ""
    reached: bool = True


def answer_to(code: int, text: bytes) -> Answer:
    """The meaning of a reply.

    >>> answer_to(250, b"2.0.0 Ok")
    Answer(outcome=<Outcome.ACCEPTED: 'accepted'>, reply='250 2.0.0', reached=True)
    >>> answer_to(552, b"4.2.2 Mailbox full").outcome, answer_to(550, b"5.1.1 No such user").outcome
    (<Outcome.LATER: 'later'>, <Outcome.REFUSED: 'refused'>)
    """
    found = ENHANCED.match(text)
    enhanced = found.group().decode() if found else ""
    reply = f"{code} {enhanced}".strip()
    if 200 <= code < 300:
        return Answer(Outcome.ACCEPTED, reply)
    final = 500 <= code < 600 and code not in ABOUT_OUR_ACCOUNT
    if final and enhanced not in PASSING and not enhanced.startswith("4"):
        return Answer(Outcome.REFUSED, reply)
    return Answer(Outcome.LATER, reply)


def word_for(error: Exception) -> str:
    """A short word for what went wrong, without the error's own text."""
    if isinstance(error, smtplib.SMTPResponseException):
        return answer_to(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"").reply
    words: list[tuple[type[Exception], str]] = [
        (ssl.SSLError, "certificate"),
        (socket.gaierror, "no such host"),
        (TimeoutError, "timed out"),
        (ConnectionRefusedError, "connection refused"),
        (smtplib.SMTPNotSupportedError, "no STARTTLS"),
        (smtplib.SMTPServerDisconnected, "disconnected"),
    ]
    return next((word for kind, word in words if isinstance(error, kind)), "connection failed")


class _Lines:
    """Reads a server's lines, however slowly it sends them, no longer than until the conversation's deadline."""

    def __init__(self, smtp: "_Deadline") -> None:
        self._smtp, self._held = smtp, b""

    def readline(self, limit: int) -> bytes:
        while b"\n" not in self._held and len(self._held) < limit:
            self._smtp.sock.settimeout(self._smtp.seconds_left())
            piece = self._smtp.sock.recv(LINE_LIMIT)
            if not piece:
                break
            self._held += piece
        line, newline, self._held = self._held.partition(b"\n")
        return line + newline

    def close(self) -> None:
        self._held = b""


class _Deadline(smtplib.SMTP):
    """An SMTP client whose every step ends at one deadline; `smtplib`'s own timeout starts anew at each byte."""

    sock: Any
    file: Any

    def __init__(self, deadline: float, **options: Any) -> None:
        """Connects. It says hello with a name of ours: smtplib would ask the DNS for one, which can take seconds."""
        self.deadline = deadline
        super().__init__(
            settings.EMAIL_HOST,
            settings.EMAIL_PORT,
            settings.MESSAGE_ID_DOMAIN,
            timeout=settings.EMAIL_TIMEOUT,
            **options,
        )

    def seconds_left(self) -> float:
        """Raises TimeoutError when there is none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = _Lines(self)
        return super().getreply()

    def send(self, s: Any) -> None:
        if self.sock:
            self.sock.settimeout(self.seconds_left())
        super().send(s)


class _DeadlineTls(_Deadline, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Conversation:
    """A connection that is opened when the first message needs it, used for all of a batch, and closed at the end."""

    def __init__(self) -> None:
        self._smtp: _Deadline | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            try:
                self._smtp.deadline = time.monotonic() + 1
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def send(self, *, sender: str, recipient: str, data: bytes, meanwhile: Callable[[], bool]) -> Answer:
        """Hand over one message within EMAIL_TIMEOUT seconds; `data` has CRLF line ends and no dot-stuffing.

        `meanwhile` is called while the server considers the sender; when it returns False nothing is handed over.
        """
        mail, rcpt = _command("MAIL FROM", sender), _command("RCPT TO", recipient)
        if not mail:
            return Answer(Outcome.LATER, "no sender")
        if not rcpt:
            return Answer(Outcome.REFUSED, "no address")
        reused = self._smtp is not None
        answer = self._attempt(mail, rcpt, data, meanwhile)
        if reused and answer.outcome == Outcome.LATER and self._smtp is None:
            return self._attempt(mail, rcpt, data, meanwhile)  # the server had only tired of waiting
        return answer

    def _attempt(self, mail: str, rcpt: str, data: bytes, meanwhile: Callable[[], bool]) -> Answer:
        deadline = time.monotonic() + settings.EMAIL_TIMEOUT
        try:
            smtp = self._smtp = self._smtp or _open(deadline)
        except (OSError, smtplib.SMTPException) as error:
            return Answer(Outcome.LATER, word_for(error), reached=False)
        smtp.deadline = deadline
        handed_over = False
        try:
            agree = _agree_at_once if smtp.has_extn("pipelining") else _agree
            answer = agree(smtp, mail, rcpt, meanwhile)
            if answer.outcome == Outcome.ACCEPTED:
                handed_over = True
                answer = _hand_over(smtp, data)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Answer(Outcome.UNANSWERED if handed_over else Outcome.LATER, word_for(error))
        self._tidy(answer)
        return answer

    def _tidy(self, answer: Answer) -> None:
        """Leave the connection ready for the next message."""
        if answer.outcome == Outcome.ACCEPTED or self._smtp is None:
            return
        try:
            ends = answer.outcome == Outcome.LEASE_LOST or answer.reply.startswith(str(CLOSING))
            if ends or self._smtp.docmd("RSET")[0] != 250:
                self._drop()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _open(deadline: float) -> _Deadline:
    """A connection that has said hello, encrypted and signed in where settings want it."""
    smtp = _DeadlineTls(deadline, context=_verified()) if settings.EMAIL_USE_SSL else _Deadline(deadline)
    try:
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=_verified())
        smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _verified() -> ssl.SSLContext:
    return ssl.create_default_context()


def _agree(smtp: _Deadline, mail: str, rcpt: str, meanwhile: Callable[[], bool]) -> Answer:
    """Sender, recipient, and that the message follows; accepted when the server waits for it."""
    smtp.putcmd(mail)
    ours = meanwhile()
    answer = answer_to(*smtp.getreply())
    if answer.outcome == Outcome.ACCEPTED:
        answer = answer_to(*smtp.docmd(rcpt))
    if not ours:
        return Answer(Outcome.LEASE_LOST)
    return _wants(*smtp.docmd("DATA")) if answer.outcome == Outcome.ACCEPTED else answer


def _agree_at_once(smtp: _Deadline, mail: str, rcpt: str, meanwhile: Callable[[], bool]) -> Answer:
    """The same in one go, with a server that allows it (RFC 2920, section 3.1)."""
    smtp.send(f"{mail}\r\n{rcpt}\r\nDATA\r\n")
    ours = meanwhile()
    answer = answer_to(*smtp.getreply())
    for meaning in (answer_to, _wants):
        if answer.reply.startswith(str(CLOSING)):
            return answer
        reply = smtp.getreply()
        answer = meaning(*reply) if answer.outcome == Outcome.ACCEPTED else answer
    if not ours:
        return Answer(Outcome.LEASE_LOST)
    if reply[0] == DATA_WANTED and answer.outcome != Outcome.ACCEPTED:
        smtp.docmd(".")  # it waits all the same: an empty message to nobody
    return answer


def _command(verb: str, address: str) -> str:
    """The command with its address; '' where that can't be said in one line of ASCII.

    >>> _command("RCPT TO", "ana@example.com"), _command("RCPT TO", "ana@example.com\\r\\nDATA")
    ('RCPT TO:<ana@example.com>', '')
    """
    command = f"{verb}:{smtplib.quoteaddr(address)}"
    return command if command.isascii() and address.isprintable() else ""


def _wants(code: int, text: bytes) -> Answer:
    """The meaning of a reply to DATA: accepted is what makes the server wait for the message."""
    return Answer(Outcome.ACCEPTED) if code == DATA_WANTED else answer_to(code if code >= 400 else 451, text)


def _hand_over(smtp: _Deadline, data: bytes) -> Answer:
    stuffed = re.sub(rb"(?m)^\.", b"..", data)
    smtp.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    return answer_to(*smtp.getreply())
