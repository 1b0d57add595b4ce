"""What is busy in a calendar, as start and end alone; run as a process of its own, with little time and memory.

`python -m scheduling.calendars.expansion` reads JSON in one line (`form`, `zone`, `start`, `end`), then the body, and
answers in JSON: `{"busy": [[start, end], …]}`, or `{"why": code}`. Nothing of Django is loaded here.
`form` is `feed`, `caldav` (the answer to a report), or `kind` (to the question whether it is a calendar at all).
"""

import datetime as dt
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from defusedxml import ElementTree
from icalendar import Calendar, Component

MOST = 1000
CPU_SECONDS, MEMORY_BYTES, WALL_SECONDS = 4, 512 * 1024 * 1024, 6
KNOWN_OUTSIDE = (
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
)  # of our environment the process learns no more: there are secrets in it
A_DAY = dt.timedelta(days=1)
FOLDED = re.compile(rb"\r?\n[ \t]")
RULE = re.compile(rb"^(?:RRULE|EXRULE)[^:\r\n]*:(.*)$", re.IGNORECASE | re.MULTILINE)
TOO_OFTEN = re.compile(rb"FREQ=(?!(?:DAILY|WEEKLY|MONTHLY|YEARLY)\b)|BY(?:SECOND|MINUTE)=", re.IGNORECASE)
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
Busy = tuple[dt.datetime, dt.datetime]


class Unreadable(Exception):
    """What came is no calendar that can be used; the text is a short code of why."""


# --- In our process ---------------------------------------------------------------------------------


def busy_in_a_process(body: bytes, *, form: str, zone: str, start: dt.datetime, end: dt.datetime) -> list[Busy]:
    """Busy times between two instants, merged, earliest first. Raises Unreadable."""
    asked = {"form": form, "zone": zone, "start": start.isoformat(), "end": end.isoformat()}
    command = [sys.executable, "-m", "scheduling.calendars.expansion"]
    given, root = json.dumps(asked).encode() + b"\n" + body, Path(__file__).resolve().parents[2]
    known = {name: os.environ[name] for name in KNOWN_OUTSIDE if name in os.environ}
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=WALL_SECONDS, check=False, cwd=root, env=known
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_costly") from error
    if done.returncode:  # ended by a limit
        raise Unreadable("too_costly")
    answer = json.loads(done.stdout)
    if "why" in answer:
        raise Unreadable(answer["why"])
    return [(dt.datetime.fromisoformat(one), dt.datetime.fromisoformat(other)) for one, other in answer["busy"]]


# --- In the other process -----------------------------------------------------------------------------


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    asked = json.loads(sys.stdin.buffer.readline())
    window = [dt.datetime.fromisoformat(asked[name]) for name in ("start", "end")]
    try:
        times = busy(sys.stdin.buffer.read(), form=asked["form"], zone=asked["zone"], start=window[0], end=window[1])
        answer: dict[str, Any] = {"busy": [[one.isoformat(), other.isoformat()] for one, other in times]}
    except Unreadable as refusal:
        answer = {"why": str(refusal)}
    except MemoryError:
        answer = {"why": "too_costly"}
    except Exception:  # whatever the libraries stumble over; its text would hold what the calendar says
        answer = {"why": "not_a_calendar"}
    sys.stdout.write(json.dumps(answer))


def busy(body: bytes, *, form: str, zone: str, start: dt.datetime, end: dt.datetime) -> list[Busy]:
    """Raises Unreadable."""
    if form == "kind":
        return of_a_calendar(body)
    texts = [body] if form == "feed" else list(calendars_of(body))
    here, found = ZoneInfo(zone), []
    for text in texts:
        for span in spans(calendar_of(text), here, start, end):
            found.append(span)
            if len(found) > MOST:
                raise Unreadable("too_many")
    return merged(found)


def calendars_of(answer: bytes) -> Iterator[bytes]:
    """The calendars in the answer to a report (RFC 4791, 7.8). Raises Unreadable."""
    found = multistatus(answer).iter(f"{CALDAV}calendar-data")
    yield from ((each.text or "").encode() for each in found if (each.text or "").strip())


def of_a_calendar(answer: bytes) -> list[Busy]:
    """Nothing, where the answer says that a calendar is there (RFC 4791, 4.2). Raises Unreadable."""
    kinds = multistatus(answer).iter("{DAV:}resourcetype")
    if not any(kind.find(f"{CALDAV}calendar") is not None for kind in kinds):
        raise Unreadable("not_a_calendar")
    return []


def multistatus(answer: bytes) -> Any:
    """The root of a WebDAV answer; a document type is refused. Raises Unreadable."""
    root = ElementTree.fromstring(answer, forbid_dtd=True)
    if root.tag != "{DAV:}multistatus":
        raise Unreadable("not_a_calendar")
    return root


def calendar_of(text: bytes) -> Calendar:
    """The calendar, unless a rule in it repeats by the hour or faster, in its zones too. Raises Unreadable."""
    for rule in RULE.findall(FOLDED.sub(b"", text)):
        if TOO_OFTEN.search(rule):
            raise Unreadable("too_often")
    found = Calendar.from_ical(text)
    if not isinstance(found, Calendar):
        raise Unreadable("not_a_calendar")
    return found


def spans(calendar: Calendar, here: ZoneInfo, start: dt.datetime, end: dt.datetime) -> Iterator[Busy]:
    """Each time at which something blocks, within the window: neither transparent nor cancelled events do."""
    for first, last in (*_periods(calendar, here), *_events(calendar, here, start, end)):
        if last > max(first, start) and first < end:
            yield max(first, start), min(last, end)


def _events(calendar: Calendar, here: ZoneInfo, start: dt.datetime, end: dt.datetime) -> Iterator[Busy]:
    """In about the order of their starts, as the library compares whole days and times without a zone."""
    counted = 0
    for event in recurring_ical_events.of(calendar).after(start.astimezone(here)):
        first, last = instants(event, here)
        if first >= end + A_DAY:
            return
        if not blocks(event):
            continue
        counted += 1
        if counted > MOST:
            raise Unreadable("too_many")
        yield first, last


def _periods(calendar: Calendar, here: ZoneInfo) -> Iterator[Busy]:
    """Of a calendar that tells nothing but when somebody is busy (RFC 5545, 3.6.4)."""
    for component in calendar.walk("VFREEBUSY"):
        given = component.get("FREEBUSY", [])
        for each in given if isinstance(given, list) else [given]:
            for period in getattr(each, "dts", [each]):
                if period.params.get("FBTYPE", each.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                    yield instant(period.start, here), instant(period.end, here)


def blocks(event: Component) -> bool:
    words = [str(event.get(name, "")).upper() for name in ("TRANSP", "STATUS")]
    return words[0] != "TRANSPARENT" and words[1] != "CANCELLED"


def instants(event: Any, here: ZoneInfo) -> Busy:
    """Start and end; whole days, and times without a zone, are on the practitioner's own clock."""
    return instant(event["DTSTART"].dt, here), instant(event["DTEND"].dt, here)


def instant(moment: dt.date, here: ZoneInfo) -> dt.datetime:
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day, tzinfo=here)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=here)
    return aware.astimezone(dt.UTC).replace(microsecond=0)


def merged(times: Iterable[Busy]) -> list[Busy]:
    """Without overlaps: how many things happen at once is nobody's business here."""
    found: list[Busy] = []
    for start, end in sorted(times):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


if __name__ == "__main__":
    main()
