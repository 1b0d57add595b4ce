"""One POST to an address that somebody typed in: bounded in time and size, and never into our own network.

The name is resolved once and the connection made to that very address, so that it cannot change in between.
"""

import ipaddress
import socket
from contextlib import suppress
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection

SECONDS = 4
SCHEMES = {"https": 443, "http": 80}


class Unreachable(Exception):
    """No answer came; the text is a short code of why, without the address."""

    permanent = False


class NotAllowed(Unreachable):
    """This address may not be called: it is no https address, or leads into a private network."""

    permanent = True


class _Brief:
    """Waits for the whole answer no longer than for its first byte; a time-out of a socket starts anew at each byte."""

    sock: Any

    def getresponse(self) -> Any:
        alarm = Timer(SECONDS, _hang_up, [self.sock])
        alarm.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            alarm.cancel()


class _BriefHTTP(_Brief, HTTPConnection):
    pass


class _BriefHTTPS(_Brief, HTTPSConnection):
    pass


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def post(url: str, *, body: bytes, headers: dict[str, str]) -> int:
    """The status code of the answer; redirects are not followed. Raises Unreachable, NotAllowed."""
    address, parts = resolved(url), urlsplit(url)
    pool = _pool(parts.scheme, address, parts.port or SCHEMES[parts.scheme], _ascii(parts.hostname or ""))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = {"Host": _ascii(parts.netloc.rpartition("@")[2])}
    try:
        answer = pool.urlopen(
            "POST", path, body=body, headers=host | headers, redirect=False, retries=False, preload_content=False
        )
        answer.close()
    except urllib3.exceptions.TimeoutError as error:
        raise Unreachable("timeout") from error
    except urllib3.exceptions.SSLError as error:
        raise Unreachable("tls") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreachable("connection") from error
    finally:
        pool.close()
    return int(answer.status)


def _ascii(host: str) -> str:
    """A name in other letters as the network spells it (RFC 3490)."""
    return host.encode("idna").decode("ascii")


def _pool(scheme: str, address: str, port: int, name: str) -> urllib3.HTTPConnectionPool:
    pool: urllib3.HTTPConnectionPool
    timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=name, assert_hostname=name)
        pool.ConnectionCls = _BriefHTTPS
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
        pool.ConnectionCls = _BriefHTTP
    return pool


def resolved(url: str) -> str:
    """The address that a URL's host has now. Raises NotAllowed, Unreachable."""
    try:
        parts = urlsplit(url)
        port = parts.port or SCHEMES.get(parts.scheme)
    except ValueError as error:
        raise NotAllowed("not_allowed") from error
    private = settings.WEBHOOKS_TO_PRIVATE_NETWORKS
    if port is None or not parts.hostname or parts.username or (parts.scheme != "https" and not private):
        raise NotAllowed("not_allowed")
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Unreachable("name") from error
    if not private and not all(ipaddress.ip_address(each).is_global for each in found):
        raise NotAllowed("not_allowed")
    return found[0]
