"""The same request sent again gets the same answer, and is done once."""

import pytest
import time_machine

from inquiries.models import IdempotentReply, Inquiry
from scheduling.models import Appointment, AppointmentType, Practitioner
from tests.api.caller import Caller, a_wish, ask
from tests.crowd import at_once
from tests.factories import an_appointment, free_times

KEY = {"Idempotency-Key": "a1"}


def test_the_same_key_and_body_get_the_same_bytes(visitor: Caller) -> None:
    body = ask(appointment=a_wish())

    first, second = (visitor.post("inquiries/", body, headers=KEY) for _ in range(2))

    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert Inquiry.objects.count() == Appointment.objects.count() == 1


def test_the_order_and_spacing_of_the_body_do_not_matter(visitor: Caller) -> None:
    first = visitor.post("inquiries/", ask(), headers=KEY)
    second = visitor.post("inquiries/", dict(reversed(ask().items())), headers=KEY)

    assert second.content == first.content


def test_another_body_with_the_key_is_a_mismatch(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(), headers=KEY)

    answer = visitor.post("inquiries/", ask(given_name="Eva"), headers=KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Inquiry.objects.count() == 1


def test_another_key_is_another_inquiry(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(), headers=KEY)
    visitor.post("inquiries/", ask(), headers={"Idempotency-Key": "a2"})

    assert Inquiry.objects.count() == 2


def test_without_a_key_each_request_is_its_own(visitor: Caller) -> None:
    visitor.post("inquiries/", ask())
    visitor.post("inquiries/", ask())

    assert Inquiry.objects.count() == 2


def test_a_lost_time_is_answered_the_same_again_though_it_is_free_now(visitor: Caller) -> None:
    Practitioner.objects.exclude(pk=Practitioner.objects.order_by("pk")[0].pk).update(is_active=False)
    start = free_times()[0]
    an_appointment(start=start)
    body = ask(appointment=a_wish(start.isoformat()))
    first = visitor.post("inquiries/", body, headers=KEY)
    Appointment.objects.all().delete()

    second = visitor.post("inquiries/", body, headers=KEY)

    assert (first.status_code, second.status_code) == (409, 409)
    assert second.content == first.content
    assert Inquiry.objects.count() == 2


def test_the_answer_is_the_same_when_the_day_has_passed(visitor: Caller, clock: time_machine.Traveller) -> None:
    """What was right then may be wrong now; the answer is the one given then."""
    body = ask(preferred_windows=[{"date": "2026-12-07", "part": "morning"}])
    first = visitor.post("inquiries/", body, headers=KEY)
    clock.shift(24 * 60 * 60)

    assert visitor.post("inquiries/", body, headers=KEY).content == first.content


def test_a_refused_request_leaves_its_key_free(visitor: Caller) -> None:
    assert visitor.post("inquiries/", ask(email="no"), headers=KEY).status_code == 400
    assert visitor.post("inquiries/", ask(), headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é"])
def test_a_key_is_one_to_255_visible_characters(visitor: Caller, key: str) -> None:
    answer = visitor.post("inquiries/", ask(), headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert not Inquiry.objects.exists()


def test_the_kept_answer_is_sealed(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(), headers=KEY)

    (row,) = IdempotentReply.objects.extra(select={"raw": "body"}).values("raw", "key_digest", "request_digest")
    assert "manage_url" not in row["raw"]
    assert "/m/" not in row["raw"]


@pytest.mark.django_db(transaction=True)
def test_equal_requests_at_once_are_one(kind: AppointmentType) -> None:
    body = ask(appointment=a_wish())

    answers = at_once([lambda: Caller().post("inquiries/", body, headers=KEY) for _ in range(8)])

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}  # type: ignore[union-attr]
    assert Inquiry.objects.count() == Appointment.objects.count() == 1
