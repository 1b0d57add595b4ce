"""Gunicorn's worker; what is no HTTP, or too much of it, gets a problem as everywhere, and is not echoed or logged."""

import json
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        try:
            util.write_nonblock(client, refusal(exc))
        except OSError:
            self.log.debug("Nobody is there to be refused.")


def refusal(error: ParseException) -> bytes:
    """The whole answer to what could not be read; it needs nothing of Django's."""
    status, detail = HTTPStatus.BAD_REQUEST, "This is not HTTP that we can read."
    if isinstance(error, LimitRequestLine):
        status, detail = HTTPStatus.REQUEST_URI_TOO_LONG, "This address is too long."
    elif isinstance(error, LimitRequestHeaders):
        status, detail = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "These headers are too many, or too long."
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": "malformed",
    }
    body = json.dumps(problem).encode()
    head = f"HTTP/1.1 {int(status)} {status.phrase}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
