"""The pure engine: every clock, every reason, against a slow twin and against worked examples."""

import datetime as dt
import random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduling import availability, wallclock
from scheduling.availability import Claim, Diary, Rules
from tests.scheduling import twin

NEW_YORK = "America/New_York"
WORKDAYS = {day: [(540, 1020)] for day in range(5)}
CALL = Rules(duration_minutes=20, slot_step_minutes=20, buffer_after_minutes=10, notice_minutes=120, horizon_days=30)
SEED, CASES = 20261201, 10_000


def at(text: str, zone: str = NEW_YORK) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def diary(**changes: object) -> Diary:
    return Diary(**{"practitioner": 1, "zone": NEW_YORK, "hours": WORKDAYS, **changes})  # type: ignore[arg-type]


def reasons(book: Diary, day: str, *, rules: Rules = CALL, now: str = "2026-11-30T08:00") -> dict[str, str]:
    """Local "HH:MM" to reason, for the starts of one date."""
    start = at(f"{day}T00:00", book.zone)
    found = availability.decisions(book, rules, now=at(now), start=start, end=start + 25 * 3600)
    local = [(dt.datetime.fromtimestamp(start, ZoneInfo(book.zone)), reason) for start, reason in found]
    return {f"{when:%H:%M}": why for when, why in local if when.date().isoformat() == day}


def test_a_working_day_is_offered_in_steps() -> None:
    free = [time for time, why in reasons(diary(), "2026-12-01").items() if why == "free"]
    assert (free[0], free[1], free[-1], len(free)) == ("09:00", "09:20", "16:40", 24)


def test_what_is_in_the_way_is_named() -> None:
    ten = at("2026-12-01T10:00")
    claim = Claim(ten, ten + 1200, ten, ten + 1800)
    closed = (at("2026-12-01T14:00"), at("2026-12-01T15:00"))
    busy = (at("2026-12-01T11:00"), at("2026-12-01T11:10"))
    found = reasons(diary(claims=[claim], closed=[closed], external_busy=[busy]), "2026-12-01")
    expected = {
        "08:40": "outside_hours",
        "09:20": "free",
        "09:40": "buffer",
        "10:00": "taken",
        "10:20": "buffer",
        "10:40": "free",
        "11:00": "external_busy",
        "13:40": "free",
        "14:00": "closed",
        "15:00": "free",
    }
    assert {time: found[time] for time in expected} == expected


def test_a_call_before_a_taken_one_leaves_room_for_its_own_buffer() -> None:
    ten_ten = at("2026-12-01T10:10")
    found = reasons(diary(claims=[Claim(ten_ten, ten_ten + 1200, ten_ten, ten_ten + 1800)]), "2026-12-01")
    assert (found["09:20"], found["09:40"], found["10:00"]) == ("free", "free", "taken")
    later = at("2026-12-01T10:05")
    found = reasons(diary(claims=[Claim(later, later + 1200, later, later + 1800)]), "2026-12-01")
    assert found["09:40"] == "buffer"


@pytest.mark.parametrize(("now", "first"), [("07:00", "09:00"), ("07:01", "09:20"), ("06:59", "09:00")])
def test_notice_counts_to_the_minute(now: str, first: str) -> None:
    found = reasons(diary(), "2026-12-01", now=f"2026-12-01T{now}")
    assert next(time for time, why in found.items() if why == "free") == first


def test_the_horizon_ends_to_the_minute() -> None:
    found = reasons(diary(), "2026-12-30", now="2026-11-30T10:00")
    assert (found["10:00"], found["10:20"]) == ("free", "horizon")


def test_a_holiday_is_closed_and_an_override_replaces_the_hours() -> None:
    christmas = dt.date(2026, 12, 25)
    assert reasons(diary(closed_dates=frozenset({christmas})), "2026-12-25")["09:00"] == "closed"
    short = diary(overrides={dt.date(2026, 12, 1): [(600, 640)]})
    assert [time for time, why in reasons(short, "2026-12-01").items() if why == "free"] == ["10:00", "10:20"]
    off = diary(overrides={dt.date(2026, 12, 1): []})
    assert set(reasons(off, "2026-12-01").values()) == {"outside_hours"}


def test_caps_count_the_practitioners_own_days_and_weeks() -> None:
    claims = [
        Claim(start, start + 1200, start, start + 1800) for start in (at("2026-12-01T09:00"), at("2026-12-02T09:00"))
    ]
    capped = Rules(duration_minutes=20, slot_step_minutes=20, daily_cap=1)
    assert reasons(diary(claims=claims), "2026-12-01", rules=capped)["12:00"] == "daily_cap"
    assert reasons(diary(claims=claims), "2026-12-03", rules=capped)["12:00"] == "free"
    weekly = Rules(duration_minutes=20, slot_step_minutes=20, weekly_cap=2)
    assert reasons(diary(claims=claims), "2026-12-04", rules=weekly)["12:00"] == "weekly_cap"
    assert reasons(diary(claims=claims), "2026-12-07", rules=weekly)["12:00"] == "free"


def test_calls_that_are_over_count_and_hold_no_time() -> None:
    book = diary(past=[at("2026-12-01T09:00")])
    capped = Rules(duration_minutes=20, slot_step_minutes=20, daily_cap=1)
    assert reasons(book, "2026-12-01", rules=capped)["12:00"] == "daily_cap"
    assert reasons(book, "2026-12-01")["09:00"] == "free"
    fresh = Diary(practitioner=2, zone=NEW_YORK)
    assert [chosen.practitioner for chosen, _ in availability.fairest([book, fresh], start=at("2026-12-02T09:00"))] == [
        2,
        1,
    ]


def test_a_time_that_the_clock_skips_is_not_offered() -> None:
    nights = diary(hours={6: [(60, 240)]})
    found = reasons(nights, "2027-03-14", now="2027-03-10T00:00")
    free = [time for time, why in found.items() if why == "free"]
    assert free == ["01:00", "01:20", "01:40", "03:00", "03:20", "03:40"]


def test_a_time_that_occurs_twice_is_two_times() -> None:
    nights = diary(hours={6: [(60, 180)]})
    start = at("2026-11-01T00:00")
    free = availability.free_starts(nights, CALL, now=at("2026-10-30T00:00"), start=start, end=start + 5 * 3600)
    walls = [f"{dt.datetime.fromtimestamp(one, ZoneInfo(NEW_YORK)):%H:%M %Z}" for one in free]
    once_each = ["01:00 EDT", "01:20 EDT", "01:40 EDT", "01:00 EST", "01:20 EST", "01:40 EST"]
    assert walls == [*once_each, "02:00 EST", "02:20 EST", "02:40 EST"]


def test_open_time_is_counted_over_a_weekend_and_a_holiday() -> None:
    monday_off = diary(closed_dates=frozenset({dt.date(2027, 1, 18)}))  # Martin Luther King Jr. Day
    friday = at("2027-01-15T16:55")
    assert availability.after_open_time(monday_off, friday, 240) == at("2027-01-19T12:55")


def test_open_time_that_never_comes_ends_with_the_look_ahead() -> None:
    never = diary(hours={})
    assert availability.after_open_time(never, 0, 5, within_days=3) == 3 * availability.DAY


def test_the_fairest_has_fewest_calls_that_week_then_the_longest_rest() -> None:
    def with_calls(practitioner: int, *starts: str) -> Diary:
        claims = [Claim(at(one), at(one) + 1200, at(one), at(one) + 1800) for one in starts]
        return diary(practitioner=practitioner, claims=claims)

    busy = with_calls(1, "2026-12-01T09:00", "2026-12-02T09:00")
    rested = with_calls(2, "2026-11-27T09:00")
    tired = with_calls(3, "2026-11-28T09:00")
    ranked = availability.fairest([busy, tired, rested], start=at("2026-12-03T09:00"))
    assert [one.practitioner for one, _why in ranked] == [2, 3, 1]


# --- Every zone, every transition ---------------------------------------------------------------------


def changes_between(zone: str, first: dt.date, last: dt.date) -> list[dt.date]:
    days = ((first + dt.timedelta(days=index)) for index in range((last - first).days))
    return [day for day in days if wallclock.steady_midnight(zone, day) is None]


def clock_changes() -> dict[tuple[object, ...], tuple[str, list[dt.date]]]:
    """One zone, and the dates of its changes, for each different run of the clock from 2026 to 2030."""
    runs: dict[tuple[object, ...], tuple[str, list[dt.date]]] = {}
    for zone in sorted(available_timezones()):
        days = changes_between(zone, dt.date(2026, 1, 1), dt.date(2031, 1, 1))
        hours = [dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) for day in days]
        offsets = [
            (h + dt.timedelta(hours=n)).astimezone(ZoneInfo(zone)).utcoffset() for h in hours for n in range(-14, 38)
        ]
        runs.setdefault((*days, *offsets), (zone, days))
    return runs


def test_wall_times_are_right_on_every_clock_change_until_2030() -> None:
    changes = [(zone, day) for zone, days in clock_changes().values() for day in days]
    assert {zone for zone, _ in changes} >= {"Australia/LHI", "America/Havana", "Africa/Cairo", "America/Santiago"}
    for zone, day in changes:
        shown: dict[int, list[int]] = {}
        for instant, minute in twin.minutes_of(zone, day):
            shown.setdefault(minute, []).append(instant)
        wrong = [m for m in range(1440) if list(wallclock.instants(zone, day, m)) != shown.get(m, [])]
        assert not wrong, (zone, day, wrong[:5])
        twin.timeline.cache_clear()
        twin.minutes_of.cache_clear()


# --- Random cases against the twin ----------------------------------------------------------------------

ZONES = (NEW_YORK, "Australia/Lord_Howe", "Asia/Kolkata", "America/Havana", "Africa/Cairo", "America/Santiago")


def random_interval(chance: random.Random, start: int, longest: int) -> tuple[int, int]:
    first = start + 60 * chance.randrange(-300, 1500)
    return first, first + 60 * chance.randrange(1, longest)


def random_hours(chance: random.Random) -> list[tuple[int, int]]:
    cuts = sorted(chance.sample(range(0, 1441, 5), 2 * chance.randrange(3)))
    return list(zip(cuts[::2], cuts[1::2], strict=True))


def random_case(chance: random.Random) -> tuple[Diary, Rules, int, dt.date]:
    zone = chance.choice(ZONES)
    changes = changes_between(zone, dt.date(2026, 1, 1), dt.date(2028, 1, 1))
    day = chance.choice(changes) if changes and chance.random() < 0.5 else dt.date(2026, 12, 1 + chance.randrange(3))
    start = twin.first_at_or_after(zone, day, 0)
    rules = Rules(
        duration_minutes=chance.choice((5, 20, 45, 90)),
        slot_step_minutes=chance.choice((10, 20, 25, 60)),
        buffer_before_minutes=chance.choice((0, 0, 15)),
        buffer_after_minutes=chance.choice((0, 10)),
        notice_minutes=chance.choice((0, 120)),
        horizon_days=chance.choice((1, 30)),
        daily_cap=chance.choice((None, None, 2)),
        weekly_cap=chance.choice((None, None, 3)),
    )
    calls = [random_interval(chance, start, 60) for _ in range(chance.randrange(4))]
    book = Diary(
        practitioner=1,
        zone=zone,
        hours={weekday: random_hours(chance) for weekday in range(7)},
        overrides={day: random_hours(chance)} if chance.random() < 0.2 else {},
        closed_dates=frozenset({day}) if chance.random() < 0.05 else frozenset(),
        closed=[random_interval(chance, start, 300)] if chance.random() < 0.2 else [],
        claims=[Claim(first, last, first - 900, last + 600) for first, last in calls],
        external_busy=[random_interval(chance, start, 90)] if chance.random() < 0.2 else [],
        stale=chance.random() < 0.03,
        past=[random_interval(chance, start, 60)[0] for _ in range(chance.randrange(3))],
    )
    now = start - 60 * chance.choice((0, 60, 60 * 24 * 2)) + 60 * chance.randrange(600)
    return book, rules, now, day


def test_decisions_equal_the_twins_and_the_list_is_the_free_ones() -> None:
    chance = random.Random(SEED)
    for number in range(CASES):
        book, rules, now, day = random_case(chance)
        start = twin.first_at_or_after(book.zone, day, 0)
        end = twin.first_at_or_after(book.zone, day + dt.timedelta(days=1), 0)
        window = {"now": now, "start": start, "end": end}
        found = dict(availability.decisions(book, rules, **window))
        assert found == twin.decisions(book, rules, now=now, days=[day]), (number, book, rules)
        free = [instant for instant, why in sorted(found.items()) if why == availability.FREE]
        assert availability.free_starts(book, rules, **window) == [one for one in free if one >= now], number
