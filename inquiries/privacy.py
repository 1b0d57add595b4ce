"""Personal facts: how they are wrapped in memory, sealed at rest and looked up without being readable.

A sealed value is `keyid:base64url(nonce ‖ ciphertext ‖ tag)`: AES-256-GCM (NIST SP 800-38D) whose associated data
names the table, the column and the row, so a ciphertext copied to another row does not open.
"""

import base64
import hashlib
import hmac
import os
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotOpen(Exception):
    """This sealed value does not open: its key is missing from FIELD_ENCRYPTION_KEYS, or it was moved or altered."""


class Private:
    """A personal fact that shows nothing of itself; `reveal()` is the one way to read it, and easy to search for."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "<private>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Private) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("Private", self._value))


@lru_cache(maxsize=4)
def _keyring(configured: str) -> dict[str, bytes]:
    """Key id to key, newest first; the first one seals."""
    ring = {}
    for entry in filter(None, (part.strip() for part in configured.split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            key = b""
        if not re.fullmatch(r"\w{1,16}", key_id) or len(key) != KEY_BYTES:
            raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS wants `keyid:base64url(32 bytes)`, newest first.")
        ring[key_id] = key
    if not ring:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS holds no key.")
    return ring


def seal(plain: str, *, place: str) -> str:
    """`plain` sealed with the newest key for `place` (`table:column:row`)."""
    key_id, key = next(iter(_keyring(settings.FIELD_ENCRYPTION_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    box = AESGCM(key).encrypt(nonce, plain.encode(), place.encode())
    return f"{key_id}:{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(sealed: str, *, place: str) -> str:
    """The text sealed for `place`. Raises CannotOpen."""
    key_id, _, encoded = sealed.partition(":")
    key = _keyring(settings.FIELD_ENCRYPTION_KEYS).get(key_id)
    if key is None:
        raise CannotOpen(f"no key {key_id!r}")
    raw = base64.urlsafe_b64decode(encoded)
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
    except InvalidTag as error:
        raise CannotOpen(place.rpartition(":")[0]) from error


def blind_index(kind: str, value: str) -> str:
    """A keyed digest (64 hex digits) that finds equal values of one `kind` and tells nothing else."""
    key = hashlib.sha256(b"blind-index:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{kind}:{value.strip().casefold()}".encode(), hashlib.sha256).hexdigest()


def token_digest(token: str) -> str:
    """What is kept of a secret link or token: its SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


class SealedAttribute:
    """Opens a sealed column when it is read, so that a row that is only listed is never decrypted."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:
            row.refresh_from_db(fields=[self.field.attname])
        value = row.__dict__[self.field.attname]
        if isinstance(value, Sealed):
            value = Private(unseal(value, place=self.field.place(row)) if value else "")
            row.__dict__[self.field.attname] = value
        return value

    def __set__(self, row: Any, value: Any) -> None:
        plain = isinstance(value, str) and not isinstance(value, Sealed)
        row.__dict__[self.field.attname] = Private(str(value)) if plain else value


class Sealed(str):
    """Marks a value as it came from the database."""

    __slots__ = ()


if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """Text that is sealed at rest and `Private` in memory; assigned a `str`, read back as `Private`, '' when empty.

    The row's primary key is part of the seal, so it must be known before the row is saved (UUID keys).
    """

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, SealedAttribute(self))

    def place(self, row: models.Model) -> str:
        return f"{row._meta.db_table}:{self.column}:{row.pk}"

    def from_db_value(self, value: str | None, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Private):
            return seal(value.reveal(), place=self.place(model_instance)) if value else ""
        return value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Private) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Private):
            raise TypeError("A personal fact cannot be queried; look it up by its blind index.")
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.pre_save(obj, add=False))


_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
_WANTED_FORMAT_CHARACTERS = {"\u200c", "\u200d"}  # joiners that real names and emoji need


def clean_text(text: str, *, lines: bool = False) -> str:
    """NFC text without NUL, control, surrogate or bidirectional-override characters; the one boundary for free text.

    `lines` keeps line breaks and tabs. White space at the ends goes, and runs of it on one line become one space.
    """
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        mark
        for mark in normal
        if unicodedata.category(mark) not in _REFUSED_CATEGORIES or mark in _WANTED_FORMAT_CHARACTERS or mark in "\n\t"
    )
    if lines:
        return kept.strip()
    return " ".join(kept.split())
