"""What the periodic work does besides messages."""

import datetime as dt

import pytest

from inquiries.models import IdempotentReply
from notifications import work
from tests.factories import NOW

TWO_DAYS = dt.timedelta(hours=48)
A_SECOND = dt.timedelta(seconds=1)


@pytest.mark.django_db
def test_a_kept_answer_is_forgotten_after_two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, at in enumerate([NOW - TWO_DAYS - A_SECOND, NOW - TWO_DAYS, NOW - TWO_DAYS + A_SECOND]):
        IdempotentReply.objects.create(scope="test", key_digest=str(number), request_digest="", created_at=at)
    monkeypatch.setattr(work, "REPLIES", 1)

    counts = [work.forget_replies(now=NOW) for _ in range(3)]

    assert counts == [1, 1, 0]
    assert [reply.key_digest for reply in IdempotentReply.objects.all()] == ["2"]
