"""Who may use which address, object by object: every one of the URLconf, for everybody who could ask."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from inquiries.models import Passage, StaffMember
from notifications import bounces, planner
from notifications.models import Notification, Webhook
from scheduling.models import Appointment, Closure, HoursOverride, Practitioner
from tests.accounts import matrix
from tests.accounts.conftest import a_person, a_session_of, an_invitation
from tests.factories import (
    NOW,
    a_bearer_token,
    a_read_calendar,
    a_staff_member,
    an_appointment,
    an_inquiry,
    the_clinics_words,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 7)
Address = Callable[[str], str]


@pytest.fixture
def call(kind: object, clock: object) -> Appointment:
    """A booked call of Dana's, with whatever an address can name."""
    a_staff_member("somebody", role="practitioner")
    row = an_appointment("booked", inquiry=an_inquiry(needs_help_now="yes"))
    dana = a_staff_member("dana", role="practitioner")
    Practitioner.objects.filter(pk=row.practitioner_id).update(staff_member=dana)
    other = Practitioner.objects.exclude(pk=row.practitioner_id).order_by("pk")[0]
    Practitioner.objects.filter(pk=other.pk).update(staff_member=a_staff_member("somebody"))
    HoursOverride.objects.create(practitioner_id=row.practitioner_id, date=TODAY)
    Closure.objects.create(start=NOW, end=NOW + dt.timedelta(hours=1))
    planner.plan_pending(now=NOW)
    the_clinics_words()
    Webhook.objects.create(url="https://127.0.0.1:9/", secret="whsec_", created_at=NOW, created_by=dana)
    return row


@pytest.fixture
def address(call: Appointment) -> Address:
    """Of a route: an address that names what is Dana's."""
    known: dict[str, object] = {
        "appointments": call.pk,
        "calls": call.pk,
        "views": 999999,
        "inquiries": call.inquiry_id,
        "notifications": Notification.objects.earliest("pk").pk,
        "messages": Notification.objects.earliest("pk").pk,
        "texts": "reminder",
        "texts/int": Passage.objects.earliest("pk").pk,
        "in": "en",
        "practitioners": call.practitioner_id,
        "feeds": call.practitioner_id,
        "closures": Closure.objects.earliest("pk").pk,
        "appointment-types": "screening-call",
        "types": "screening-call",
        "hours": TODAY,
        "tokens": 999999,
        "overrides": TODAY,
        "calendars": "google",
        "calendars/int": a_read_calendar(call.practitioner).pk,
        "unreached": bounces.suppress(address_index="x", why="bounced", now=NOW).pk,
        "keys": 1,
        "webhooks": Webhook.objects.get().pk,
        "drafts": uuid4(),
        "team": a_staff_member("dana").pk,
        "invitations": an_invitation().pk,
        "sessions": a_session_of("eve").pk,
    }

    def filled(route: str) -> str:
        def value(found: re.Match[str]) -> str:
            place, converter = found.groups()
            return f"{place}/{known.get(f'{place}/{converter}') or known[place]}"

        return "/" + re.sub(r"([\w-]+)/<(\w+):[^>]+>", value, route)

    return filled


def who(column: str) -> StaffMember:
    names = {"own": "dana", "foreign": "somebody", "superuser": "root"}
    facts: dict[str, Any] = {"role": "manager"} if column == "manager" else {}
    if column == "superuser":
        facts = {"is_superuser": True, "is_staff": True}
    return a_person(names.get(column, column), **facts)


def outcome(answer: HttpResponse) -> str:
    if answer.status_code == 302 and "/accounts/login/" in answer["Location"]:
        return "wall"
    return {401: "wall", 403: "no", 404: "none"}.get(answer.status_code, "in")


def desk_answer(client: Client, path: str) -> str:
    """Read it, or, where it is only pressed, press it."""
    with transaction.atomic():
        answer = client.get(path)
        if answer.status_code == 405:
            answer = client.post(path, {"note": "x", "outcome": "other", "reason": "other"})
        transaction.set_rollback(True)
    return outcome(answer)


def api_answer(member: StaffMember | None, line: str, address: Address) -> str:
    method, _space, route = line.partition(" ")
    bearer = {"Authorization": f"Bearer {a_bearer_token(member)}"} if member else {}
    client = Client(headers=bearer)
    with transaction.atomic():
        sent = {"data": {}, "content_type": "application/json"} if method != "GET" else {}
        answer = getattr(client, method.lower())(address(route), **sent)
        transaction.set_rollback(True)
    return outcome(answer)


def test_every_address_has_its_line() -> None:
    of_api = {line.partition(" ")[2] for line in matrix.rules(matrix.API)}
    written = {*matrix.lines(matrix.PUBLIC), *matrix.rules(matrix.DESK), *of_api}

    assert written == matrix.routes()


@pytest.mark.parametrize("column", matrix.COLUMNS)
def test_each_page_of_the_desk_lets_in_whom_it_should(column: str, address: Address) -> None:
    expected = {line: row[column] for line, row in matrix.rules(matrix.DESK).items()}
    client = Client()
    client.force_login(who(column))

    assert {line: desk_answer(client, address(line)) for line in expected} == expected


@pytest.mark.parametrize("column", matrix.COLUMNS)
def test_each_endpoint_lets_in_whom_it_should(column: str, address: Address) -> None:
    expected = {line: row[column] for line, row in matrix.rules(matrix.API).items()}

    assert {line: api_answer(who(column), line, address) for line in expected} == expected


def test_strangers_are_shown_the_door(address: Address, client: Client) -> None:
    pages, endpoints = matrix.rules(matrix.DESK), matrix.rules(matrix.API)
    answers = {line: desk_answer(client, address(line)) for line in pages}
    answers |= {line: api_answer(None, line, address) for line in endpoints}

    assert answers == dict.fromkeys([*pages, *endpoints], "wall")


@pytest.mark.parametrize("column", matrix.COLUMNS)
def test_the_admin_is_for_superusers(column: str, call: Appointment) -> None:
    client = Client()
    client.force_login(who(column))
    paths = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]

    answers = {path: client.get(path, follow=True).status_code for path in ["/admin/", *paths]}

    assert answers == dict.fromkeys(answers, 200 if column == "superuser" else 403)


def test_a_page_that_acts_is_only_pressed_and_wants_the_forms_mark(address: Address) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(who("manager"))
    pages = {line: address(line) for line in matrix.rules(matrix.DESK)}
    pressed = [path for path in pages.values() if strict.get(path).status_code == 405]

    assert {strict.post(path).status_code for path in pressed} == {403}
    assert len(pressed) > 15
