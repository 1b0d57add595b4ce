"""What a mail provider's webhook tells us (django-anymail): the one place where we listen to a signal."""

from typing import Any

from anymail.signals import EventType, tracking
from django.dispatch import receiver
from django.utils import timezone

from inquiries.privacy import blind_index
from notifications import bounces
from notifications.models import Suppression

FINAL = {
    EventType.BOUNCED: Suppression.Why.BOUNCED,
    EventType.REJECTED: Suppression.Why.REFUSED,
    EventType.COMPLAINED: Suppression.Why.COMPLAINED,
}
# A bounce may be passing. Anymail keeps no word for that, so we look at the providers' own.
KINDS = ("Type", "type", "severity", "bounceType", "bounce_type", "event")
PASSING = {"softbounce", "soft_bounce", "soft", "temporary", "transient", "blocked", "dnserror", "autoresponder"}


@receiver(tracking)
def heard(event: Any, **_: Any) -> None:
    """Suppress the address of a message that came back for good, or that its reader complained of."""
    if event.event_type in FINAL and event.recipient and not is_passing(event.esp_event):
        code = str(event.reject_reason or "")[:32]
        index = blind_index("email", event.recipient)
        bounces.suppress(address_index=index, why=FINAL[event.event_type], code=code, now=timezone.now())


def is_passing(told: Any) -> bool:
    """Whether the provider calls the bounce soft, in its own words.

    >>> is_passing({"Type": "SoftBounce"}), is_passing({"bounce": {"bounceType": "Permanent"}}), is_passing(None)
    (True, False, False)
    """
    if not isinstance(told, dict):
        return False
    own = {str(told.get(kind, "")).lower() for kind in KINDS}
    return bool(own & PASSING) or any(is_passing(told.get(part)) for part in ("bounce", "data", "event-data"))
