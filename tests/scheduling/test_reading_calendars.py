"""Outside calendars that we read ourselves: what closes, and how a failure is known."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling import staffing
from scheduling.calendars import busy, reading
from scheduling.models import AppointmentType, BusyTime, CalendarSource, Practitioner
from tests.calendar_servers import CalDavServer, FeedServer, caldav_server, calendar, event, feed_server
from tests.factories import NOW, a_clinic
from tests.scheduling.own_calendars import AT_TEN, DAY, MINUTE, SECRETS, added, read, reasons, refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def dav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with caldav_server(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def alone() -> AppointmentType:
    """One practitioner at work, in Miami."""
    return a_clinic(practitioners=1)


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
