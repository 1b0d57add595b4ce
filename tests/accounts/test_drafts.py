"""What was being typed survives the end of a session, for whoever typed it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from inquiries.models import Draft, Inquiry
from tests.accounts.conftest import a_person, sign_in
from tests.factories import an_appointment, an_inquiry

pytestmark = pytest.mark.django_db
NOTE = "Sister calls back on Friday."


@pytest.fixture
def inquiry(kind: object, clock: object) -> Inquiry:
    a_person()
    return an_inquiry()


def form_of(inquiry: Inquiry) -> str:
    return f"/desk/inquiries/{inquiry.pk}/note/"


def test_a_note_sent_too_late_is_offered_again(client: Client, inquiry: Inquiry, clock: Any) -> None:
    sign_in(client)
    client.get("/desk/")
    clock.shift(dt.timedelta(minutes=16))

    assert client.post(form_of(inquiry), {"note": NOTE})["Location"].startswith("/accounts/login/")
    sign_in(client)
    page = client.get("/desk/").content.decode()

    assert '<a href="/desk/drafts/">unsent texts</a>' in page
    assert NOTE in client.get("/desk/drafts/").content.decode()
    assert inquiry.statements.filter(kind="note").count() == 0


def test_what_is_typed_is_kept_sealed_and_for_oneself(client: Client, inquiry: Inquiry) -> None:
    sign_in(client)
    other = Client()
    a_person("eve")
    sign_in(other, "eve")

    assert client.post("/desk/drafts/", {"draft-of": form_of(inquiry), "note": NOTE}).status_code == 204

    draft = Draft.objects.get()
    assert NOTE not in str(Draft.objects.values("fields"))
    assert NOTE not in other.get("/desk/drafts/").content.decode()
    assert other.post(f"/desk/drafts/{draft.pk}/discard/").status_code == 404
    client.post(f"/desk/drafts/{draft.pk}/discard/")
    assert Draft.objects.count() == 0


def test_what_is_typed_during_a_call_is_kept_until_any_button_sends_it(
    client: Client, kind: object, clock: Any
) -> None:
    a_person()
    call = an_appointment("booked")
    clock.move_to(call.start)
    sign_in(client)
    work = f"/desk/calls/{call.pk}/"
    unsent = {"draft-of": work + "keep/", "number": "1", "version": "2", "asked-1": "on", "answer-1": "Lithium"}
    assert client.post("/desk/drafts/", {**unsent, "note": NOTE}).status_code == 204
    assert Draft.objects.get().texts == ["Lithium", NOTE]
    assert f'href="{work}"' in client.get("/desk/drafts/").content.decode()

    client.post(work + "attempt/", {"number": "1", "result": "no_answer", "note": NOTE})

    assert Draft.objects.count() == 0


def test_a_call_sent_too_late_is_offered_again(client: Client, kind: object, clock: Any) -> None:
    a_person()
    call = an_appointment("booked")
    clock.move_to(call.start)
    sign_in(client)
    client.get("/desk/")
    clock.shift(dt.timedelta(minutes=16))

    client.post(f"/desk/calls/{call.pk}/complete/", {"outcome": "needs_records", "note": NOTE})

    assert Draft.objects.get().texts == [NOTE]


def test_a_form_that_was_taken_leaves_no_draft(client: Client, inquiry: Inquiry) -> None:
    sign_in(client)
    client.post("/desk/drafts/", {"draft-of": form_of(inquiry), "note": NOTE})

    client.post(form_of(inquiry), {"note": NOTE})

    assert Draft.objects.count() == 0


def test_a_draft_is_gone_after_a_day(client: Client, inquiry: Inquiry, clock: Any) -> None:
    sign_in(client)
    client.post("/desk/drafts/", {"draft-of": form_of(inquiry), "note": NOTE})
    clock.shift(dt.timedelta(days=1))
    sign_in(client)

    assert NOTE not in client.get("/desk/drafts/").content.decode()
