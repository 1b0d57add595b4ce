"""The bare interval algebra: what any slot engine must do at least. No reasons, no caps, no clock changes."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from scheduling.availability import Diary, Rules


@cache
def midnight(zone: str, day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def free_starts(diary: Diary, rules: Rules, *, start: int, end: int) -> list[int]:
    length, step = rules.duration_minutes * 60, rules.slot_step_minutes * 60
    busy = merged((claim.occupied_start, claim.occupied_end) for claim in diary.claims)
    free, day, index = [], datetime.fromtimestamp(start, UTC).date() - timedelta(days=1), 0
    for _ in range((end - start) // 86_400 + 2):
        base = midnight(diary.zone, day)
        for opens, closes in diary.hours.get(day.weekday(), ()):
            index = bisect_left(busy, (base, base))
            for at in range(base + opens * 60, base + closes * 60 - length + 1, step):
                while index < len(busy) and busy[index][1] <= at:
                    index += 1
                clear = index == len(busy) or busy[index][0] >= at + length
                if clear and start <= at < end:
                    free.append(at)
        day += timedelta(days=1)
    return free
