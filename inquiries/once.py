"""A form that is sent twice, by an impatient second press, is one form: the second gets the first one's answer."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from inquiries.models import IdempotentReply
from inquiries.privacy import blind_index

SCOPE = "page"


@transaction.atomic
def once(key: str, work: Callable[[], str]) -> str:
    """What `work` returns (an address to go on to), done once for a key; a second caller waits for the first.

    The address holds the patient's link, so it is kept sealed; of the key only a keyed digest is kept.
    """
    digest = blind_index("form", key)
    mine = IdempotentReply(scope=SCOPE, key_digest=digest, request_digest=digest, created_at=timezone.now())
    IdempotentReply.objects.bulk_create([mine], ignore_conflicts=True)
    kept = IdempotentReply.objects.get(scope=SCOPE, key_digest=digest)
    if kept.pk != mine.pk:
        return str(kept.body.reveal())
    kept.status, kept.body = 302, work()
    kept.save(update_fields=["status", "body"])
    return str(kept.body.reveal())
