"""One visitor may not ask without end; and nobody waits for Redis or a lock."""

import pytest
import time_machine
from django.test import override_settings

from config.cache import QuietRedisCache
from inquiries.api.throttles import spend
from inquiries.models import Inquiry
from tests.api.caller import Caller, ask

FEW = {"inquiry": (2, 60), "slots": (2, 60), "token": (2, 60), "person": (2, 3600), "hold": (2, 3600)}


@pytest.mark.parametrize("path", ["slots/?appointment_type=screening-call", "manage/x/", "appointment-types/"])
def test_too_many_questions_are_told_when_to_come_back(visitor: Caller, path: str) -> None:
    with override_settings(THROTTLES=FEW):
        answers = [visitor.get(path) for _ in range(3)]

    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60


def test_too_many_inquiries_are_not_kept(visitor: Caller) -> None:
    with override_settings(THROTTLES=FEW):
        answers = [visitor.post("inquiries/", ask()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert Inquiry.objects.count() == 2


def test_the_next_window_counts_from_nought(clock: time_machine.Traveller) -> None:
    with override_settings(THROTTLES=FEW):
        assert [spend("slots", "a") for _ in range(3)] == [0, 0, 60]
        assert spend("slots", "b") == 0
        clock.shift(59)
        assert spend("slots", "a") == 1
        clock.shift(1)
        assert spend("slots", "a") == 0


def test_without_redis_nobody_is_counted_or_refused(visitor: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuietRedisCache, "_resting_until", float("inf"))

    with override_settings(THROTTLES=FEW):
        answers = [visitor.post("inquiries/", ask()).status_code for _ in range(4)]

    assert answers == [201] * 4


def test_a_forwarded_address_counts_only_behind_our_own_proxies(visitor: Caller) -> None:
    with override_settings(THROTTLES=FEW):
        answers = [visitor.get("manage/x/", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(3)]

    assert answers[2].status_code == 429
