"""`Idempotency-Key`: the same request sent again gets the same answer, byte for byte, and is done once.

The key's row is inserted first, in the transaction of the work: a second request with the key waits for the first
to commit, and then reads its answer. The kept answer is sealed, because it holds the patient's link; of the request
only a keyed digest is kept. A request that is refused altogether keeps nothing, and its key may be used again.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from inquiries.api import problems
from inquiries.api.problems import Problem
from inquiries.models import IdempotentReply

HEADER = "Idempotency-Key"
VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
Work = Callable[[], tuple[int, dict[str, Any]]]


@transaction.atomic
def answer_once(request: Request, *, scope: str, work: Work) -> HttpResponse:
    """Do the work in one transaction, and answer with the status and body that it returns.

    Raises Problem 400 for a malformed key, 422 `idempotency_mismatch` for a key that came with another body.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _answer(*_rendered(work))
    if not VISIBLE.fullmatch(key):
        sentence = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        raise Problem(400, "idempotency_key_invalid", sentence)
    reply, is_new = _claimed(scope, key, request.data)
    if not is_new:
        return _answer(reply.status, reply.body.reveal())
    reply.status, reply.body = _rendered(work)
    reply.save(update_fields=["status", "body"])
    return _answer(reply.status, reply.body.reveal())


def _claimed(scope: str, key: str, body: Any) -> tuple[IdempotentReply, bool]:
    """The key's row, and whether it is ours to fill; waits while another request holds it."""
    digest = _digest(json.dumps(body, sort_keys=True))
    mine = IdempotentReply(scope=scope, key_digest=_digest(key), request_digest=digest, created_at=timezone.now())
    IdempotentReply.objects.bulk_create([mine], ignore_conflicts=True)
    kept = IdempotentReply.objects.get(scope=scope, key_digest=mine.key_digest)
    if not hmac.compare_digest(kept.request_digest, digest):
        sentence = _("This Idempotency-Key came with another request before. Use a new key for a new request.")
        raise Problem(422, "idempotency_mismatch", sentence)
    return kept, kept.pk == mine.pk


def _digest(text: str) -> str:
    key = hashlib.sha256(b"idempotency:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _rendered(work: Work) -> tuple[int, str]:
    status, body = work()
    return status, JSONRenderer().render(body).decode()


def _answer(status: int, body: str) -> HttpResponse:
    return HttpResponse(body, status=status, content_type=problems.MEDIA_TYPE if status >= 400 else "application/json")
