"""One POST to an address that somebody typed in: bounded in time and size, and never into our own network.

The name is resolved once and the connection made to that very address, so that it cannot change in between.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

SECONDS = 4
ENOUGH = 1024
SCHEMES = {"https": 443, "http": 80}


class Unreachable(Exception):
    """No answer came; the text is a short code of why, without the address."""

    permanent = False


class NotAllowed(Unreachable):
    """This address may not be called: it is no https address, or leads into a private network."""

    permanent = True


def post(url: str, *, body: bytes, headers: dict[str, str]) -> int:
    """The status code of the answer; redirects are not followed. Raises Unreachable, NotAllowed."""
    parts = urlsplit(url)
    address = resolved(url)
    timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
    pool = _pool(parts.scheme, address, parts.port or SCHEMES[parts.scheme], parts.hostname or "", timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = {"Host": parts.netloc.rpartition("@")[2]}
    try:
        answer = pool.urlopen(
            "POST", path, body=body, headers=host | headers, redirect=False, retries=False, preload_content=False
        )
        answer.read(ENOUGH)
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


def _pool(scheme: str, address: str, port: int, name: str, timeout: urllib3.Timeout) -> urllib3.HTTPConnectionPool:
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=name, assert_hostname=name)
    return urllib3.HTTPConnectionPool(address, port, timeout=timeout)


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
