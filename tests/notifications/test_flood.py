"""Many requests in a few minutes: staff hear of all of them, in a few mails."""

from collections import Counter
from typing import Any

import pytest

from inquiries import intake
from notifications import claiming, flood, planner, writing
from notifications.models import Notification
from tests.factories import NOW, a_staff_member, an_inquiry
from tests.sink import Received, SmtpSink

pytestmark = pytest.mark.django_db
TEN_MINUTES = 600
STAFF = "cleo@example.com"


@pytest.fixture(autouse=True)
def _cleo() -> None:
    a_staff_member()


def requests(count: int, **facts: Any) -> None:
    for number in range(count):
        an_inquiry(email=f"{number}@example.net", **facts)


def to_staff(sink: SmtpSink, address: str = STAFF) -> list[Received]:
    return [copy for copy in sink.messages if copy.recipients == (address,)]


def said(copy: Received) -> str:
    part = copy.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def statuses() -> Counter[str]:
    rows = Notification.objects.filter(kind="staff_new_request")
    return Counter(f"{row.status} {row.reason}".strip() for row in rows)


def test_the_last_of_three_mails_says_how_many_others_wait(clinic: SmtpSink, work: Any) -> None:
    requests(15)

    work()

    assert [" more" in str(copy.message["Subject"]) for copy in to_staff(clinic)] == [False, False, True]
    assert "And 12 more requests wait at the desk:\n" in said(to_staff(clinic)[-1])
    assert statuses() == {"sent": 3, "skipped merged": 12}
    assert {row.merged_into.status for row in Notification.objects.exclude(merged_into=None)} == {"sent"}


def test_a_worker_that_dies_leaves_no_letter_that_speaks_for_nobody(clinic: SmtpSink) -> None:
    requests(5)
    planner.plan_pending(now=NOW)
    writing.write_ahead(now=NOW)
    assert not Notification.objects.filter(kind="staff_new_request", body="").exists()

    claiming.claim(now=NOW)  # and no more is heard of whoever claimed

    [speaker] = Notification.objects.exclude(merged=None).distinct()
    assert speaker.body.reveal() == ""


def test_without_the_limit_each_request_is_a_mail(clinic: SmtpSink, work: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(flood, "AT_MOST", 1000)
    requests(15)

    work()

    assert len(to_staff(clinic)) == 15


def test_what_comes_after_three_waits_ten_minutes_and_goes_as_one(clinic: SmtpSink, work: Any) -> None:
    requests(3)
    work()
    requests(2)
    work(TEN_MINUTES - 1)
    before = len(to_staff(clinic))

    work(1)

    assert (before, statuses()) == (3, {"sent": 5})


def test_a_spanish_reader_is_told_in_spanish(clinic: SmtpSink, work: Any) -> None:
    a_staff_member(username="luz", email="luz@example.com", language="es")
    requests(4)

    work()

    last = to_staff(clinic, "luz@example.com")[-1]
    assert str(last.message["Subject"]).endswith(" y 1 más")
    assert "Y 1 solicitud más espera en Recepción:\n" in said(last)
    assert len(to_staff(clinic)) == 3


def test_urgent_alerts_are_never_merged(clinic: SmtpSink, work: Any) -> None:
    requests(5)
    requests(5, needs_help_now="yes")

    work()

    assert Notification.objects.filter(kind="urgent_inquiry", variant="", status="sent").count() == 5


def test_who_was_to_be_spoken_for_is_told_of_when_that_mail_does_not_go(
    clinic: SmtpSink, work: Any, settings: Any
) -> None:
    requests(4)
    clinic.reply_with("450 4.2.1 Try later", times=100)
    work()
    (merged,) = Notification.objects.exclude(merged_into=None)
    assert merged.merged_into is not None
    intake.close(inquiry=merged.merged_into.inquiry, by=a_staff_member(), now=NOW, reason="spam")

    work()

    merged.refresh_from_db()
    assert (merged.status, merged.merged_into, merged.last_reply) == ("due", None, "450 4.2.1")
