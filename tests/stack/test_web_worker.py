"""Gunicorn: what it refuses, because it is no HTTP, is a problem that tells nobody what was sent; HEAD has no body."""

import json
import socket
from pathlib import Path

import pytest

from tests.race.server import serving

HOST = b"Host: 127.0.0.1\r\n"
SECRET = b"s3cret"
REFUSED = {
    b"GET /m/" + SECRET + b" HTTP/9.9\r\n" + HOST + b"\r\n": 400,
    b"GET /m/" + SECRET + b"\0 HTTP/1.1\r\n" + HOST + b"\r\n": 400,
    b"GET / HTTP/1.1\r\n" + HOST + b"Authorization: " + SECRET + b"\x7f\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: " + SECRET + b"\r\n\r\n": 400,
    b"GET /" + SECRET * 1000 + b" HTTP/1.1\r\n" + HOST + b"\r\n": 414,
    b"GET / HTTP/1.1\r\n" + HOST + b"X: " + SECRET * 2000 + b"\r\n\r\n": 431,
}


def said(port: int, sent: bytes) -> tuple[str, bytes]:
    """The head and the body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(sent)
        head, _blank, body = b"".join(iter(lambda: wire.recv(65536), b"")).partition(b"\r\n\r\n")
    return head.decode(), body


@pytest.mark.django_db(transaction=True)
def test_what_is_no_http_is_a_problem_that_echoes_nothing(tmp_path: Path) -> None:
    with serving("config.wsgi:application", tmp_path) as port:
        answers = {sent: said(port, sent) for sent in REFUSED}

    for sent, status in REFUSED.items():
        head, body = answers[sent]
        assert head.startswith(f"HTTP/1.1 {status} "), (sent, head)
        assert "Content-Type: application/problem+json" in head
        assert (json.loads(body)["status"], json.loads(body)["code"]) == (status, "malformed")
        assert SECRET not in body
    assert SECRET not in (tmp_path / "gunicorn.log").read_bytes()


@pytest.mark.django_db(transaction=True)
def test_head_is_answered_as_get_without_a_body_or_a_line_in_the_log(tmp_path: Path) -> None:
    with serving("config.wsgi:application", tmp_path) as port:
        asked = b" /api/v1/appointment-types/ HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        (head, nothing), (of_get, body) = said(port, b"HEAD" + asked), said(port, b"GET" + asked)

    length = f"Content-Length: {len(body)}"
    assert (length in head, length in of_get, nothing) == (True, True, b"")
    assert "WARNING" not in (tmp_path / "gunicorn.log").read_text()
