"""The simulation's mail server: real SMTP on a free port, answering as it is told, keeping every copy it took."""

import datetime as dt
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from typing import Any, Self


class Fate(StrEnum):
    """What the server does with one message."""

    TAKEN = "taken"
    PUT_OFF = "put off at the recipient (450)"
    PUT_OFF_AFTER_DATA = "put off after the message (451)"
    GONE = "connection lost before the message"
    UNANSWERED = "taken, connection lost before the answer"
    LOST = "lost, with its connection"
    REFUSED = "refused for good (550)"


KEPT = {Fate.TAKEN, Fate.UNANSWERED}
WITHOUT_ANSWER = {Fate.UNANSWERED, Fate.LOST}


@dataclass(frozen=True)
class Copy:
    """One copy that the server took, at that moment of the fake clock."""

    at: dt.datetime
    recipient: str
    fate: Fate
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass(frozen=True)
class Encounter:
    """How one attempt to hand a message over ended."""

    at: dt.datetime
    recipient: str
    fate: Fate
    message_id: str = ""


class Mailbox:
    """Listens on 127.0.0.1 while it is entered. `fate_of` decides by recipient, `is_down` for everybody."""

    def __init__(
        self, *, clock: Callable[[], dt.datetime], fate_of: Callable[[str], Fate], is_down: Callable[[], bool]
    ) -> None:
        self.clock, self.fate_of, self.is_down = clock, fate_of, is_down
        self.copies: list[Copy] = []
        self.encounters: list[Encounter] = []
        self._server = _Server(("127.0.0.1", 0), _Visit)
        self._server.mailbox = self

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def met(self, recipient: str, fate: Fate, content: bytes = b"") -> None:
        """Write down an attempt; a message that is kept becomes a copy."""
        message: Any = message_from_bytes(content, policy=default)
        self.encounters.append(Encounter(self.clock(), recipient, fate, str(message["Message-ID"] or "")))
        if fate in KEPT:
            self.copies.append(Copy(self.clock(), recipient, fate, message))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    mailbox: Mailbox


class _Visit(socketserver.StreamRequestHandler):
    """One connection: the little of RFC 5321 that a client of ours speaks."""

    server: _Server
    timeout = 60

    def handle(self) -> None:
        if self.server.mailbox.is_down():
            return self.say("421 4.3.2 Closed for repairs")
        self.say("220 simulation")
        recipient, fate = "", Fate.TAKEN
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                fate = self.server.mailbox.fate_of(recipient)
                if not self.agree(recipient, fate):
                    return None
            elif verb == b"DATA":
                if not self.take(recipient, fate):
                    return None
            else:
                self.say("221 Bye" if verb == b"QUIT" else "250 Ok")
            if verb == b"QUIT":
                return None
        return None

    def agree(self, recipient: str, fate: Fate) -> bool:
        """Whether the connection lives on."""
        replies = {Fate.PUT_OFF: "450 4.2.1 Try later", Fate.REFUSED: "550 5.1.1 No such user"}
        if fate in replies or fate == Fate.GONE:
            self.server.mailbox.met(recipient, fate)
        if fate != Fate.GONE:
            self.say(replies.get(fate, "250 Ok"))
        return fate != Fate.GONE

    def take(self, recipient: str, fate: Fate) -> bool:
        """Whether the connection lives on."""
        self.say("354 Go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.mailbox.met(recipient, fate, b"".join(lines))
        if fate not in WITHOUT_ANSWER:
            self.say("451 4.3.0 Try later" if fate == Fate.PUT_OFF_AFTER_DATA else "250 2.0.0 Taken")
        return fate not in WITHOUT_ANSWER

    def say(self, reply: str) -> None:
        self.wfile.write(reply.encode() + b"\r\n")
