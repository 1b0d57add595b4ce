"""One request to an address that somebody typed in: bounded in time and size, and only where it may lead.

The name is resolved once and the connection made to that very address, so that it cannot change in between.
"""

import ipaddress
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

SCHEMES = {"https": 443, "http": 80}
MOVED = (301, 302, 303, 307, 308)


class Unreachable(Exception):
    """No answer came; the text is a short code of why, without the address."""

    permanent = False


class NotAllowed(Unreachable):
    """This address may not be called: it is no https address, or leads into a private network."""

    permanent = True


class TooLarge(Unreachable):
    """The answer is longer than we read."""


@dataclass(frozen=True)
class Reach:
    """Where a request may lead: https to the public internet, to `ports` where some are named.

    `private` opens every network, and http; `loopback` this machine alone, and http there.
    """

    private: bool = False
    loopback: bool = False
    ports: frozenset[int] = frozenset()

    def takes(self, address: str, scheme: str, port: int) -> bool:
        found = ipaddress.ip_address(address)
        if self.private or (self.loopback and found.is_loopback):
            return True
        public = found.is_global and not found.is_multicast
        return scheme == "https" and public and (not self.ports or port in self.ports)


@dataclass(frozen=True)
class Answer:
    """The status code, headers by their small name, and the body as it was before it was compressed."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(
    method: str,
    url: str,
    *,
    reach: Reach,
    seconds: float,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    limit: int = 0,
    redirects: int = 0,
) -> Answer:
    """The answer, within so many seconds altogether; at most `limit` bytes of its body, none are read for 0.

    So many redirects are followed, each to an address that is looked at again; what says who we are
    (`Authorization`) goes to the first server alone. Raises Unreachable, NotAllowed, TooLarge.
    """
    until, sent, first = time.monotonic() + seconds, dict(headers or {}), _origin(url)
    for _ in range(redirects + 1):
        if _origin(url) != first:
            sent.pop("Authorization", None)
        answer = _once(method, url, body=body, headers=sent, reach=reach, until=until, limit=limit)
        target = answer.headers.get("location", "")
        if not redirects or answer.status not in MOVED or not target:
            return answer
        url = _joined(url, target)
    raise Unreachable("redirects")


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise NotAllowed("not_allowed") from error


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotAllowed("not_allowed") from error
    return parts.scheme, parts.netloc


class _Alarm:
    """Hangs up when the time is over: a time-out of a socket starts anew at each byte."""

    def __init__(self, until: float) -> None:
        self.until, self.rang = until, False
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None

    def watch(self, sock: socket.socket) -> None:
        self._socket = sock.dup()  # TLS takes the first one over
        self._timer = Timer(self.left, self._ring)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        return max(self.until - time.monotonic(), 0.01)

    def _ring(self) -> None:
        self.rang = True
        with suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._socket is not None:
            self._socket.close()


def _once(
    method: str, url: str, *, body: bytes | None, headers: dict[str, str], reach: Reach, until: float, limit: int
) -> Answer:
    address, parts = resolved(url, reach=reach), urlsplit(url)
    alarm = _Alarm(until)
    pool = _pool(parts.scheme, address, parts.port or SCHEMES[parts.scheme], _ascii(parts.hostname or ""), alarm)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = {"Host": _ascii(parts.netloc.rpartition("@")[2])}
    try:
        answer = pool.urlopen(
            method, path, body=body, headers=host | headers, redirect=False, retries=False, preload_content=False
        )
        read = answer.read(limit + 1, decode_content=True) if limit else b""
        answer.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unreachable("timeout" if alarm.rang else _code(error)) from error
    finally:
        alarm.stop()
        pool.close()
    if alarm.rang:  # what has no length looks whole when it is cut off
        raise Unreachable("timeout")
    if len(read) > limit:
        raise TooLarge("too_large")
    return Answer(int(answer.status), {name.lower(): value for name, value in answer.headers.items()}, read)


def _code(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "timeout"
    return "tls" if isinstance(error, urllib3.exceptions.SSLError) else "connection"


def _ascii(host: str) -> str:
    """A name in other letters as the network spells it (RFC 3490)."""
    return host.encode("idna").decode("ascii")


def _pool(scheme: str, address: str, port: int, name: str, alarm: _Alarm) -> urllib3.HTTPConnectionPool:
    pool: urllib3.HTTPConnectionPool
    timeout = urllib3.Timeout(connect=alarm.left, read=alarm.left)
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=name, assert_hostname=name)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    pool.ConnectionCls = _watched(HTTPSConnection if scheme == "https" else HTTPConnection, alarm)
    return pool


def _watched(kind: type[HTTPConnection], alarm: _Alarm) -> Any:
    """A connection whose every moment, from the handshake to the last byte, the alarm is set on."""

    class Watched(kind):  # type: ignore[misc, valid-type]
        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn()
            alarm.watch(sock)
            return sock

    return Watched


def resolved(url: str, *, reach: Reach) -> str:
    """The address that a URL's host has now. Raises NotAllowed, Unreachable."""
    try:
        parts = urlsplit(url)
        port = parts.port or SCHEMES.get(parts.scheme)
    except ValueError as error:
        raise NotAllowed("not_allowed") from error
    plain = parts.scheme == "https" or reach.private or reach.loopback
    if port is None or not parts.hostname or parts.username or not plain:
        raise NotAllowed("not_allowed")
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable("name") from error
    if not found or not all(reach.takes(each, parts.scheme, port) for each in found):
        raise NotAllowed("not_allowed")
    return found[0]
