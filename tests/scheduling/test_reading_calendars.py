"""Outside calendars that we read ourselves: what closes, what fails, and what nobody can make us do."""

import datetime as dt
import gzip
import logging
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from inquiries import outward
from scheduling import slots, staffing
from scheduling.calendars import busy, reading
from scheduling.models import AppointmentType, BusyTime, CalendarSource, OutsideCalendar, Practitioner
from tests.calendar_servers import CalDavServer, FeedServer, caldav_server, calendar, event, feed_server
from tests.crowd import at_once
from tests.factories import NOW, a_clinic, a_staff_member

DAY = dt.datetime(2026, 12, 9, 5, 0, tzinfo=dt.UTC)  # Wednesday, midnight in Miami
AT_TEN = ("DTSTART;TZID=America/New_York:20261209T100000", "DTEND;TZID=America/New_York:20261209T103000")
MINUTE = dt.timedelta(minutes=1)
SECRETS = ("5ecre7", "k3y", "dahlia")

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as server:
        yield server


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with caldav_server(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def alone() -> AppointmentType:
    """One practitioner at work, in Miami."""
    return a_clinic(practitioners=1)


def added(server: FeedServer | CalDavServer, *, now: dt.datetime = NOW, **facts: Any) -> OutsideCalendar:
    facts = {"form": "feed", "url": server.url} | facts
    if isinstance(server, CalDavServer):
        facts |= {"form": "caldav", "username": "rosa", "password": server.password}
    who = Practitioner.objects.active().get()
    return reading.add(practitioner=who, name="own", by=a_staff_member(), now=now, **facts)


def read(now: dt.datetime) -> int:
    return reading.read_due(now=now, until=time.monotonic() + 60)


def reasons(kind: AppointmentType, now: dt.datetime = NOW, day: dt.datetime = DAY) -> dict[str, str]:
    found = slots.explain(kind=kind, start=day, end=day + dt.timedelta(days=1), now=now)
    return {f"{slots.in_zone(start, 'America/New_York'):%H:%M}": why for _who, start, why in found}


def refusal_of(server: FeedServer, **facts: Any) -> str:
    with pytest.raises(reading.NotRead) as refused:
        added(server, **facts)
    assert not OutsideCalendar.objects.exists()
    return refused.value.why


# --- What closes ------------------------------------------------------------------------------------


def test_a_busy_time_of_a_feed_closes_the_starts_it_overlaps(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar(event(*AT_TEN))
    added(feed)
    found = reasons(alone)
    assert [found[at] for at in ("09:40", "10:00", "10:20", "10:40")] == ["free", *["external_busy"] * 2, "free"]


def test_nothing_but_start_and_end_is_kept(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar(event(*AT_TEN, "LOCATION:Room 4", "ATTENDEE:mailto:ana@example.com"))
    added(feed)
    assert [field.name for field in BusyTime._meta.fields] == ["id", "calendar", "start", "end"]
    with connection.cursor() as cursor:
        cursor.execute("select * from scheduling_calendarsource")
        kept = str(cursor.fetchall())
    assert not [word for word in (*SECRETS, "Therapy", "Room", "ana@", "http") if word in kept]


@pytest.mark.parametrize(
    ("lines", "closed"),
    [
        ((*AT_TEN, "TRANSP:TRANSPARENT"), []),
        ((*AT_TEN, "STATUS:CANCELLED"), []),
        (("DTSTART:20261209T150000Z", "DURATION:PT30M"), ["10:00", "10:20"]),
        (("DTSTART:20261209T100000", "DTEND:20261209T103000"), ["10:00", "10:20"]),  # on their own clock
        ((*AT_TEN, "RRULE:FREQ=WEEKLY", "EXDATE;TZID=America/New_York:20261209T100000"), []),
        (("DTSTART:20261208T150000Z", "DTEND:20261209T143000Z"), ["09:00", "09:20"]),
    ],
)
def test_what_blocks_and_what_does_not(
    alone: AppointmentType, feed: FeedServer, lines: tuple[str, ...], closed: list[str]
) -> None:
    feed.body = calendar(event(*lines))
    added(feed)
    assert [at for at, why in reasons(alone).items() if why == "external_busy"] == closed


def test_a_whole_day_is_one_of_the_practitioners(alone: AppointmentType, feed: FeedServer) -> None:
    Practitioner.objects.active().update(time_zone="America/Los_Angeles")
    feed.body = calendar(event("DTSTART;VALUE=DATE:20261209"))
    added(feed)
    kept = BusyTime.objects.get()
    assert (kept.start, kept.end - kept.start) == (DAY + dt.timedelta(hours=3), dt.timedelta(days=1))


def test_a_moved_and_a_cancelled_occurrence_are_where_they_are_now(alone: AppointmentType, feed: FeedServer) -> None:
    daily = event(*AT_TEN, "RRULE:FREQ=DAILY;COUNT=3", uid="daily")
    moved = ("RECURRENCE-ID;TZID=America/New_York:20261209T100000", "DTSTART;TZID=America/New_York:20261209T140000")
    feed.body = calendar(daily, event(*moved, "DTEND;TZID=America/New_York:20261209T143000", uid="daily"))
    added(feed)
    closed = [at for at, why in reasons(alone).items() if why == "external_busy"]
    assert closed == ["14:00", "14:20"]


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        (dt.datetime(2026, 10, 29, 15, 0, tzinfo=dt.UTC), ["30 14:00", "31 14:00", "01 15:00", "02 15:00"]),
        (dt.datetime(2027, 3, 11, 15, 0, tzinfo=dt.UTC), ["12 15:00", "13 15:00", "14 14:00", "15 14:00"]),
    ],
)
def test_what_repeats_keeps_its_wall_time_across_a_clock_change(
    alone: AppointmentType, feed: FeedServer, now: dt.datetime, starts: list[str]
) -> None:
    feed.body = calendar(
        event(
            "DTSTART;TZID=America/New_York:20260901T100000",
            "DTEND;TZID=America/New_York:20260901T103000",
            "RRULE:FREQ=DAILY",
        )
    )
    added(feed, now=now)
    later = BusyTime.objects.filter(start__gt=now)[:4]
    assert [f"{each.start.astimezone(dt.UTC):%d %H:%M}" for each in later] == starts


def test_a_calendar_that_tells_only_when_somebody_is_busy(alone: AppointmentType, feed: FeedServer) -> None:
    told = "BEGIN:VFREEBUSY\r\nUID:1\r\nDTSTAMP:20261201T000000Z\r\nFREEBUSY:20261209T150000Z/PT30M\r\n"
    feed.body = calendar(f"{told}FREEBUSY;FBTYPE=FREE:20261209T170000Z/PT30M\r\nEND:VFREEBUSY\r\n")
    added(feed)
    assert [at for at, why in reasons(alone).items() if why == "external_busy"] == ["10:00", "10:20"]


# --- CalDAV -----------------------------------------------------------------------------------------


def test_a_caldav_calendar_closes_breaks_and_opens_again(alone: AppointmentType, dav: CalDavServer) -> None:
    dav.put("ten", *AT_TEN)
    own = added(dav)
    assert reasons(alone)["10:00"] == "external_busy"

    known = dav.password
    dav.set_password("changed")
    assert read(NOW + 6 * MINUTE) == 1
    source = CalendarSource.objects.get()
    assert (source.why, source.broken_since, source.failures) == ("refused", NOW + 6 * MINUTE, 1)
    assert reasons(alone, NOW + 6 * MINUTE)["12:00"] == "free"
    assert reasons(alone, NOW + 61 * MINUTE)["12:00"] == "stale_calendar"

    dav.set_password(known)
    dav.send("DELETE", "ten.ics")
    assert read(NOW + 62 * MINUTE) == 1
    source.refresh_from_db()
    own.refresh_from_db()
    assert (source.why, source.broken_since, source.failures, own.read_at) == ("", None, 0, NOW + 62 * MINUTE)
    assert {reasons(alone, NOW + 62 * MINUTE)[at] for at in ("10:00", "12:00")} == {"free"}


def test_a_caldav_rule_is_worked_out_by_us(alone: AppointmentType, dav: CalDavServer) -> None:
    dav.put("weekly", *(line.replace("20261209", "20261202") for line in AT_TEN), "RRULE:FREQ=WEEKLY")
    added(dav)
    dav.send("DELETE", "weekly.ics")
    assert reasons(alone)["10:00"] == "external_busy"


def test_an_address_that_is_no_calendar_collection_is_not_read_as_empty(
    alone: AppointmentType, dav: CalDavServer
) -> None:
    with pytest.raises(reading.NotRead) as refused:
        added(dav, url=dav.url.removesuffix("work/"))
    assert refused.value.why in {"not_a_calendar", "refused", "not_found"}


def test_a_name_and_password_are_not_told_to_another_server(
    alone: AppointmentType, dav: CalDavServer, feed: FeedServer
) -> None:
    with feed_server() as first:
        first.status, first.headers = 307, {"Location": feed.url}
        with pytest.raises(reading.NotRead):
            added(first, form="caldav", username="rosa", password="dahlia")
    assert "authorization" in first.asked[0][1]
    assert [path for path, headers in feed.asked if "authorization" in headers] == []
    assert len(feed.asked) == 1


# --- Failure is known -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "why"),
    [(401, "refused"), (403, "refused"), (404, "not_found"), (410, "not_found"), (500, "failed"), (204, "failed")],
)
def test_why_it_cannot_be_read_is_said_by_a_code(
    alone: AppointmentType, feed: FeedServer, status: int, why: str
) -> None:
    feed.status, feed.body = status, b"the server's own words"
    assert refusal_of(feed) == why


def test_a_server_that_is_not_there_is_unreachable(alone: AppointmentType, feed: FeedServer) -> None:
    assert refusal_of(feed, url="http://127.0.0.1:9/") == "unreachable"


def test_a_failure_leaves_the_last_copy_and_waits_longer_each_time(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar(event(*AT_TEN))
    added(feed, when_stale="trust")
    feed.status, now, waits = 500, NOW + 5 * MINUTE, []
    for _ in range(6):
        assert read(now) == 1
        waits.append((CalendarSource.objects.get().next_read_at - now) // MINUTE)
        assert read(now) == 0
        now += waits[-1] * MINUTE
    assert (waits, reasons(alone, now)["10:00"]) == ([5, 5, 10, 20, 30, 30], "external_busy")


def test_an_unchanged_calendar_is_asked_for_by_its_mark_until_its_copy_is_too_short(
    alone: AppointmentType, feed: FeedServer
) -> None:
    feed.body, feed.headers = calendar(event(*AT_TEN)), {"ETag": '"one"'}
    own = added(feed)
    feed.status = 304

    read(NOW + 5 * MINUTE)
    own.refresh_from_db()
    assert (own.read_at, feed.asked[-1][1]["if-none-match"]) == (NOW + 5 * MINUTE, '"one"')
    assert reasons(alone)["10:00"] == "external_busy"

    feed.status = 200
    read(NOW + dt.timedelta(days=3))
    assert "if-none-match" not in feed.asked[-1][1]


def test_another_clock_is_no_reason_to_keep_the_old_days(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body, feed.headers = calendar(event("DTSTART;VALUE=DATE:20261209")), {"ETag": '"one"'}
    added(feed)
    staffing.change(practitioner=Practitioner.objects.active().get(), time_zone="America/Los_Angeles")
    read(NOW + 5 * MINUTE)
    assert "if-none-match" not in feed.asked[-1][1]
    assert BusyTime.objects.get().start == DAY + dt.timedelta(hours=3)


def test_a_paused_calendar_is_not_read_and_closes_nothing(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar(event(*AT_TEN))
    own = added(feed)
    reading.set_paused(calendar=own, paused=True, now=NOW)
    assert (read(NOW + 90 * MINUTE), reasons(alone, NOW + 90 * MINUTE)["10:00"]) == (0, "free")
    reading.set_paused(calendar=own, paused=False, now=NOW + 90 * MINUTE)
    assert (read(NOW + 90 * MINUTE), reasons(alone, NOW + 90 * MINUTE)["10:00"]) == (1, "external_busy")


def test_what_we_read_nobody_else_puts(alone: AppointmentType, feed: FeedServer) -> None:
    own = added(feed)
    with pytest.raises(busy.ReadByUs):
        busy.keep(practitioner=own.practitioner, name="own", busy=[], now=NOW)
    with pytest.raises(reading.NameTaken):
        added(feed)


def test_the_database_refuses_a_break_without_a_reason(alone: AppointmentType, feed: FeedServer) -> None:
    added(feed)
    for wrong in ({"broken_since": NOW}, {"why": "refused"}, {"lease_until": NOW}, {"form": "pigeon"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarSource.objects.update(**wrong)


# --- What nobody can make us do ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/basic.ics",
        "https://10.0.0.8/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.8]/",
        "https://224.0.0.1/",
        "https://192.0.2.1:22/",
        "https://user:word@example.org/",
        "file:///etc/passwd",
        "nonsense",
        "https://[nonsense",
        "https://",
    ],
)
def test_an_address_that_leads_elsewhere_is_not_called(alone: AppointmentType, settings: Any, url: str) -> None:
    settings.CALENDARS_ON_LOOPBACK = False
    with feed_server() as server:
        assert refusal_of(server, url=url) == "not_allowed"


INWARD = ["http://169.254.169.254/latest/", "https://10.0.0.8/", "http://192.168.1.1/", "file:///etc/passwd"]


@pytest.mark.parametrize("target", INWARD)
def test_a_redirect_into_our_network_is_refused(alone: AppointmentType, feed: FeedServer, target: str) -> None:
    feed.status, feed.headers = 302, {"Location": target}
    assert refusal_of(feed) == "not_allowed"


def test_a_redirect_to_this_machine_is_refused_in_production(
    alone: AppointmentType, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server stands for one of the public internet: only its own port counts as that."""
    with feed_server() as inner:
        feed.status, feed.headers = 302, {"Location": inner.url}
        public = feed.server.server_port
        monkeypatch.setattr(outward.Reach, "takes", lambda reach, address, scheme, port: port == public)
        assert (refusal_of(feed), inner.asked) == ("not_allowed", [])


def test_control_without_the_guard_the_redirect_is_followed(alone: AppointmentType, feed: FeedServer) -> None:
    with feed_server() as inner:
        feed.status, feed.headers, inner.body = 302, {"Location": inner.url}, calendar(event(*AT_TEN))
        added(feed)
        assert (len(inner.asked), reasons(alone)["10:00"]) == (1, "external_busy")


@pytest.mark.parametrize(("hops", "fine"), [(3, True), (4, False)])
def test_three_redirects_are_followed_and_no_more(
    alone: AppointmentType, feed: FeedServer, hops: int, fine: bool
) -> None:
    def moved(caller: BaseHTTPRequestHandler) -> None:
        if len(feed.asked) > hops:
            feed.plain(caller)
            return
        caller.send_response(301)
        caller.send_header("Location", "/further")
        caller.end_headers()

    feed.answer = moved
    if fine:
        added(feed)
    else:
        assert refusal_of(feed) == "unreachable"
    assert len(feed.asked) == 4


def test_two_megabytes_are_too_many(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body = calendar() + b"X" * (2 * 1024 * 1024)
    assert refusal_of(feed) == "too_large"


def test_a_small_answer_that_grows_is_too_large(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body, feed.headers = gzip.compress(b"\0" * (200 * 1024 * 1024)), {"Content-Encoding": "gzip"}
    began = time.monotonic()
    assert refusal_of(feed) == "too_large"
    assert time.monotonic() - began < 3


def test_a_compressed_calendar_is_read(alone: AppointmentType, feed: FeedServer) -> None:
    feed.body, feed.headers = gzip.compress(calendar(event(*AT_TEN))), {"Content-Encoding": "gzip"}
    added(feed)
    assert reasons(alone)["10:00"] == "external_busy"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<!DOCTYPE html><p>Sign in", "not_a_calendar"),
        (b"", "not_a_calendar"),
        (b"\0\xff" * 500, "not_a_calendar"),
        (calendar(event("SUMMARY:When?")), "not_a_calendar"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=SECONDLY")), "too_often"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=MIN", " UTELY")), "too_often"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=DAILY;BYSECOND=1,2,3")), "too_often"),
        (calendar(*(event(*AT_TEN, uid=f"e{number}") for number in range(1001))), "too_many"),
        (calendar(event(*AT_TEN, "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), uid="a"), *(
            event(*AT_TEN, "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), uid=f"b{number}")
            for number in range(3)
        )), "too_many"),
        (calendar(*(
            event("DTSTART:00010101T100000", "DURATION:PT1M", "RRULE:FREQ=DAILY", uid=f"e{number}")
            for number in range(20)
        )), "too_costly"),
    ],
    ids=["html", "empty", "binary", "no-start", "secondly", "folded", "bysecond", "many", "many-by-rule", "costly"],
)  # fmt: skip
def test_what_is_no_calendar_of_ours_is_refused(
    alone: AppointmentType, feed: FeedServer, body: bytes, why: str
) -> None:
    feed.body = body
    began = time.monotonic()
    assert refusal_of(feed) == why
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><multistatus xmlns="DAV:">&a;</multistatus>',
        b'<!DOCTYPE multistatus SYSTEM "http://127.0.0.1:9/x.dtd"><multistatus xmlns="DAV:"/>',
        b'<multistatus xmlns="DAV:">',
        b"<html/>",
    ],
)
def test_an_answer_with_a_document_type_is_refused(alone: AppointmentType, feed: FeedServer, body: bytes) -> None:
    feed.status, feed.body = 207, body
    assert refusal_of(feed, form="caldav", username="rosa", password="dahlia") == "not_a_calendar"


def test_a_server_that_sends_a_byte_a_second_is_left(
    alone: AppointmentType, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(caller: BaseHTTPRequestHandler) -> None:
        caller.send_response(200)
        caller.end_headers()
        for byte in calendar(event(*AT_TEN)):
            caller.wfile.write(bytes([byte]))
            caller.wfile.flush()
            time.sleep(0.2)

    feed.answer = drip
    monkeypatch.setattr(reading, "SECONDS", 1)
    began = time.monotonic()
    assert refusal_of(feed) == "unreachable"
    assert 0.8 < time.monotonic() - began < 3


def test_no_secret_is_logged(alone: AppointmentType, feed: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    def odd(caller: BaseHTTPRequestHandler) -> None:
        caller.wfile.write(b"HTTP/1.1 200 OK\r\nnonsense header\r\n: x\r\n\r\n" + calendar())

    feed.answer = odd
    with caplog.at_level(logging.INFO):
        own = added(feed, username="rosa", password="dahlia")
        feed.answer, feed.status = None, 500
        read(NOW + 5 * MINUTE)
    said = caplog.text + repr(own.source.__dict__) + str(own.source)
    assert not [word for word in (*SECRETS, "127.0.0.1") if word in said]


# --- Side by side -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_a_calendar_once(feed: FeedServer) -> None:
    a_clinic(practitioners=1)
    added(feed)

    def slowly(caller: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        feed.plain(caller)

    feed.answer, before = slowly, len(feed.asked)
    counts = at_once([lambda: read(NOW + 5 * MINUTE)] * 4)
    assert (sorted(counts), len(feed.asked) - before) == ([0, 0, 0, 1], 1)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lease_each_worker_reads_it(feed: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_clinic(practitioners=1)
    added(feed)
    monkeypatch.setattr(
        reading, "_claim", lambda wanted, *, now: wanted.select_related("calendar__practitioner").first()
    )

    def slowly(caller: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        feed.plain(caller)

    feed.answer, before = slowly, len(feed.asked)
    at_once([lambda: read(NOW + 5 * MINUTE)] * 4)
    assert len(feed.asked) - before > 1


def test_whoever_lost_the_lease_writes_nothing(alone: AppointmentType, feed: FeedServer) -> None:
    added(feed)
    later = NOW + 5 * MINUTE
    mine = reading._claim(CalendarSource.objects.due(later), now=later)
    assert mine is not None
    assert read(later + reading.LEASE) == 1

    reading._record_failure(mine, "refused", now=later)
    reading._record(mine, reading.Copy([(DAY, DAY + 60 * MINUTE)], "", DAY), now=later)

    assert (CalendarSource.objects.get().why, BusyTime.objects.count()) == ("", 0)
