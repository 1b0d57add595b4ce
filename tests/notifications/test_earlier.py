"""What people read of an earlier time: by mail, on their page, over the API, at the desk."""

import datetime as dt
from collections.abc import Callable
from email import message_from_string, policy
from email.message import EmailMessage

import pytest
from django.test import Client

from inquiries import story
from notifications import messages, planner
from notifications.claiming import still_true
from notifications.models import Notification
from scheduling import booking
from scheduling.models import Appointment, AppointmentType
from tests.factories import NOW, a_bearer_token, a_link, a_staff_member, an_inquiry, free_times

pytestmark = pytest.mark.django_db
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
OFFERED = NOW + 2 * MINUTE
Status = Notification.Status


@pytest.fixture
def offered(kind: AppointmentType) -> Callable[..., Appointment]:
    """Ana is booked, on the list, and offered the time that Bea gave up."""

    def offer(language: str = "en") -> Appointment:
        first, later = free_times(2, days_ahead=5)
        rows = [
            booking.request(
                inquiry=an_inquiry(given_name=name, email=f"{name}@example.com", language=language, now=NOW - HOUR),
                kind=kind,
                start=start,
                by=a_staff_member(),
                now=NOW - HOUR,
            )
            for name, start in (("bea", first), ("ana", later))
        ]
        booking.want_earlier(appointment=rows[1], wanted=True, by=story.PATIENT, now=NOW - MINUTE)
        booking.withdraw(appointment=rows[0], now=NOW)
        assert booking.offer_freed_times(now=OFFERED) == 1
        planner.plan_pending(now=OFFERED)
        return Appointment.objects.get(pk=rows[1].pk)

    return offer


def letter_about(row: Appointment) -> Notification:
    return Notification.objects.filter(appointment=row, kind="times_proposed").latest("due_at")


def read(row: Notification) -> tuple[str, str]:
    mail = message_from_string(messages.render([row], now=OFFERED)[0], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["Subject"]), str(body.get_content())


@pytest.mark.parametrize(
    ("language", "subject", "sentences"),
    [
        ("en", "An earlier time for your call", ["has become free, and you asked us", "your call stays as it is"]),
        ("es", "Una hora más próxima para su llamada", ["usted nos pidió que le avisáramos", "sigue como estaba"]),
    ],
)
def test_the_mail_says_that_the_call_stays(
    offered: Callable[..., Appointment], language: str, subject: str, sentences: list[str]
) -> None:
    said, text = read(letter_about(offered(language)))
    assert said == subject
    assert all(sentence in " ".join(text.split()) for sentence in sentences)
    assert "cannot" not in text
    assert "No podemos" not in text


def test_the_offer_ends_with_its_hold_and_leaves_the_reminders_alone(offered: Callable[..., Appointment]) -> None:
    row = offered()
    letter = letter_about(row)
    assert (letter.due_at, letter.expires_at) == (OFFERED, OFFERED + 30 * MINUTE)
    reminders = Notification.objects.filter(appointment=row, kind="reminder")
    assert set(reminders.values_list("status", "sequence")) == {(Status.DUE, row.sequence)}
    assert all(still_true(reminder) for reminder in reminders)


def test_an_offer_that_is_over_is_not_sent_any_more(offered: Callable[..., Appointment]) -> None:
    row = offered()
    assert still_true(letter_about(row))
    booking.refuse(appointment=row, now=OFFERED)
    assert not still_true(letter_about(row))
    planner.plan_pending(now=OFFERED)
    assert letter_about(row).status == Status.CANCELLED


def test_a_second_offer_has_a_mail_of_its_own(offered: Callable[..., Appointment]) -> None:
    row = offered()
    booking.expire_overdue(now=OFFERED + HOUR)
    other = booking.request(
        inquiry=an_inquiry(given_name="Cid", email="cid@example.com"),
        kind=AppointmentType.objects.get(),
        start=free_times(days_ahead=4)[0],
        by=a_staff_member(),
        now=NOW,
    )
    booking.withdraw(appointment=other, now=OFFERED)
    booking.offer_freed_times(now=OFFERED + HOUR)
    planner.plan_pending(now=OFFERED + HOUR)
    assert Notification.objects.filter(appointment=row, kind="times_proposed").count() == 2


def test_taking_it_is_a_move_of_the_same_call(offered: Callable[..., Appointment]) -> None:
    row = offered()
    (offer,) = booking.offers_of(row, now=OFFERED)
    booking.accept(appointment=row, proposal=str(offer.pk), now=OFFERED)
    planner.plan_pending(now=OFFERED)
    moved = Notification.objects.get(appointment=row, kind="appointment_rescheduled")
    assert (moved.sequence, moved.status) == (row.sequence + 1, Status.DUE)
    due = Notification.objects.filter(appointment=row, kind="reminder", status=Status.DUE)
    assert set(due.values_list("sequence", flat=True)) == {row.sequence + 1}


def test_the_page_offers_it_and_the_press_takes_it(
    offered: Callable[..., Appointment], client: Client, clock: object
) -> None:
    row = offered()
    page = f"/m/{a_link(row.inquiry)}/"
    shown = client.get(page).content.decode()
    assert ("An earlier time is free" in shown, "Your call is confirmed" in shown) == (True, True)

    (offer,) = booking.offers_of(row, now=OFFERED)
    client.post(page + "accept/", {"proposal": str(offer.pk)})

    row.refresh_from_db()
    assert (row.start, row.status) == (offer.start, "booked")


def test_the_page_asks_once_and_can_be_told_otherwise(kind: AppointmentType, client: Client, clock: object) -> None:
    start = free_times()[0]
    row = booking.request(inquiry=an_inquiry(), kind=kind, start=start, by=a_staff_member(), now=NOW)
    page = f"/m/{a_link(row.inquiry)}/"
    seen = []
    for wanted in ("yes", "no"):
        client.post(page + "earlier/", {"wanted": wanted})
        seen.append("Take me off the list" in client.get(page).content.decode())
    assert seen == [True, False]


def test_the_api_names_what_can_be_done(offered: Callable[..., Appointment], client: Client, clock: object) -> None:
    row = offered()
    manage = f"/api/v1/manage/{a_link(row.inquiry)}/"
    state = client.get(manage).json()
    assert state["actions"][:2] == ["accept", "refuse"]
    assert [proposal["start"] for proposal in state["proposals"]] < [state["appointment"]["start"]]

    state = client.post(manage + "refuse/", {}, content_type="application/json").json()
    assert (state["appointment"]["status"], state["proposals"]) == ("booked", [])
    assert "earlier" in state["actions"]
    state = client.post(manage + "earlier/", {"wanted": False}, content_type="application/json").json()
    assert state["appointment"]["wants_earlier_at"] is None
    wrong = client.post(manage + "earlier/", {"wanted": "perhaps"}, content_type="application/json")
    assert wrong.status_code == 400


def test_staff_see_the_offer_in_words_and_put_a_caller_on_the_list(
    offered: Callable[..., Appointment], client: Client, clock: object
) -> None:
    row = offered()
    client.force_login(a_staff_member())
    shown = " ".join(client.get(f"/desk/appointments/{row.pk}/").content.decode().split())
    assert "Offered an earlier time: " in shown
    assert "No. 1 on the list" in shown

    client.post(f"/desk/appointments/{row.pk}/want_earlier/", {"wanted": "no"})

    row.refresh_from_db()
    assert (row.wants_earlier_at, row.holds.count()) == (None, 0)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {a_bearer_token()}", "content_type": "application/json"}
    answer = client.post(f"/api/v1/desk/appointments/{row.pk}/want-earlier/", {"wanted": True}, **bearer)  # type: ignore[arg-type]
    assert answer.json()["wants_earlier_at"] is not None
