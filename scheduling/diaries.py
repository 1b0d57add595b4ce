"""Reads the diaries: one statement, a row for each fact, whatever the number of people, days and past calls.

It is plain SQL because every look at the free times asks it; the ORM took longer to compose it than PostgreSQL to
answer. Instants become seconds since the epoch in it, as `availability` counts them.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import holidays
from django.conf import settings
from django.db import connection

from inquiries.clinic import clinic
from scheduling import availability
from scheduling.availability import Claim, Diary, Interval
from scheduling.models import Appointment

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
# How far beyond the window claims matter: for the caps and the fair choice of a week, and for what overlaps.
MARGIN = WEEK + dt.timedelta(seconds=availability.REACH)

# What it is, whose (null: everybody's), up to four numbers, and words. A lapsed hold holds nothing, nor does a paused
# outside calendar, nor one that is to be ignored when it is stale and is. Only what holds time is looked through:
# history costs nothing.
FACTS = """
with who as (
    select id, time_zone, languages from scheduling_practitioner
    where is_active
    and (%(language)s = '' or languages @> array[%(language)s]::varchar[])
    and (%(only)s::bigint[] is null or id = any(%(only)s::bigint[]))
)
select 'person' as what, id as whose, null::bigint as a, null::bigint as b, null::bigint as c, null::bigint as d,
    time_zone || ' ' || array_to_string(languages, ' ') as said
from who
union all
select 'hours', practitioner_id, weekday, start_minute, end_minute, null, null
from scheduling_workinghours where practitioner_id in (select id from who)
union all
select 'override', practitioner_id, null, null, null, null, date || ' ' || intervals
from scheduling_hoursoverride
where practitioner_id in (select id from who) and date between %(first_date)s and %(last_date)s
union all
select 'closed', chosen.practitioner_id, date_part('epoch', closure.start)::bigint,
    date_part('epoch', closure."end")::bigint, null, null, null
from scheduling_closure closure left join scheduling_closure_practitioners chosen on chosen.closure_id = closure.id
where closure.start < %(end)s and closure."end" > %(start)s
union all
select 'stale', practitioner_id, null, null, null, null, null
from scheduling_outsidecalendar
where practitioner_id in (select id from who) and when_stale = 'close' and read_at < %(now)s - stale_after
and not is_paused
union all
select 'busy', calendar.practitioner_id, date_part('epoch', busy.start)::bigint,
    date_part('epoch', busy."end")::bigint, null, null, null
from scheduling_outsidecalendar calendar join scheduling_busytime busy on busy.calendar_id = calendar.id
where calendar.practitioner_id in (select id from who) and not calendar.is_paused
and not (calendar.when_stale = 'ignore' and calendar.read_at < %(now)s - calendar.stale_after)
and busy.start < %(end)s and busy."end" > %(start)s
union all
select 'claim', practitioner_id, date_part('epoch', start)::bigint, date_part('epoch', "end")::bigint,
    date_part('epoch', lower(occupied))::bigint, date_part('epoch', upper(occupied))::bigint, null
from scheduling_appointment
where status in ('proposed', 'pending', 'booked')
and not (status in ('proposed', 'pending') and held_until is not null and held_until <= %(now)s)
and start >= %(claims_start)s and start < %(claims_end)s
and practitioner_id in (select id from who)
and (%(but_not)s::uuid is null or (id <> %(but_not)s and held_for_id is distinct from %(but_not)s))
"""

# The calls that are over, of the window's first week: they hold no time, but caps and the fair choice count them.
PAST = """union all
select 'past', practitioner_id, date_part('epoch', start)::bigint, null, null, null, null
from scheduling_appointment
where status in ('fulfilled', 'noshow')
and start >= %(past_start)s and start < %(claims_end)s
and practitioner_id in (select id from who)
"""

# The hours in which the office counts its promises, then the closures of everybody, as (weekday or null, start, end).
OFFICE = """
select weekday, start_minute::bigint, end_minute::bigint from scheduling_workinghours where practitioner_id is null
union all
select null, date_part('epoch', start)::bigint, date_part('epoch', "end")::bigint
from scheduling_closure closure
where start < %(end)s and "end" > %(start)s
and not exists (select from scheduling_closure_practitioners chosen where chosen.closure_id = closure.id)
"""


def _asked(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def load_diaries(
    *,
    start: dt.datetime,
    end: dt.datetime,
    now: dt.datetime,
    language: str = "",
    only: Iterable[int] | None = None,
    but_not: Appointment | None = None,
    with_past: bool = False,
) -> list[Diary]:
    """The diaries of the active practitioners, in order of id; of those who speak `language`, of those in `only`.

    `but_not` is an appointment whose time, and the further time held for it, counts as free (it is to be moved).
    `with_past` reads the week's calls that are over too, for caps and the fair choice.
    One query. Claims reach a week and a day beyond the window.
    """
    facts: dict[int | None, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    values = {
        "language": language,
        "only": None if only is None else list(only),
        "but_not": but_not and but_not.pk,
        "now": now,
        "start": start,
        "end": end,
        "first_date": (start - DAY).date(),
        "last_date": (end + DAY).date(),
        "claims_start": start - MARGIN,
        "claims_end": end + MARGIN,
        "past_start": start - WEEK,
    }
    for what, whose, *numbers, said in _asked(FACTS + PAST if with_past else FACTS, values):
        facts[whose][what].append(said or numbers)
    free_days = holidays_between(start, end)
    everybodys = facts.pop(None, {}).get("closed", [])
    people = sorted(who for who, known in facts.items() if who is not None and known["person"])
    return [_diary(who, facts[who], everybodys, free_days) for who in people]


def _diary(who: int, facts: dict[str, list[Any]], everybodys: list[Any], free_days: frozenset[dt.date]) -> Diary:
    (zone, *languages) = facts["person"][0].split()
    hours: dict[int, list[Interval]] = defaultdict(list)
    for weekday, first, last, _ in sorted(facts["hours"]):
        hours[weekday].append((first, last))
    written = (said.split(" ", 1) for said in facts["override"])
    overrides = {dt.date.fromisoformat(date): [tuple(pair) for pair in json.loads(pairs)] for date, pairs in written}
    return Diary(
        practitioner=who,
        zone=zone,
        languages=frozenset(languages),
        hours=hours,
        overrides=overrides,
        closed_dates=free_days - overrides.keys(),
        closed=[(first, last) for first, last, *_ in (*everybodys, *facts["closed"])],
        claims=[Claim._make(claim) for claim in facts["claim"]],
        past=[first for first, *_ in facts["past"]],
        external_busy=[(first, last) for first, last, *_ in facts["busy"]],
        stale=bool(facts["stale"]),
    )


def office_diary(*, start: dt.datetime, end: dt.datetime) -> Diary:
    """The hours in which promises are counted: the office's, its holidays and its closures of everybody. One query."""
    hours: dict[int, list[Interval]] = defaultdict(list)
    closed: list[Interval] = []
    for weekday, first, last in _asked(OFFICE, {"start": start, "end": end}):
        (closed if weekday is None else hours[weekday]).append((first, last))
    return Diary(
        practitioner=0,
        zone=settings.CLINIC_TIME_ZONE,
        hours=hours,
        closed_dates=holidays_between(start, end),
        closed=closed,
    )


@lru_cache(maxsize=64)
def public_holidays(place: str, year: int) -> frozenset[dt.date]:
    """The public holidays of a country (`US`), or of a part of it (`US-FL`); none when `place` is empty."""
    if not place:
        return frozenset()
    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


def holidays_between(start: dt.datetime, end: dt.datetime) -> frozenset[dt.date]:
    years = range(start.year - 1, end.year + 2)
    kept = clinic()
    return frozenset().union(*(public_holidays(kept.holidays, year) for year in years)) - kept.worked_holidays
