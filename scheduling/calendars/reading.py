"""Reading outside calendars at their addresses: claimed under a lease, asked with no transaction open, kept whole.

A calendar that can't be read keeps its last copy; how that goes is in its `CalendarSource`, by a code and never in a
server's words. RFC 5545 says what a feed is, RFC 4791 what a CalDAV report is.
"""

import base64
import datetime as dt
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from inquiries import outward
from inquiries.models import StaffMember
from scheduling.calendars import busy, expansion
from scheduling.calendars.busy import Busy
from scheduling.models import AppointmentType, CalendarSource, OutsideCalendar, Practitioner

Form, Why = CalendarSource.Form, CalendarSource.Why
SECONDS, LONGEST, REDIRECTS = 5, 1024 * 1024, 3
PORTS = frozenset({443, 8443})
EVERY = dt.timedelta(minutes=5)
BACKOFF_MINUTES = (5, 5, 10, 20, 30)
ETAG_LENGTH = 200
LEASE = dt.timedelta(minutes=3)  # longer than a task may run
A_DAY = dt.timedelta(days=1)
# A copy reaches so far beyond the horizon that it lasts a while when the calendar has not changed.
SPARE, FARTHEST = 2 * A_DAY, 400 * A_DAY
BAD_ANSWERS = {401: Why.REFUSED, 403: Why.REFUSED, 404: Why.NOT_FOUND, 410: Why.NOT_FOUND}
NO_LEASE: dict[str, Any] = {"lease_until": None, "lease_token": None}
MEDIA_TYPES = "text/calendar, application/calendar+xml;q=0.1, */*;q=0.1"
REPORT = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
  <d:prop><c:calendar-data/></d:prop>
  <c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
    <c:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>
  </c:comp-filter></c:comp-filter></c:filter>
</c:calendar-query>
"""


KIND = """<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>
"""


class NotRead(Exception):
    """This calendar can't be read; `why` is a code of `CalendarSource.Why`, which has a sentence for it."""

    permanent = False

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = Why(why)


class NameTaken(Exception):
    """This practitioner has a calendar of that name already. Choose another name."""

    code = "name_taken"
    permanent = True


class BeingRead(Exception):
    """This calendar is being read just now. Look again in a moment."""

    code = "being_read"
    permanent = False


@dataclass(frozen=True)
class Copy:
    """What was read; `busy` is None where nothing has changed since the copy that we have."""

    busy: list[Busy] | None
    etag: str
    until: dt.datetime


# --- Verbs ------------------------------------------------------------------------------------------


def add(
    *,
    practitioner: Practitioner,
    name: str,
    form: str,
    url: str,
    username: str = "",
    password: str = "",
    stale_after: dt.timedelta = dt.timedelta(hours=1),
    when_stale: str = OutsideCalendar.WhenStale.CLOSE,
    by: StaffMember,
    now: dt.datetime,
) -> OutsideCalendar:
    """Read a calendar, and from then on again and again; kept only if it can be read. Raises NotRead, NameTaken."""
    if practitioner.outside_calendars.filter(name=name).exists():
        raise NameTaken
    source = CalendarSource(form=form, url=https(url), username=username, password=password)
    copy = fetch(source, zone=practitioner.time_zone, now=now)
    source.created_at, source.created_by, source.next_read_at = now, by, now + EVERY
    source.etag, source.copied_until = copy.etag, copy.until
    try:
        with transaction.atomic():
            source.calendar = practitioner.outside_calendars.create(
                name=name, read_at=now, stale_after=stale_after, when_stale=when_stale
            )
            source.save(force_insert=True)
            busy.replace(source.calendar, copy.busy or [])
    except IntegrityError as error:
        raise NameTaken from error
    return source.calendar


def https(url: str) -> str:
    """Calendar programs write `webcal:` where they mean https."""
    return "https:" + url[len("webcal:") :] if url.lower().startswith("webcal:") else url


def masked(url: str) -> str:
    """What may be shown of a secret address.

    >>> masked("https://calendar.example.com/private-3f2a/basic.ics?key=1")
    'https://calendar.example.com/…'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def set_paused(*, calendar: OutsideCalendar, paused: bool, now: dt.datetime) -> None:
    """A paused calendar closes nothing and is not read; when it goes on, it is read at once."""
    OutsideCalendar.objects.filter(pk=calendar.pk).update(is_paused=paused)
    CalendarSource.objects.filter(calendar=calendar).update(next_read_at=now)
    calendar.is_paused = paused


def forget_copies(*, practitioner: Practitioner) -> None:
    """Their clock has changed, and with it when a whole day begins: the next time everything is read anew."""
    CalendarSource.objects.filter(calendar__practitioner=practitioner).update(etag="")


def read_now(*, calendar: OutsideCalendar, now: dt.datetime) -> None:
    """Because a person wants to know. Raises NotRead, which is recorded too, BeingRead, CalendarSource.DoesNotExist."""
    source = CalendarSource.objects.get(calendar=calendar)
    claimed = _claim(CalendarSource.objects.filter(pk=source.pk), now=now)
    if claimed is None:
        raise BeingRead
    why = _read(claimed, now=now)
    if why:
        raise NotRead(why)


def read_due(*, now: dt.datetime, until: float) -> int:
    """Read the calendar that has waited longest, one at a time so that mail is looked at in between; how many were.

    None is begun after `until` (of the monotonic clock).
    """
    if time.monotonic() >= until:
        return 0
    source = _claim(CalendarSource.objects.due(now), now=now)
    if source is None:
        return 0
    _read(source, now=now)
    return 1


# --- Under a lease ----------------------------------------------------------------------------------


@transaction.atomic
def _claim(wanted: Any, *, now: dt.datetime) -> CalendarSource | None:
    """One that nobody else has in hand; should we die, it is free again when the lease lapses."""
    rows = wanted.select_for_update(skip_locked=True, of=("self",)).select_related("calendar__practitioner")
    source: CalendarSource | None = rows.first()
    if source is None or (source.lease_until is not None and source.lease_until > now):
        return None
    source.lease_token, source.lease_until = uuid4(), now + LEASE
    source.save(update_fields=["lease_token", "lease_until"])
    return source


def _read(source: CalendarSource, *, now: dt.datetime) -> str:
    """Read it and write down how that went; why it could not be read, '' when it could."""
    try:
        copy = fetch(source, zone=source.calendar.practitioner.time_zone, now=now)
    except NotRead as refusal:
        _record_failure(source, refusal.why, now=now)
        return refusal.why
    _record(source, copy, now=now)
    return ""


@transaction.atomic
def _record(source: CalendarSource, copy: Copy, *, now: dt.datetime) -> None:
    fine = {"failures": 0, "broken_since": None, "why": "", "next_read_at": now + EVERY}
    if not _held(source).update(**fine, etag=copy.etag, copied_until=copy.until, **NO_LEASE):
        return
    if copy.busy is not None:
        busy.replace(source.calendar, copy.busy)
    OutsideCalendar.objects.filter(pk=source.calendar_id).update(read_at=now)


def _record_failure(source: CalendarSource, why: str, *, now: dt.datetime) -> None:
    minutes = BACKOFF_MINUTES[min(source.failures, len(BACKOFF_MINUTES) - 1)]
    _held(source).update(
        failures=min(source.failures + 1, 1000),
        broken_since=source.broken_since or now,
        why=why,
        next_read_at=now + dt.timedelta(minutes=minutes),
        **NO_LEASE,
    )


def _held(source: CalendarSource) -> Any:
    """The row, while this lease holds."""
    return CalendarSource.objects.filter(pk=source.pk, lease_token=source.lease_token)


# --- Over the network -------------------------------------------------------------------------------


def fetch(source: CalendarSource, *, zone: str, now: dt.datetime) -> Copy:
    """What the calendar says from yesterday to a little beyond the horizon. Raises NotRead."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - A_DAY
    needed = now + min(_horizon(), FARTHEST - SPARE - A_DAY)
    end = needed + SPARE
    known = source.etag if source.etag and source.copied_until and source.copied_until >= needed else ""
    answer = _asked(source, start, end, known)
    if answer.status == 304 and known:
        return Copy(None, source.etag, source.copied_until)
    times = _worked_out(answer, source.form, zone, start, end)
    if source.form == Form.FEED:
        etag = answer.headers.get("etag", "")
        return Copy(times, etag if len(etag) <= ETAG_LENGTH and etag.isprintable() else "", end)
    if not times:  # a folder answers so too, and would leave everything open
        _worked_out(_call(source, "PROPFIND", KIND.encode(), {"Depth": "0"}), "kind", zone, start, end)
    return Copy(times, "", end)


def _worked_out(answer: outward.Answer, form: str, zone: str, start: dt.datetime, end: dt.datetime) -> list[Busy]:
    if answer.status != (200 if form == Form.FEED else 207):
        raise NotRead(BAD_ANSWERS.get(answer.status, Why.FAILED))
    try:
        return expansion.busy_in_a_process(answer.body, form=form, zone=zone, start=start, end=end)
    except expansion.Unreadable as refusal:
        raise NotRead(str(refusal)) from refusal


def _horizon() -> dt.timedelta:
    days = AppointmentType.objects.filter(is_active=True).aggregate(most=Max("horizon_days"))["most"]
    return dt.timedelta(days=days or 1)


def _asked(source: CalendarSource, start: dt.datetime, end: dt.datetime, known: str) -> outward.Answer:
    if source.form == Form.CALDAV:
        return _call(source, "REPORT", REPORT.format(start=start, end=end).encode(), {"Depth": "1"})
    return _call(source, "GET", None, {"Accept": MEDIA_TYPES} | ({"If-None-Match": known} if known else {}))


def _call(source: CalendarSource, method: str, body: bytes | None, more: dict[str, str]) -> outward.Answer:
    """Raises NotRead."""
    headers = {"User-Agent": "Firstcall", "Accept-Encoding": "gzip, deflate"} | more
    if body is not None:
        headers["Content-Type"] = "application/xml; charset=utf-8"
    if source.username:
        mark = base64.b64encode(f"{source.username.reveal()}:{source.password.reveal()}".encode()).decode()
        headers["Authorization"] = f"Basic {mark}"
    reach = outward.Reach(loopback=settings.CALENDARS_ON_LOOPBACK, ports=PORTS)
    bounds = {"seconds": SECONDS, "limit": LONGEST, "redirects": REDIRECTS}
    try:
        return outward.ask(method, source.url.reveal(), reach=reach, body=body, headers=headers, **bounds)
    except outward.TooLarge as refusal:
        raise NotRead(Why.TOO_LARGE) from refusal
    except outward.NotAllowed as refusal:
        raise NotRead(Why.NOT_ALLOWED) from refusal
    except outward.Unreachable as refusal:
        raise NotRead(Why.UNREACHABLE) from refusal
