"""What a request is promised: by when staff answer, and until when its time is held."""

import datetime as dt

from scheduling import availability, slots
from scheduling.availability import Diary
from scheduling.diaries import office_diary
from scheduling.models import AppointmentType

LOOK_AHEAD = dt.timedelta(days=60)
# Staff must have answered while there is still time to prepare for the call.
LAST_ANSWER_BEFORE_START = dt.timedelta(minutes=30)
OFFER_LASTS = dt.timedelta(hours=48)


def made(*, kind: AppointmentType, start: dt.datetime, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """(answer by, held until) of a request made `now` for a call at `start`; the office's hours are read once."""
    office = office_diary(start=now, end=now + 2 * LOOK_AHEAD)
    promised = answer_by(office, kind=kind, start=start, now=now)
    return promised, held_until(office, kind=kind, start=start, promised=promised)


def answer_by(office: Diary, *, kind: AppointmentType, start: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The instant by which staff answer a request made `now` for a call at `start`.

    So many minutes of the office's open hours, and well before the call; when that is near, halfway to it.
    """
    counted = availability.after_open_time(office, slots.seconds(now), kind.answer_within_business_minutes)
    return min(slots.instant(counted), start - min(LAST_ANSWER_BEFORE_START, (start - now) / 2))


def held_until(office: Diary, *, kind: AppointmentType, start: dt.datetime, promised: dt.datetime) -> dt.datetime:
    """When an unanswered request expires: as much office time again after the promise, before the call at any rate."""
    counted = availability.after_open_time(office, slots.seconds(promised), kind.answer_within_business_minutes)
    return min(slots.instant(counted), start)


def offer_until(*, starts: list[dt.datetime], now: dt.datetime) -> dt.datetime:
    """Until when offered times are held: two days, half an hour before the first of them at the latest."""
    first = min(starts)
    return min(now + OFFER_LASTS, first - min(LAST_ANSWER_BEFORE_START, (first - now) / 2))
