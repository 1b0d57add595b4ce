"""Somebody lost the link to their page: the same answer for everybody, and a mail for those we know."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inquiries import intake
from inquiries.models import AccessLink, Activity, Inquiry, LinkRequest
from inquiries.story import PATIENT
from notifications import planner
from notifications.models import Notification
from tests.factories import NOW, a_link, an_inquiry
from tests.pages.reader import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def ask(client: Client, email: str, path: str = "/link/") -> Any:
    return client.post(path, {"email": email})


def answered(now: dt.datetime = NOW) -> list[Inquiry]:
    """Whose fresh links are on their way, once the worker has looked."""
    intake.answer_link_requests(now=now)
    planner.plan_pending(now=now)
    rows = Notification.objects.filter(kind="fresh_link", status="due").order_by("-inquiry__created_at", "pk")
    return [row.inquiry for row in rows]


def test_a_link_goes_to_the_person_who_asked(client: Client) -> None:
    ana, _ = an_inquiry(), an_inquiry(email="rosa@example.com")

    response = ask(client, "Ana@Example.com ")

    assert (response.status_code, response["Location"]) == (302, "/link/sent/")
    assert answered() == [ana]


def test_an_unknown_address_is_answered_alike_and_takes_as_much_work(client: Client) -> None:
    an_inquiry()

    answers, work = [], []
    for email in ("ana@example.com", "nobody@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answers.append(ask(client, email))
        work.append([query["sql"].split("'")[0].split("(")[0] for query in queries])

    assert answers[0].headers.items() == answers[1].headers.items()
    assert (answers[0].status_code, answers[0].content) == (answers[1].status_code, answers[1].content)
    assert work[0] == work[1]


def test_an_unknown_address_leaves_nothing_behind(client: Client) -> None:
    ask(client, "nobody@example.com")

    assert (answered(), LinkRequest.objects.count(), Activity.objects.count()) == ([], 0, 0)


def test_an_open_request_goes_before_a_closed_one(client: Client) -> None:
    old = an_inquiry(now=NOW - dt.timedelta(days=9))
    closed = an_inquiry(now=NOW - dt.timedelta(days=1))
    intake.close(inquiry=closed, reason="settled", by=PATIENT, now=NOW)

    ask(client, "ana@example.com")

    assert answered() == [old]


def test_somebody_who_is_being_forgotten_is_not_written_to(client: Client) -> None:
    intake.request_erasure(inquiry=an_inquiry(), by=PATIENT, now=NOW)

    ask(client, "ana@example.com")

    assert answered() == []


def test_whoever_wants_no_mail_gets_none_and_staff_see_why(client: Client) -> None:
    an_inquiry(contact_by=["phone"])

    ask(client, "ana@example.com")

    assert answered() == []
    assert Notification.objects.get(kind="fresh_link").reason == "email_not_wanted"


def test_asking_again_sends_again_but_not_for_ever(client: Client) -> None:
    an_inquiry()

    for minute in range(5):
        assert ask(client, "ana@example.com")["Location"] == "/link/sent/"
        answered(NOW + dt.timedelta(minutes=minute))

    assert Notification.objects.filter(kind="fresh_link").count() == 3


def test_a_visitor_who_tries_many_addresses_is_stopped_and_told_where_help_is(client: Client, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"link": (2, 3600)}

    answers = [ask(client, f"{number}@example.com") for number in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    shown = Page(answers[2])
    assert "Too many requests." in shown.text
    assert shown.values("email") == ["2@example.com"]
    assert "tel:988" in [link.get("href") for link in shown.all("a")]


@pytest.mark.parametrize(("email", "sentence"), [("", "Enter your e-mail address."), ("ana@", "Enter an e-mail")])
def test_a_wrong_address_is_said_so(client: Client, email: str, sentence: str) -> None:
    response = ask(client, email)

    assert response.status_code == 422
    assert sentence in Page(response).text


def test_an_expired_link_says_so_and_leads_to_a_fresh_one(client: Client, clock: Any) -> None:
    token = a_link(an_inquiry())
    clock.shift(AccessLink.LIFETIME)

    expired, unknown = client.get(f"/m/{token}/"), client.get(f"/m/{'x' * 43}/")

    assert (expired.status_code, unknown.status_code) == (404, 404)
    assert expired.content.decode().replace(token, "") == unknown.content.decode().replace("x" * 43, "")
    shown = Page(expired)
    assert "This link no longer works" in shown.text
    assert "/link/" in [link["href"] for link in shown.all("a") if link.get("class") == "button"]
