"""What may come from a program: staff see it apart, and say whether a person sent it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inquiries import intake
from inquiries.intake import Person, Wishes
from inquiries.models import Activity, Inquiry
from notifications.models import Notification
from notifications.planner import plan_pending
from scheduling import booking
from scheduling.models import AppointmentType
from tests.factories import NOW, ZONE, free_times
from tests.pages.reader import Page

pytestmark = pytest.mark.django_db
Aside = Callable[..., Inquiry]


@pytest.fixture
def aside(desk: Client) -> Aside:
    """Makes an inquiry that is set aside, and plans what would be said of it."""

    def make(given_name: str = "Ana", **wishes: Any) -> Inquiry:
        person = Person(given_name=given_name, email=f"{given_name}@example.com")
        inquiry = intake.receive(
            person=person,
            wishes=Wishes(time_zone=ZONE, **wishes),
            set_aside=Inquiry.SetAside.TOO_FAST,
            now=NOW,
        )
        plan_pending(now=NOW)
        return inquiry

    return make


def kinds() -> list[str]:
    return list(Notification.objects.order_by("kind").values_list("kind", flat=True))


def test_it_is_on_a_list_of_its_own_and_nowhere_else(desk: Client, aside: Aside) -> None:
    aside(needs_help_now="yes")

    assert "Ana" in Page(desk.get("/desk/inquiries/aside/")).text
    assert "Filled in faster than a person can" in Page(desk.get("/desk/inquiries/aside/")).text
    assert "Ana" not in Page(desk.get("/desk/inquiries/")).text
    assert "Set aside (1)" in Page(desk.get("/desk/inquiries/")).text
    assert "Ana" not in Page(desk.get("/desk/")).text
    assert "1 inquiry that is set aside says that help is needed today" in Page(desk.get("/desk/")).text
    assert (kinds(), Inquiry.objects.urgent().count()) == ([], 0)


def test_a_search_finds_it_too(desk: Client, aside: Aside) -> None:
    aside()

    assert "set aside" in Page(desk.post("/desk/inquiries/", {"q": "ana@example.com"})).text


def test_a_person_is_let_into_the_queue_and_told_that_we_have_it(
    desk: Client, aside: Aside, kind: AppointmentType
) -> None:
    inquiry = aside()

    answer = desk.post(f"/desk/inquiries/{inquiry.pk}/release/", {"back": "aside"})
    plan_pending(now=NOW)
    inquiry.refresh_from_db()

    assert answer["Location"] == "/desk/inquiries/aside/"
    assert "Ana" in Page(desk.get("/desk/")).text
    assert "Nothing is set aside." in Page(desk.get("/desk/inquiries/aside/")).text
    assert kinds() == ["inquiry_received"]
    assert (
        booking.request(inquiry=inquiry, kind=kind, start=free_times()[0], by=Activity.Actor.PATIENT, now=NOW).status
        == "pending"
    )


def test_who_needs_help_today_is_alerted_of_once_released(desk: Client, aside: Aside) -> None:
    inquiry = aside(needs_help_now="yes")

    desk.post(f"/desk/inquiries/{inquiry.pk}/release/")
    plan_pending(now=NOW)

    assert set(kinds()) == {"inquiry_received", "urgent_inquiry"}
    assert Inquiry.objects.urgent().get() == inquiry


def test_a_second_release_says_that_it_is_done(desk: Client, aside: Aside) -> None:
    address = f"/desk/inquiries/{aside().pk}/release/"
    desk.post(address)

    again = desk.post(address)

    assert again.status_code == 409
    assert "This inquiry is not set aside any more." in Page(again).text


def test_spam_is_closed_many_at_once_but_who_needs_help_today_stays(desk: Client, aside: Aside) -> None:
    for name in ("Bot", "Robot"):
        aside(name)
    urgent = aside("Una", needs_help_now="yes")
    shown = Page(desk.get("/desk/inquiries/aside/")).values("shown")

    desk.post("/desk/inquiries/aside/close/", {"shown": shown, "all": "1"})

    assert list(Inquiry.objects.to_look_at()) == [urgent]
    assert set(Inquiry.objects.exclude(pk=urgent.pk).values_list("status", "closed_reason")) == {("closed", "spam")}
    assert kinds() == []


def test_the_ticked_are_closed_and_the_others_stay(desk: Client, aside: Aside) -> None:
    bot, ana = aside("Bot"), aside("Ana")

    desk.post("/desk/inquiries/aside/close/", {"chosen": [str(bot.pk), "nonsense"]})

    assert list(Inquiry.objects.to_look_at()) == [ana]


def test_nothing_ticked_closes_nothing(desk: Client, aside: Aside) -> None:
    aside()

    said = desk.post("/desk/inquiries/aside/close/", follow=True)

    assert "Choose the inquiries to close first." in Page(said).text
    assert Inquiry.objects.to_look_at().count() == 1
