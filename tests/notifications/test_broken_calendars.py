"""A calendar that can't be read: told of once a break, discreetly, and never at the cost of other mail."""

import datetime as dt
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from notifications import broken_calendars, invariants
from notifications.models import Notification
from notifications.work import drain
from scheduling.calendars import busy, reading
from scheduling.models import CalendarSource, OutsideCalendar, Practitioner
from tests.api.caller import at_the_desk
from tests.calendar_servers import FeedServer
from tests.factories import NOW, a_broken_calendar, a_read_calendar, a_staff_member, an_inquiry
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db
Status = Notification.Status
MINUTE = 60
HOUR = 60 * MINUTE
STALE = dt.timedelta(minutes=61)


@pytest.fixture
def rosa(clinic: SmtpSink) -> Practitioner:
    """A practitioner with an account that reads Spanish, at a clinic with a coordinator and a manager."""
    a_staff_member("cleo")
    a_staff_member("max", "manager")
    account = a_staff_member("rosa", "practitioner", language="es")
    person = Practitioner.objects.active().order_by("pk")[0]
    person.staff_member = account
    person.save()
    return person


@pytest.fixture
def google(rosa: Practitioner, feed: FeedServer) -> OutsideCalendar:
    return reading.add(practitioner=rosa, name="google", form="feed", url=feed.url, by=a_staff_member(), now=NOW)


def told(sink: SmtpSink) -> list[str]:
    subjects = ("A connected calendar needs attention", "Un calendario conectado necesita atención")
    return sorted(copy.recipients[0] for copy in sink.messages if str(copy.message["Subject"]) in subjects)


EVERYBODY = ["cleo@example.com", "max@example.com", "rosa@example.com"]


def test_a_break_is_told_once_and_the_next_one_again(
    google: OutsideCalendar, feed: FeedServer, clinic: SmtpSink, work: Any
) -> None:
    feed.status = 401
    work(5 * MINUTE)
    work(50 * MINUTE)
    assert told(clinic) == []

    work(10 * MINUTE)
    assert told(clinic) == EVERYBODY
    for _ in range(5):
        work(HOUR)
    assert told(clinic) == EVERYBODY

    feed.status = 200
    work(HOUR)
    assert CalendarSource.objects.get().broken_since is None
    feed.status = 404
    for _ in range(3):
        work(HOUR)
    assert told(clinic) == sorted(EVERYBODY * 2)


def test_each_reads_it_in_their_language_and_nobody_is_named(
    google: OutsideCalendar, feed: FeedServer, clinic: SmtpSink, work: Any
) -> None:
    feed.status, feed.body = 403, b"Therapy of Ana is none of your business"
    work(10 * MINUTE)
    work(HOUR)

    mails = {copy.recipients[0]: copy.message for copy in clinic.messages}
    assert str(mails["rosa@example.com"]["Subject"]) == "Un calendario conectado necesita atención"
    said = [part.get_content() for mail in mails.values() for part in mail.walk() if not part.is_multipart()]
    assert all(f"/desk/settings/practitioners/{google.practitioner_id}/calendars/" in text for text in said)
    secrets = ("5ecre7", feed.origin, "google", "Therapy", "Ana", google.practitioner.name)
    assert not [word for word in secrets for text in said if word in text]


def test_what_works_again_before_it_is_sent_is_not_told(rosa: Practitioner, clinic: SmtpSink, work: Any) -> None:
    row = a_broken_calendar(rosa, now=NOW - STALE)
    broken_calendars.tell(now=NOW)
    OutsideCalendar.objects.filter(pk=row.pk).update(read_at=NOW)
    CalendarSource.objects.update(broken_since=None, why="", failures=0, next_read_at=NOW + STALE)

    work()

    rows = Notification.objects.filter(kind="calendar_broken")
    assert ({(each.status, each.reason) for each in rows}, told(clinic)) == ({("cancelled", "superseded")}, [])


@pytest.mark.parametrize("change", ["paused", "removed", "left"])
def test_what_nobody_wants_any_more_is_not_told(rosa: Practitioner, change: str) -> None:
    row = a_broken_calendar(rosa, now=NOW - STALE)
    if change == "paused":
        reading.set_paused(calendar=row, paused=True, now=NOW)
    elif change == "removed":
        row.delete()
    else:
        Practitioner.objects.update(is_active=False)
    assert broken_calendars.tell(now=NOW) == 0


def test_an_outage_of_our_own_is_no_news(rosa: Practitioner) -> None:
    a_read_calendar(rosa, now=NOW - dt.timedelta(hours=9))
    assert broken_calendars.tell(now=NOW) == 0


@pytest.mark.parametrize(("silent_for", "count"), [(59 * MINUTE, 0), (61 * MINUTE, 1), (24 * HOUR, 1), (26 * HOUR, 0)])
def test_a_calendar_that_a_script_no_longer_puts_here_is_told_of_while_it_is_news(
    rosa: Practitioner, silent_for: int, count: int
) -> None:
    busy.keep(practitioner=rosa, name="outlook", busy=[], now=NOW - dt.timedelta(seconds=silent_for))
    assert (broken_calendars.tell(now=NOW), broken_calendars.tell(now=NOW)) == (count, 0)


def test_one_reader_is_told_once(rosa: Practitioner) -> None:
    """A practitioner who answers requests too is one reader; without an address they are none."""
    cleo = a_staff_member("cleo")
    Practitioner.objects.filter(pk=rosa.pk).update(staff_member=cleo)
    row = a_broken_calendar(Practitioner.objects.get(pk=rosa.pk))
    assert [address for _member, address in broken_calendars.recipients_of(row)].count(cleo.email) == 1


def test_nobody_to_tell_is_known_too(clinic: SmtpSink, settings: Any) -> None:
    a_broken_calendar(now=NOW - STALE)
    type(a_staff_member()).objects.update(email="")
    settings.STAFF_EMAIL = []
    broken_calendars.tell(now=NOW)
    rows = Notification.objects.values_list("status", "reason", "recipient_index")
    assert list(rows) == [("skipped", "no_email", "")]


def test_the_ledger_shows_it_and_the_api_too(rosa: Practitioner, work: Any) -> None:
    row = a_broken_calendar(rosa, now=NOW - STALE)
    CalendarSource.objects.update(next_read_at=NOW + STALE)
    work()
    desk = Client()
    desk.force_login(a_staff_member("cleo"))

    page = desk.get("/desk/messages/?show=sent").content.decode()
    listed = at_the_desk().get("desk/notifications/", kind="calendar_broken").json()["results"]
    assert f"An outside calendar of {rosa.name} could not be read" in page
    assert {(each["status"], each["inquiry"], each["appointment"]) for each in listed} == {("sent", None, None)}

    row.delete()
    assert "it has been removed since" in desk.get("/desk/messages/?show=sent").content.decode()
    assert not [each for found in invariants.report(now=timezone.now()).values() for each in found]


@pytest.mark.parametrize("show", ["planned", "unsent"])
def test_the_ledger_shows_it_before_it_is_sent_and_when_it_is_not(rosa: Practitioner, show: str) -> None:
    a_broken_calendar(rosa, now=NOW - STALE)
    broken_calendars.tell(now=NOW)
    if show == "unsent":
        Notification.objects.update(status="cancelled", reason="superseded", try_at=None)
    desk = Client()
    desk.force_login(a_staff_member("cleo"))
    page = desk.get("/desk/messages/", {"show": show}).content.decode()
    assert page.count(f"An outside calendar of {rosa.name} could not be read") == 3
    assert page.count("Today, 10:00 AM") == 3


def test_the_database_holds_what_a_message_is_about(rosa: Practitioner) -> None:
    a_broken_calendar(rosa, now=NOW - STALE)
    broken_calendars.tell(now=NOW)
    row = Notification.objects.filter(kind="calendar_broken")[0]
    for wrong in ({"kind": "reminder"}, {"unread_since": None}, {"inquiry": an_inquiry()}):
        with pytest.raises(IntegrityError, match="message_of_inquiry_or_calendar"), transaction.atomic():
            Notification.objects.filter(pk=row.pk).update(**wrong)
    row.pk, row.message_id = None, "another"
    with pytest.raises(IntegrityError, match="message_of_calendar_once"), transaction.atomic():
        Notification(**{name: getattr(row, name) for name in TWIN}, message_id="another").save(force_insert=True)


TWIN = ("kind", "calendar", "unread_since", "recipient_index", "due_at", "expires_at", "try_at")


def test_mail_leaves_although_a_calendar_hangs(
    google: OutsideCalendar, feed: FeedServer, clinic: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real time: the calendar is left after its seconds, and what came in meanwhile goes in the next round."""

    def hang(caller: BaseHTTPRequestHandler) -> None:
        arrived.append(len(clinic.messages))
        time.sleep(3)

    arrived: list[int] = []
    feed.answer = hang
    monkeypatch.setattr(reading, "SECONDS", 1)
    an_inquiry()
    CalendarSource.objects.update(next_read_at=NOW)
    began = time.perf_counter()
    done, _more = drain(clock=timezone.now, seconds=30)

    assert time.perf_counter() - began < 3
    assert (done.sent, arrived, CalendarSource.objects.get().why) == (len(clinic.messages), [done.sent], "unreachable")
    assert done.sent > 0
