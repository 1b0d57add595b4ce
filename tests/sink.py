"""A real SMTP server for tests, whose answers can be scripted; and the fixture that points Django at it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.embedded.processes import free_port

ACCEPTED = "250 2.0.0 Ok"
DROP, HANG = "drop", "hang"


@dataclass(frozen=True)
class Received:
    """One copy as it was handed over: the parsed message, its bytes, and the envelope."""

    message: EmailMessage
    raw: bytes
    sender: str
    recipients: tuple[str, ...]


class SmtpSink:
    """Accepts mail on a free port of 127.0.0.1 until told otherwise.

        with SmtpSink() as sink:
            sink.reply_with("450 4.2.1 Try later", times=2)
            …
            (first, second) = sink.wait_for(2)

    Scripted behaviour is used up in order, one piece for each message (or recipient, or sender).
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[Received] = []
        self.refused = 0
        self.hanging = 0
        self.pause_seconds = 0.0
        self._script: dict[str, deque[str]] = {stage: deque() for stage in ("EHLO", "MAIL", "RCPT", "DATA")}
        self._changed = threading.Condition()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        """What EMAIL_URL says."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop(no_assert=True)

    def reply_with(self, reply: str, *, times: int = 1, at: str = "DATA") -> None:
        """Answer with this code and text instead of accepting; `at` is MAIL, RCPT or DATA."""
        self._script[at].extend([reply] * times)

    def drop_after_data(self, *, times: int = 1) -> None:
        """Take the message, then close the connection without an answer: the sender can't know."""
        self._script["DATA"].extend([DROP] * times)

    def hang_after_data(self, *, times: int = 1) -> None:
        """Take the message, then never answer."""
        self._script["DATA"].extend([HANG] * times)

    def hang_at(self, stage: str) -> None:
        """Never answer to EHLO, MAIL, RCPT or DATA, once; DATA is kept before."""
        self._script[stage].append(HANG)

    def wait_until_it_hangs(self, timeout: float = 60) -> None:
        """Return once somebody waits for an answer that does not come."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.hanging > 0, timeout), "nobody waits"

    def wait_for(self, count: int, timeout: float = 10) -> list[Received]:
        """The messages, once there are `count` of them.

        Raises:
            AssertionError: there were fewer when the time was over.
        """
        return self.wait_until(lambda messages: len(messages) >= count, timeout)

    def wait_until(self, enough: Callable[[list[Received]], bool], timeout: float = 10) -> list[Received]:
        """The messages, once `enough` says so of them; AssertionError when the time is over."""
        with self._changed:
            came = self._changed.wait_for(lambda: enough(self.messages), timeout)
            assert came, f"only {len(self.messages)} messages came in {timeout} s: {self.subjects()}"
            return list(self.messages)

    def wait_for_refusals(self, count: int, timeout: float = 10) -> None:
        """Return once `count` scripted refusals have been given."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.refused >= count, timeout), f"only {self.refused} refusals"

    def subjects(self) -> list[str]:
        """What came, in order."""
        return [str(received.message["Subject"]) for received in self.messages]

    def clear(self) -> None:
        """Forget what came and what was scripted."""
        with self._changed:
            self.messages.clear()
            self.refused = self.hanging = 0
            for queue in self._script.values():
                queue.clear()

    def _next(self, stage: str) -> str:
        with self._changed:
            reply = self._script[stage].popleft() if self._script[stage] else ACCEPTED
            if reply not in (ACCEPTED, DROP, HANG):
                self.refused += 1
                self._changed.notify_all()
            return reply

    def _keep(self, envelope: Envelope) -> None:
        content: Any = envelope.content
        message: Any = message_from_bytes(content, policy=default)
        with self._changed:
            self.messages.append(
                Received(message, content, str(envelope.mail_from), tuple(map(str, envelope.rcpt_tos)))
            )
            self._changed.notify_all()

    async def _stand_still_if(self, reply: str) -> None:
        if reply != HANG:
            return
        with self._changed:
            self.hanging += 1
            self._changed.notify_all()
        await asyncio.Event().wait()

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Commands may come together, as with every server of today (RFC 2920)."""
        session.host_name = hostname
        await self._stand_still_if(self._next("EHLO"))
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        reply = self._next("MAIL")
        await self._stand_still_if(reply)
        if reply == ACCEPTED:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient."""
        reply = self._next("RCPT")
        await self._stand_still_if(reply)
        if reply == ACCEPTED:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """The message itself; kept unless it is refused."""
        reply = self._next("DATA")
        if reply in (ACCEPTED, DROP, HANG):
            self._keep(envelope)
        await self._stand_still_if(reply)
        await asyncio.sleep(self.pause_seconds)
        if reply == DROP and server.transport is not None:
            server.transport.abort()
        return reply


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """A sink, with Django sending to it over real SMTP."""
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield sink
