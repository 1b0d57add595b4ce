"""A letter of ours to ourselves, once an hour, over the whole way that letters go: it shows that mail does leave.

Without it a broken mail server is found out by the first patient who hears nothing. It is about nobody, and no row of
the ledger; only the newest one is tried, every two minutes until its hour is over.
"""

import datetime as dt
from html import escape

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from notifications import envelope, outbox
from notifications.delivery import Clock
from notifications.models import Canary
from notifications.smtp import Conversation, Outcome

EVERY, KEPT = dt.timedelta(hours=1), dt.timedelta(days=7)
AGAIN = dt.timedelta(minutes=2)
SENDER = "sender"


def address() -> str:
    """Where it goes: CANARY_EMAIL, which may say `sender`; '' when there is none."""
    return envelope.sender_address() if settings.CANARY_EMAIL == SENDER else settings.CANARY_EMAIL


def fly(*, conversation: Conversation, clock: Clock) -> int:
    """Send this hour's, if it has not left; how many did."""
    recipient = address()
    bird = _take(now=clock()) if recipient else None
    if bird is None:
        return 0
    answer = conversation.send(
        sender=envelope.sender_address(),
        recipient=recipient,
        data=_written(bird, recipient),
        meanwhile=lambda: True,
    )
    sent = answer.outcome == Outcome.ACCEPTED
    changes = {"sent_at": clock(), "try_at": None} if sent else {}
    Canary.objects.filter(pk=bird.pk).update(last_reply=answer.reply, **changes)
    return int(sent)


@transaction.atomic
def _take(*, now: dt.datetime) -> Canary | None:
    """This hour's, when nobody else has it in hand; once taken it is tried again two minutes later."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if Canary.objects.filter(due_at=hour).exclude(try_at__lte=now).exists() or not outbox.is_open(now=now):
        return None
    Canary.objects.get_or_create(due_at=hour, defaults={"try_at": hour})
    bird = Canary.objects.select_for_update(skip_locked=True).filter(due_at=hour, try_at__lte=now).first()
    if bird is not None:
        Canary.objects.filter(pk=bird.pk).update(try_at=now + AGAIN, attempts=F("attempts") + 1)
        Canary.objects.filter(due_at__lt=now - KEPT).delete()
    return bird


def _written(bird: Canary, recipient: str) -> bytes:
    with translation.override(settings.LANGUAGE_CODE):
        text = _(
            "Firstcall writes this once an hour to show that its mail leaves. There is nothing to do."
            "\n\nWhen it stays away, the desk says so in red on every page."
        )
        subject = _("Mail leaves: the hourly check")
    return envelope.seal_up(
        recipient=recipient,
        subject=subject,
        text=text,
        html="".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n")),
        invitation=None,
        message_id=bird.message_id,
        language=settings.LANGUAGE_CODE,
        discreet=False,
        unsubscribe="",
        now=bird.due_at,
    )
