"""Refuses a start whose limits would let two workers hold one message, or whose hourly check can't be sent."""

import re
from email.utils import parseaddr
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notifications import canary
from notifications.discretion import discreet_name, health_words

BARE_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # nothing but ASCII that is seen, and no angle brackets
ORDER = ("EMAIL_TIMEOUT", "CELERY_TASK_SOFT_TIME_LIMIT", "CELERY_TASK_TIME_LIMIT", "LEASE_SECONDS")


@register()
def limits_are_in_order(**_: Any) -> list[CheckMessage]:
    """A send ends before its task, and a task before its lease."""
    values = [getattr(settings, name) or 0 for name in ORDER]
    if all(lower < higher for lower, higher in pairwise(values)) and values[0] > 0:
        return []
    shown = " < ".join(f"{name}={value}" for name, value in zip(ORDER, values, strict=True))
    return [Error(f"These limits must rise, so that no message is in two hands: {shown}", id="notifications.E001")]


@register()
def canary_can_be_addressed(**_: Any) -> list[CheckMessage]:
    """What is not an address would stop all mail, not only the hourly check."""
    address = settings.CANARY_EMAIL
    try:
        if address not in ("", canary.SENDER):
            validate_email(address)
    except ValidationError:
        hint = f"Give one address, {canary.SENDER!r} for the clinic's own, or nothing for no hourly check."
        return [Error(f"CANARY_EMAIL={address} is no e-mail address.", hint=hint, id="notifications.E002")]
    return []


@register()
def sender_can_be_addressed(**_: Any) -> list[CheckMessage]:
    """A sender that no server takes would hold up all mail."""
    senders = {"DEFAULT_FROM_EMAIL": parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}
    if settings.BOUNCE_ADDRESS:
        senders["BOUNCE_ADDRESS"] = settings.BOUNCE_ADDRESS
    return [
        Error(f"{name}: {address!r} is no bare e-mail address in plain letters.", id="notifications.E003")
        for name, address in senders.items()
        if not BARE_ADDRESS.fullmatch(address)
    ]


@register(deploy=True)
def name_in_mail(**_: Any) -> list[CheckMessage]:
    """Says so when mail can't show the clinic's whole name."""
    name = settings.CLINIC_NAME
    if not health_words(name):
        return []
    return [
        Info(
            f"Mail calls the clinic {discreet_name(name)!r}: its whole name would tell why people write to it.",
            hint="The sender's name is that of DEFAULT_FROM_EMAIL.",
            id="notifications.I001",
        )
    ]
