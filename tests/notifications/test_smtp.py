"""Servers that are slow on purpose, or not who they say they are."""

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.smtp import Answer, Conversation, Outcome, answer_to

DATA = b"Subject: x\r\n\r\n.dot\r\n"


@contextmanager
def a_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Talks to one client as it is told; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link:
                try:
                    talk(link)
                except OSError:
                    return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join(timeout=10)


def deliver(
    settings: Any, port: int, *, ours: bool = True, recipient: str = "ana@example.com", **changes: Any
) -> tuple[Answer, float]:
    """The answer, and the seconds that it took."""
    given = {"HOST": "127.0.0.1", "PORT": port, "TIMEOUT": 0.6, "USE_TLS": False, "USE_SSL": False, **changes}
    for name, value in given.items():
        setattr(settings, f"EMAIL_{name}", value)
    began = time.perf_counter()
    with Conversation() as conversation:
        answer = conversation.send(sender="calls@example.org", recipient=recipient, data=DATA, meanwhile=lambda: ours)
    return answer, time.perf_counter() - began


def test_a_server_that_says_a_byte_now_and_then_ends_at_the_time_out(settings: Any) -> None:
    def dribble(link: socket.socket) -> None:
        for byte in b"220 " + b"x" * 60:
            link.sendall(bytes([byte]))
            time.sleep(0.1)

    with a_server(dribble) as port:
        answer, seconds = deliver(settings, port)

    assert (answer.outcome, answer.reached, seconds < 3) == (Outcome.LATER, False, True)


def test_dots_arrive_as_they_were_sent(settings: Any) -> None:
    heard = bytearray()

    def listen(link: socket.socket) -> None:
        link.sendall(b"220 hello\r\n")
        with link.makefile("rb") as lines:
            for line in lines:
                heard.extend(line)
                if line.startswith(b"DATA"):
                    link.sendall(b"354 go on\r\n")
                elif line == b".\r\n" or not heard.count(b"DATA"):
                    link.sendall(b"250 fine\r\n")

    with a_server(listen) as port:
        answer, _ = deliver(settings, port)

    assert answer.outcome == Outcome.ACCEPTED
    assert b"DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\n" in heard


def a_dialogue(heard: list[bytes], replies: dict[bytes, bytes], *, pipelining: bool) -> Callable[[socket.socket], None]:
    """A server that answers each command by its first word, and keeps every line that it hears."""
    hello = b"250-hello\r\n250 PIPELINING\r\n" if pipelining else b"250 hello\r\n"
    usual = {b"ehlo": hello, b"MAIL": b"250 fine\r\n", b"RCPT": b"250 fine\r\n", b"DATA": b"354 go on\r\n"}

    def talk(link: socket.socket) -> None:
        link.sendall(b"220 hello\r\n")
        with link.makefile("rb") as lines:
            for line in lines:
                heard.append(line)
                reply = {**usual, b".": b"250 fine\r\n", b"RSET": b"250 fine\r\n", **replies}.get(line.strip()[:4])
                if reply:
                    link.sendall(reply)

    return talk


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({}, Answer(Outcome.ACCEPTED, "250")),
        ({b"MAIL": b"450 4.2.1 later\r\n"}, Answer(Outcome.LATER, "450 4.2.1")),
        ({b"RCPT": b"550 5.1.1 no such user\r\n"}, Answer(Outcome.REFUSED, "550 5.1.1")),
        ({b"RCPT": b"550 5.1.1 nobody\r\n", b"DATA": b"503 first RCPT\r\n"}, Answer(Outcome.REFUSED, "550 5.1.1")),
        ({b"DATA": b"451 4.3.0 later\r\n"}, Answer(Outcome.LATER, "451 4.3.0")),
        ({b"DATA": b"250 what?\r\n"}, Answer(Outcome.LATER, "451")),
        ({b"MAIL": b"421 4.7.0 closing\r\n"}, Answer(Outcome.LATER, "421 4.7.0")),
        ({b".": b"554 5.7.1 spam\r\n"}, Answer(Outcome.REFUSED, "554 5.7.1")),
    ],
)
def test_the_first_refusal_is_the_answer(
    settings: Any, pipelining: bool, replies: dict[bytes, bytes], expected: Answer
) -> None:
    heard: list[bytes] = []

    with a_server(a_dialogue(heard, replies, pipelining=pipelining)) as port:
        answer, seconds = deliver(settings, port, TIMEOUT=5)

    content = b"Subject: x\r\n" in heard
    assert (answer, seconds < 3) == (expected, True)
    assert content == (expected.outcome == Outcome.ACCEPTED or b"." in replies)


@pytest.mark.parametrize("pipelining", [True, False])
def test_what_somebody_else_has_is_not_handed_over(settings: Any, pipelining: bool) -> None:
    heard: list[bytes] = []

    with a_server(a_dialogue(heard, {}, pipelining=pipelining)) as port:
        answer, _ = deliver(settings, port, ours=False, TIMEOUT=5)

    assert answer.outcome == Outcome.LEASE_LOST
    assert not [line for line in heard if line.startswith((b"Subject", b"."))]


@pytest.mark.parametrize("address", ["a@b.c>\r\nRCPT TO:<x@y.z", "a\n@b.c", "a@b.c\x00", "ana@exámple.com"])
def test_an_address_brings_no_command_of_its_own(settings: Any, address: str) -> None:
    with Conversation() as conversation:
        answer = conversation.send(sender="a@b.c", recipient=address, data=DATA, meanwhile=lambda: True)
        from_there = conversation.send(sender=address, recipient="a@b.c", data=DATA, meanwhile=lambda: True)

    assert (answer, from_there) == (Answer(Outcome.REFUSED, "no address"), Answer(Outcome.LATER, "no sender"))


def a_stranger(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = dt.datetime.now(dt.UTC)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem += dated.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "stranger.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "stranger.pem")
    return context


@pytest.mark.parametrize("how", ["USE_SSL", "USE_TLS"])
def test_a_server_that_nobody_vouches_for_gets_no_mail(settings: Any, tmp_path: Path, how: str) -> None:
    context = a_stranger(tmp_path)

    def pretend(link: socket.socket) -> None:
        if how == "USE_TLS":
            link.sendall(b"220 hello\r\n")
            link.recv(99)
            link.sendall(b"250-hello\r\n250 STARTTLS\r\n")
            link.recv(99)
            link.sendall(b"220 go on\r\n")
        with context.wrap_socket(link, server_side=True) as secret:
            secret.sendall(b"220 hello\r\n")

    with a_server(pretend) as port:
        answer, _ = deliver(settings, port, TIMEOUT=5, **{how: True})

    assert answer == Answer(Outcome.LATER, "certificate", reached=False)


@pytest.mark.parametrize(
    ("code", "text", "outcome"),
    [
        (250, b"2.0.0 Ok", Outcome.ACCEPTED),
        (421, b"4.7.0 Closing", Outcome.LATER),
        (450, b"", Outcome.LATER),
        (451, b"5.1.1 odd", Outcome.LATER),
        (452, b"4.5.3 Too many", Outcome.LATER),
        (530, b"5.7.0 Sign in first", Outcome.LATER),
        (535, b"5.7.8 Bad credentials", Outcome.LATER),
        (550, b"5.1.1 No such user", Outcome.REFUSED),
        (552, b"5.2.2 Mailbox full", Outcome.LATER),
        (552, b"4.2.2 Mailbox full", Outcome.LATER),
        (552, b"5.3.4 Too large", Outcome.REFUSED),
        (554, b"", Outcome.REFUSED),
        (999, b"", Outcome.LATER),
    ],
)
def test_each_reply_has_its_meaning(code: int, text: bytes, outcome: Outcome) -> None:
    assert answer_to(code, text).outcome == outcome
