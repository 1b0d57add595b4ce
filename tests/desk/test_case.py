"""The pages of one person: what they say, and what they keep to themselves."""

import pytest
from django.test import Client

from inquiries import intake, story
from inquiries.models import Activity, Inquiry, StaffMember
from scheduling import booking
from scheduling.desk import timeline
from scheduling.models import Appointment
from tests.factories import NOW, an_appointment, an_inquiry, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db


def test_a_case_says_who_asks_what_and_how_to_reach_them(desk: Client) -> None:
    ana = an_inquiry(message="I work nights.", concerns=("bipolar",), time_zone="America/Los_Angeles", discreet=True)
    row = an_appointment(inquiry=ana)

    page = Page(desk.get(f"/desk/appointments/{row.pk}/"))

    for words in ("Ana Ruiz", "(305) 555-0123", "I work nights.", "Bipolar depression", "leave none"):
        assert words in page.text
    assert "Say only your name and a number to call" in page.text
    assert "Wed, Dec 9, 10:00 AM for them 7:00 AM, Pacific Standard Time" in page.text
    assert {"tel:+13055550123", "mailto:ana@example.com"} <= {link.get("href") for link in page.all("a")}


@pytest.mark.parametrize("path", ["appointments", "inquiries"])
def test_no_title_or_link_names_a_person(desk: Client, path: str) -> None:
    row = an_appointment()
    pk = row.pk if path == "appointments" else row.inquiry_id

    page = Page(desk.get(f"/desk/{path}/{pk}/"))

    title = page.source.partition("<title>")[2].partition("</title>")[0]
    assert "Ana" not in title
    assert "Ruiz" not in title
    assert not [link for link in page.all("a") if "Ruiz" in link.get("href", "")]


VERBS = {
    "pending": {"confirm", "propose", "decline", "reassign"},
    "proposed": {"cancel", "propose", "reschedule"},
    "booked": {"propose", "reassign", "cancel", "want_earlier"},
    "cancelled": set(),
}


@pytest.mark.parametrize(("status", "verbs"), VERBS.items())
def test_only_what_is_possible_now_can_be_pressed(desk: Client, status: str, verbs: set[str]) -> None:
    row = an_appointment(status, now=NOW)
    page = Page(desk.get(f"/desk/appointments/{row.pk}/"))

    actions = {form["action"].rstrip("/").rpartition("/")[2] for form in page.all("form") if "action" in form}
    chooses = "propose" if any(link.get("href", "").endswith("/times/") for link in page.all("a")) else ""

    assert (actions | {chooses}) - {"logout", "note", "undo", ""} == verbs


def test_a_kept_time_is_explained(desk: Client) -> None:
    row = an_appointment("booked")
    booking.ask_to_move(appointment=row, start=free_times(3)[2], now=NOW)

    text = Page(desk.get(f"/desk/appointments/{row.pk}/")).text

    assert "They have a confirmed call on Wed, Dec 9, 10:00 AM" in text
    assert "Cancel the call" in text


KINDS = [
    *(f"inquiry.{kind}" for kind in (
        "received", "acknowledged", "noted", "closed", "reopened", "erasure_requested", "erased", "windows_preferred",
        "zone_changed")),
    *(f"appointment.{kind}" for kind in (
        "requested", "booked", "confirmed", "declined", "proposed", "accepted", "offers_refused", "move_requested",
        "move_declined", "move_withdrawn", "move_expired", "rescheduled", "reassigned", "withdrawn", "cancelled",
        "expired", "completed", "missed", "called_back", "attendance_confirmed", "undone")),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_activity_has_a_sentence(kind: str) -> None:
    sentence = timeline.sentence_of(Activity(kind=kind, facts={}), {})

    assert sentence != kind
    assert "%" not in sentence


def test_the_story_tells_the_newest_first_and_who_did_it(desk: Client, cleo: StaffMember) -> None:
    row = an_appointment()
    booking.confirm(appointment=row, by=cleo, now=NOW)
    intake.note(inquiry=row.inquiry, text="Prefers mornings.", by=cleo, now=NOW)

    lines = timeline.lines_of(row.inquiry, statements=row.inquiry.statements.all(), people=[row.practitioner])

    assert [(line.who, line.kind) for line in lines] == [
        ("Cleo Marsh", "inquiry.noted"),
        ("Cleo Marsh", "appointment.confirmed"),
        ("Patient", "appointment.requested"),
        ("Patient", "inquiry.received"),
    ]
    assert lines[0].quote == "Prefers mornings."


@pytest.mark.parametrize(
    ("actor", "facts", "sentence"),
    [
        ("patient", {}, "Asked to be contacted"),
        ("patient", {"urgent": True}, "Asked to be contacted, and needs help today"),
        ("staff", {}, "Wrote down a caller"),
        ("staff", {"urgent": True}, "Wrote down a caller who needs help today"),
    ],
)
def test_the_story_says_whether_they_wrote_or_called(actor: str, facts: dict[str, bool], sentence: str) -> None:
    assert timeline.sentence_of(Activity(kind="inquiry.received", actor=actor, facts=facts), {}) == sentence


def test_a_note_is_kept_and_read_again(desk: Client) -> None:
    row = an_appointment()

    answer = desk.post(f"/desk/inquiries/{row.inquiry_id}/note/", {"note": "Call after noon.", "back": "appointment"})

    assert answer["Location"] == f"/desk/appointments/{row.pk}/"
    assert "Call after noon." in Page(desk.get(answer["Location"])).text


@pytest.mark.parametrize("note", ["", "   ", "x" * 2001])
def test_a_note_that_is_empty_or_endless_is_refused(desk: Client, note: str) -> None:
    ana = an_inquiry()

    assert desk.post(f"/desk/inquiries/{ana.pk}/note/", {"note": note}).status_code == 400


def test_an_inquiry_is_closed_with_a_reason_and_opened_again(desk: Client) -> None:
    ana = an_inquiry()

    unreasoned = desk.post(f"/desk/inquiries/{ana.pk}/close/", {})
    desk.post(f"/desk/inquiries/{ana.pk}/close/", {"reason": "not_reached"})
    twice = desk.post(f"/desk/inquiries/{ana.pk}/close/", {"reason": "not_reached"})

    assert unreasoned.status_code == 400
    assert twice.status_code == 409
    assert "Could not be reached" in Page(desk.get(f"/desk/inquiries/{ana.pk}/")).text
    desk.post(f"/desk/inquiries/{ana.pk}/reopen/")
    assert Inquiry.objects.get().status == Inquiry.Status.OPEN


def test_the_same_persons_other_inquiries_are_near(desk: Client) -> None:
    earlier, ana = an_inquiry(), an_inquiry()

    links = [link.get("href") for link in Page(desk.get(f"/desk/inquiries/{ana.pk}/")).all("a")]

    assert f"/desk/inquiries/{earlier.pk}/" in links


def test_an_erased_person_is_a_reference_only(desk: Client) -> None:
    row = an_appointment("cancelled")
    intake.request_erasure(inquiry=row.inquiry, by=story.PATIENT, now=NOW)
    intake.erase(inquiry=row.inquiry, by=story.SYSTEM, now=NOW)

    for address in (f"/desk/appointments/{row.pk}/", f"/desk/inquiries/{row.inquiry_id}/", "/desk/inquiries/"):
        page = Page(desk.get(address))
        assert "Ruiz" not in page.text
        assert Appointment.objects.get().inquiry.reference in page.text or row.reference in page.text


def test_the_desk_speaks_the_language_of_who_signed_in(desk: Client, cleo: StaffMember) -> None:
    StaffMember.objects.filter(pk=cleo.pk).update(language="es")

    assert 'lang="es"' in desk.get("/desk/").content.decode()
