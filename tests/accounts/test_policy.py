"""What a practitioner sees and does: their own calls, and nothing else."""

import pytest
from django.test import Client

from inquiries.models import Inquiry, StaffMember
from notifications.readers import Staff
from scheduling.models import Appointment, Practitioner
from tests.factories import NOW, a_bearer_token, a_staff_member, an_appointment, an_inquiry, free_times

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(kind: object, clock: object) -> Appointment:
    """A booked call of Dana's, who can sign in."""
    return a_call_of("dana")


@pytest.fixture
def foreign(mine: Appointment) -> Appointment:
    """A booked call at the same time, of somebody else."""
    return a_call_of("somebody", start=mine.start)


def a_call_of(username: str, **facts: object) -> Appointment:
    inquiry = an_inquiry(given_name=username.title(), family_name="Caller", email=f"{username}.caller@example.com")
    row = an_appointment("booked", inquiry=inquiry, **facts)  # type: ignore[arg-type]
    member = a_staff_member(username, role=StaffMember.Role.PRACTITIONER)
    Practitioner.objects.filter(pk=row.practitioner_id).update(staff_member=member)
    return row


@pytest.fixture
def dana(client: Client, mine: Appointment) -> Client:
    client.force_login(a_staff_member("dana"))
    return client


def test_a_practitioners_day_begins_with_their_own_calls(dana: Client, mine: Appointment, foreign: Appointment) -> None:
    page = dana.get("/desk/", follow=True)
    page = dana.get(f"/desk/calls/?date={mine.start:%Y-%m-%d}")

    assert ("Dana Caller" in page.content.decode(), "Somebody Caller" in page.content.decode()) == (True, False)


def test_what_is_somebody_elses_does_not_exist(dana: Client, mine: Appointment, foreign: Appointment) -> None:
    pages = [f"/desk/appointments/{row.pk}/" for row in (mine, foreign)]
    pages += [f"/desk/appointments/{row.pk}/messages/" for row in (mine, foreign)]
    pages += [f"/desk/inquiries/{row.inquiry_id}/" for row in (mine, foreign)]

    assert [dana.get(page).status_code for page in pages] == [200, 404, 200, 404, 200, 404]


def test_another_inquiry_of_the_same_person_is_not_theirs_either(dana: Client, mine: Appointment) -> None:
    other = an_inquiry(given_name="Dana", family_name="Caller", email="dana.caller@example.com")

    page = dana.get(f"/desk/inquiries/{mine.inquiry_id}/").content.decode()

    assert str(other.pk) not in page
    assert dana.get(f"/desk/inquiries/{other.pk}/").status_code == 404


def test_a_practitioner_records_the_outcome_and_takes_it_back(dana: Client, mine: Appointment, clock: object) -> None:
    clock.move_to(mine.start)  # type: ignore[attr-defined]
    dana.force_login(a_staff_member("dana"))
    done = {"outcome": "consultation_booked", "note": "Went well."}

    assert dana.post(f"/desk/appointments/{mine.pk}/complete/", done).status_code == 302
    mine.refresh_from_db()
    assert mine.status == "fulfilled"
    assert dana.post(f"/desk/appointments/{mine.pk}/undo/", {}).status_code == 302
    mine.refresh_from_db()
    assert mine.status == "booked"


def test_a_practitioner_cannot_take_back_what_a_coordinator_decided(dana: Client, mine: Appointment) -> None:
    assert dana.post(f"/desk/appointments/{mine.pk}/undo/", {}).status_code == 403


def test_a_practitioner_decides_no_request(dana: Client, mine: Appointment) -> None:
    page = dana.get(f"/desk/appointments/{mine.pk}/").content.decode()
    times = {"starts": free_times(1, days_ahead=4)[0].isoformat()}
    answers = {
        verb: dana.post(f"/desk/appointments/{mine.pk}/{verb}/", {"reason": "no_capacity", **times}).status_code
        for verb in ("confirm", "decline", "propose", "reschedule", "reassign", "cancel")
    }

    assert answers == dict.fromkeys(answers, 403)
    assert "Another practitioner" not in page


def test_a_practitioner_writes_notes_and_does_nothing_else_with_an_inquiry(dana: Client, mine: Appointment) -> None:
    base = f"/desk/inquiries/{mine.inquiry_id}"

    assert dana.post(f"{base}/note/", {"note": "Prefers afternoons."}).status_code == 302
    assert [dana.post(f"{base}/{act}/", {"reason": "other"}).status_code for act in ("close", "reopen")] == [403, 403]
    assert [dana.get(page).status_code for page in ("/desk/inquiries/", "/desk/inquiries/new/")] == [403, 403]
    assert Inquiry.objects.get(pk=mine.inquiry_id).status == "open"


def test_the_api_keeps_a_practitioner_to_their_own(mine: Appointment, foreign: Appointment, client: Client) -> None:
    ours = {"Authorization": f"Bearer {a_bearer_token(a_staff_member('dana'), NOW)}"}

    def status(path: str) -> int:
        return client.get(f"/api/v1/desk/{path}", headers=ours).status_code

    listed = client.get("/api/v1/desk/appointments/", headers=ours).json()["results"]

    assert [row["id"] for row in listed] == [str(mine.pk)]
    assert [status(f"appointments/{row.pk}/") for row in (mine, foreign)] == [200, 404]
    assert [status(f"inquiries/{row.inquiry_id}/") for row in (mine, foreign)] == [200, 404]
    assert [status(path) for path in ("inquiries/", "notifications/", "closures/", "practitioners/")] == [403] * 4


def test_a_practitioner_is_sent_no_mail_about_requests(mine: Appointment) -> None:
    assert [member.username for member, _address in Staff().everybody if member] == ["cleo"]
