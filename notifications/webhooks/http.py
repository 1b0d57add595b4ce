"""One POST to a program's address: what it answers is only counted."""

from django.conf import settings

from inquiries import outward
from inquiries.outward import NotAllowed, Unreachable

__all__ = ["NotAllowed", "Unreachable", "post", "resolved"]

SECONDS = 4


def post(url: str, *, body: bytes, headers: dict[str, str]) -> int:
    """The status code of the answer; redirects are not followed. Raises Unreachable, NotAllowed."""
    return outward.ask("POST", url, body=body, headers=headers, reach=_reach(), seconds=SECONDS).status


def resolved(url: str) -> str:
    """The address that a URL's host has now. Raises NotAllowed, Unreachable."""
    return outward.resolved(url, reach=_reach())


def _reach() -> outward.Reach:
    return outward.Reach(private=settings.WEBHOOKS_TO_PRIVATE_NETWORKS)
