"""What a contact form tells of who sent it: a person, or perhaps a program. Nobody is refused for it.

A form carries a key that only we can sign, with the moment when the page was opened. A browser with scripts adds a
proof of work for that key (`config/static/proof.js`); it is asked for only while forms come in a flood.
What looks like a program's is set aside for staff (`Inquiry.SetAside`): no time is held, and nobody is written to.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone

from inquiries.api.throttles import spend, spent
from inquiries.intake import Person
from inquiries.models import IdempotentReply, Inquiry
from inquiries.privacy import blind_index

KEY_LASTS = 24 * 60 * 60
KEY_LENGTH, PROOF_LENGTH = 300, 20
PROOF_BITS = 18  # a third of a second of one core, a second or two on an old phone
FLOOD_SECONDS = 3  # the least time to fill in the form, in a flood, whatever the settings say

Why = Inquiry.SetAside
_signer = Signer(salt="contact-form")


@dataclass(frozen=True)
class Opened:
    """A page with the form: its `name` is never given twice; `age` in seconds."""

    name: str
    age: int


def new_key(*, age: int = 0) -> str:
    """The key of a form that was opened so many seconds ago."""
    return _signer.sign_object({"name": secrets.token_urlsafe(12), "at": int(timezone.now().timestamp()) - age})


def renewed_key() -> str:
    """For a person who has read the form already."""
    return new_key(age=max(settings.MINIMUM_FILL_SECONDS, FLOOD_SECONDS))


def opened(key: str) -> Opened | None:
    """None for a key that we have not signed."""
    try:
        facts = _signer.unsign_object(key[:KEY_LENGTH])
    except (BadSignature, ValueError):
        return None
    return Opened(name=facts["name"], age=int(timezone.now().timestamp()) - facts["at"])


def has_lapsed(key: str) -> bool:
    page = opened(key)
    return page is not None and page.age > KEY_LASTS


def of_form(*, key: str, proof: str, person: Person) -> str:
    """Why the form is to be set aside, '' when it is not; counts it."""
    flood, page, often = is_flood(count=True), opened(key), asks_often(person)
    if page is None:
        return Why.NO_KEY
    again = spend("page", page.name)
    if page.age < max(settings.MINIMUM_FILL_SECONDS, FLOOD_SECONDS if flood else 0):
        return Why.TOO_FAST
    if flood and not proves(key, proof):
        return Why.UNPROVEN
    if often:
        return Why.OFTEN
    return Why.PAGE_AGAIN if again else ""


def asks_often(person: Person) -> bool:
    """Whether this e-mail or phone has asked too often within the hour; counts each."""
    ways = [f"{kind}:{value.casefold()}" for kind, value in (("email", person.email), ("phone", person.phone)) if value]
    waits = [spend("person", way) for way in ways]
    return any(waits)


def is_flood(*, count: bool = False) -> bool:
    """Whether more forms come in than a clinic gets, from everybody together; or it is always, or never, said to be."""
    too_many = (spend if count else spent)("flood", "everybody")
    return bool(too_many) if settings.PROOF_OF_WORK == "auto" else settings.PROOF_OF_WORK == "always"


def proves(key: str, proof: str) -> bool:
    """Whether SHA-256 of the key's signature, `:` and the proof begins with so many zero bits."""
    if not proof.isascii() or not proof.isdigit() or len(proof) > PROOF_LENGTH:
        return False
    digest = hashlib.sha256(f"{key.rpartition(':')[2]}:{proof}".encode()).digest()
    return int.from_bytes(digest) >> (256 - PROOF_BITS) == 0


def claim(key: str) -> bool:
    """Whether this is the first inquiry of the key's page; so that work done once is not sent a thousand times.

    Part of the caller's transaction.
    """
    page = opened(key)
    digest = blind_index("proof", page.name if page else "")
    mine = IdempotentReply(scope="proof", key_digest=digest, request_digest=digest, created_at=timezone.now())
    IdempotentReply.objects.bulk_create([mine], ignore_conflicts=True)
    return IdempotentReply.objects.filter(pk=mine.pk).exists()
