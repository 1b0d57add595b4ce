"""Somebody asks to be contacted over HTTP."""

import json
from typing import Any

from pytest_django import DjangoAssertNumQueries

from inquiries.models import AccessLink, Activity, Inquiry, Statement
from inquiries.privacy import token_digest
from scheduling.models import Appointment, Practitioner
from tests.api.caller import Caller, a_wish, ask
from tests.factories import ZONE, an_appointment, free_times

WHOLE = {
    "preferred_name": "Anita",
    "preferred_language": "es",
    "concerns": ["bipolar", "other", "bipolar"],
    "message": "Por la tarde, por favor.\nGracias.",
    "needs_help_now": "no",
    "contact": {"by": ["email", "phone"], "voicemail_ok": False, "discreet": True},
    "source": {"utm_source": "flyer", "referrer": "https://example.com/a?q=secret#x"},
    "preferred_windows": [{"date": "2026-12-09", "part": "morning"}],
}


def test_a_whole_inquiry_is_kept_and_its_time_held(visitor: Caller) -> None:
    answer = visitor.post("inquiries/", ask(**WHOLE, appointment=a_wish("2026-12-09T10:00:00-05:00")))

    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "open"
    assert body["manage_url"].startswith("http://127.0.0.1:8000/es/m/")
    held = body["appointment"]
    assert (held["status"], held["time_zone"]) == ("pending", ZONE)
    assert (held["start"], held["end"]) == ("2026-12-09T10:00:00-05:00", "2026-12-09T10:20:00-05:00")
    assert held["answer_by"] == "2026-12-07T14:00:00-05:00"
    assert str(Appointment.objects.get().pk) == held["id"]


def test_everything_said_is_kept_clean(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(**WHOLE))

    inquiry = Inquiry.objects.select_related("contact").get()
    assert (inquiry.contact.called, inquiry.contact.email.reveal()) == ("Anita", "ana@example.com")
    assert (inquiry.preferred_language, inquiry.needs_help_now, inquiry.discreet) == ("es", "no", True)
    assert inquiry.source == {"utm_source": "flyer", "referrer": "https://example.com/a"}
    assert inquiry.preferred_windows == [{"date": "2026-12-09", "part": "morning"}]
    assert inquiry.reminders_ok
    said = {row.kind: row.text.reveal() for row in Statement.objects.all()}
    assert said == {"message": "Por la tarde, por favor.\nGracias.", "concerns": "bipolar,other"}


def test_a_name_a_phone_and_consent_are_enough(visitor: Caller) -> None:
    least = {"given_name": "Ana", "phone": "305 555 0123", "consent": {"contact": True}}

    answer = visitor.post("inquiries/", least)

    assert (answer.status_code, answer.json()["appointment"], answer.json()["status"]) == (201, None, "new")
    inquiry = Inquiry.objects.select_related("contact").get()
    assert inquiry.contact.phone.reveal() == "+13055550123"
    assert (inquiry.time_zone, inquiry.reminders_ok, inquiry.contact_by) == (ZONE, False, ["phone"])


def test_the_manage_url_opens_the_patients_side(visitor: Caller) -> None:
    token = visitor.post("inquiries/", ask()).json()["manage_url"].rstrip("/").rpartition("/")[2]

    assert visitor.get(f"manage/{token}/").status_code == 200
    assert AccessLink.objects.get().digest == token_digest(token)


def test_when_the_time_has_gone_the_inquiry_is_kept_and_the_nearest_three_are_named(visitor: Caller) -> None:
    Practitioner.objects.exclude(pk=Practitioner.objects.order_by("pk")[0].pk).update(is_active=False)
    start = free_times()[0]
    an_appointment(start=start)

    answer = visitor.post("inquiries/", ask(given_name="Berta", appointment=a_wish(start.isoformat())))

    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (409, "slot_taken", 409)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [slot["start"] for slot in body["alternatives"]] == [
        "2026-12-09T09:00:00-05:00",
        "2026-12-09T09:20:00-05:00",
        "2026-12-09T10:40:00-05:00",
    ]
    kept = Inquiry.objects.select_related("contact").get(pk=body["inquiry"]["id"])
    assert kept.contact.called == "Berta"
    token = body["inquiry"]["manage_url"].rstrip("/").rpartition("/")[2]
    assert "appointment" in visitor.get(f"manage/{token}/").json()["actions"]


def test_a_time_that_was_never_offered_keeps_nothing(visitor: Caller) -> None:
    for start in ("2026-12-09T10:07:00-05:00", "2026-12-12T10:00:00-05:00", "2020-01-06T10:00:00-05:00"):
        answer = visitor.post("inquiries/", ask(appointment=a_wish(start)))
        assert (answer.status_code, answer.json()["code"]) == (422, "not_offered")

    assert not Inquiry.objects.exists()
    assert not Activity.objects.exists()


def test_an_instant_is_the_same_in_any_offset(visitor: Caller) -> None:
    answer = visitor.post("inquiries/", ask(appointment=a_wish("2026-12-09T15:00:00Z")))

    assert answer.json()["appointment"]["start"] == "2026-12-09T10:00:00-05:00"


def test_the_language_of_the_request_is_the_language_of_the_person(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(preferred_language=None), headers={"Accept-Language": "es-MX,es;q=0.9"})

    assert Inquiry.objects.get().preferred_language == "es"


def test_no_personal_fact_stands_in_the_story(visitor: Caller) -> None:
    visitor.post("inquiries/", ask(**WHOLE, appointment=a_wish()))

    told = json.dumps(list(Activity.objects.values_list("facts", flat=True)))
    assert not [word for word in ("Ana", "Ruiz", "ana@", "305", "bipolar", "tarde") if word in told]


def test_booking_takes_twenty_statements(visitor: Caller, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(20):
        answer = visitor.post("inquiries/", ask(appointment=a_wish("2026-12-09T10:00:00-05:00")))
    assert answer.status_code == 201


def test_who_holds_enough_is_kept_without_a_time_and_told_nothing_of_it(visitor: Caller, settings: Any) -> None:
    settings.OPEN_REQUESTS_PER_PERSON = 2
    starts = [f"2026-12-09T1{hour}:00:00-05:00" for hour in range(3)]
    answers = [visitor.post("inquiries/", ask(appointment=a_wish(start))) for start in starts]
    last = answers[2].json()
    theirs = f"manage/{last['manage_url'].rstrip('/').rpartition('/')[2]}/"

    again = visitor.post(f"{theirs}appointment/", a_wish(starts[2]))

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert (last["appointment"], last["status"]) == (None, "new")
    assert (again.status_code, again.json()["code"]) == (409, "looks_first")
    assert Inquiry.objects.get(pk=last["id"]).set_aside == "holds_enough"
    assert visitor.get(theirs).json()["actions"] == ["erase"]
