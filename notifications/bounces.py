"""Addresses that take no mail: how we learn of them, what follows, and how that is undone.

Three ways in: the mail server refuses the address while we talk to it, a delivery report comes back later (RFC 3464)
to the signed sender address of the message (VERP), or a provider's webhook tells. The address is kept as a keyed
digest only.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable
from email.message import EmailMessage, Message
from email.utils import getaddresses
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from inquiries.models import Inquiry, StaffMember
from inquiries.privacy import blind_index
from notifications.models import Notification, Suppression
from notifications.readers import Staff
from notifications.standing import SuppressionQuerySet

Reason, Status = Notification.Reason, Notification.Status
# Told however often mail to the address came back: that nobody hears it is worse than one more mail that bounces.
ALARM = Notification.Kind.URGENT_INQUIRY
MARK = re.compile(r"\+(?P<row>[0-9a-f]{32})-(?P<signature>[0-9a-f]{16})@")
# Enhanced codes (RFC 3463) that speak of the address; the other final ones speak of the message, or of us.
OF_THE_ADDRESS = re.compile(r"5\.(?:1\.(?:[0-6]|10)|2\.[01])\b")
BARE = re.compile(r"55[013]$")


class NotOurs(Exception):
    """This report belongs to no message of ours: no recipient of it carries our signature."""

    permanent = True


def return_address(row: Notification) -> str:
    """The sender on the envelope: names the row to us and nobody to anybody; '' when no mailbox takes reports."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    name, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{name}+{row.pk.hex}-{_signature(row.pk.hex)}@{domain}"


def _signature(row: str) -> str:
    key = hashlib.sha256(b"bounce:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, row.encode(), hashlib.sha256).hexdigest()[:16]


def row_of(addresses: str) -> Notification | None:
    """The message whose signed sender address is among these."""
    for found in MARK.finditer(addresses.lower()):
        if hmac.compare_digest(found["signature"], _signature(found["row"])):
            return Notification.objects.filter(pk=UUID(found["row"])).first()
    return None


def is_about_the_address(reply: str) -> bool:
    """Whether a final reply (`550 5.1.1`) says that the address is no good.

    >>> [is_about_the_address(reply) for reply in ("550 5.1.1", "550", "554 5.7.1", "552 5.3.4", "550 5.2.1")]
    [True, True, False, False, True]
    """
    return bool(OF_THE_ADDRESS.search(reply) or BARE.match(reply))


def take_report(report: EmailMessage, *, recipient: str, now: dt.datetime) -> Suppression | None:
    """Act on a delivery report; None when it is no final failure. `recipient` is its envelope recipient, '' if unknown.

    Raises NotOurs.
    """
    headers = [str(value) for name in ("Delivered-To", "X-Original-To", "To") for value in report.get_all(name, [])]
    row = row_of(" ".join([recipient, *(address for _, address in getaddresses(headers))]))
    if row is None:
        raise NotOurs
    code = final_code(report)
    if not code:
        return None
    return suppress(address_index=row.recipient_index, why=Suppression.Why.BOUNCED, code=code, now=now)


def final_code(report: Message) -> str:
    """The enhanced code of the first recipient that failed for good and by its own fault; '' when there is none."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.walk():
            code = re.match(r"\s*(\d\.\d{1,3}\.\d{1,3})", str(fields.get("Status", "")))
            failed = str(fields.get("Action", "")).strip().lower() == "failed"
            if failed and code and is_about_the_address(code[1]):
                return code[1]
    return ""


@transaction.atomic
def suppress(*, address_index: str, why: str, code: str = "", now: dt.datetime) -> Suppression:
    """Nothing more goes to this address but alarms; staff are asked to call its people. Twice changes nothing."""
    found = _once(address_index, why, code, now)
    waiting = Notification.objects.filter(recipient_index=address_index, try_at__isnull=False).exclude(kind=ALARM)
    waiting.filter(status=Status.DUE).update(status=Status.SUPPRESSED, reason=Reason.BOUNCED, try_at=None)
    waiting.filter(status=Status.UNCERTAIN).update(try_at=None)
    return found


def _once(address_index: str, why: str, code: str, now: dt.datetime) -> Suppression:
    try:
        with transaction.atomic():
            return Suppression.objects.create(address_index=address_index, why=why, code=code[:32], at=now)
    except IntegrityError:
        return Suppression.objects.active().get(address_index=address_index)


def suppressed_among(indexes: set[str]) -> set[str]:
    """Those of the address digests to which nothing is sent."""
    return set(Suppression.objects.active().filter(address_index__in=indexes).values_list("address_index", flat=True))


def handle(*, suppression: Suppression, by: StaffMember, now: dt.datetime) -> None:
    """Somebody has called its people."""
    Suppression.objects.to_call().filter(pk=suppression.pk).update(handled_at=now, handled_by=by)


@transaction.atomic
def lift(*, suppression: Suppression, by: StaffMember, now: dt.datetime) -> None:
    """The address takes mail after all: what was held back and is still of use is sent."""
    if not Suppression.objects.active().filter(pk=suppression.pk).update(lifted_at=now, lifted_by=by):
        return
    refused = Q(status=Status.FAILED, reason=Reason.REFUSED)
    held = Notification.objects.filter(Q(status=Status.SUPPRESSED) | refused, handled_at=None, expires_at__gt=now)
    held = held.filter(recipient_index=suppression.address_index)
    held.update(status=Status.DUE, reason="", body="", try_at=Greatest("due_at", now))


def our_own() -> dict[str, str]:
    """By address digest, the addresses of staff."""
    staff = Staff()
    return {blind_index("email", address): address for _, address in [*staff.everybody, *staff.on_call]}


def of_somebody(suppressions: SuppressionQuerySet, *, ours: Iterable[str]) -> SuppressionQuerySet:
    """Those whose address digest is one of `ours`, or of people whose inquiry is open."""
    theirs = _still_open().filter(contact__email_index=OuterRef("address_index"))
    return suppressions.filter(Exists(theirs) | Q(address_index__in=ours))


def people_of(suppressions: list[Suppression]) -> dict[str, list[Inquiry]]:
    """By address digest, the open inquiries of the people who gave it."""
    concerned = _still_open().filter(contact__email_index__in=[each.address_index for each in suppressions])
    found: dict[str, list[Inquiry]] = {}
    for inquiry in concerned.select_related("contact").order_by("-created_at", "pk"):
        found.setdefault(inquiry.contact.email_index, []).append(inquiry)
    return found


def _still_open() -> QuerySet[Inquiry]:
    return Inquiry.objects.exclude(status=Inquiry.Status.CLOSED).filter(erased_at=None)
