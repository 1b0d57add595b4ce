"""Instants in words: the one formatter of every page, message and list.

Words come from the CLDR (Unicode's locale data, through Babel): US English and US Spanish, a 12-hour clock.
Moments are aware; `zone` is an IANA name, the reader's; `language` is `en` or `es`.
"""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import dates

LOCALES = {"en": "en_US", "es": "es_US"}
DAY_WITHOUT_YEAR = {"en": "EEEE, MMMM d", "es": "EEEE, d 'de' MMMM"}


class NaiveMoment(ValueError):
    """A moment without a zone means nothing to a reader; pass an aware one."""


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """The moment on the reader's clock. Raises NaiveMoment, and ZoneInfoNotFoundError for an unknown zone."""
    if moment.utcoffset() is None:
        raise NaiveMoment(moment)
    return moment.astimezone(ZoneInfo(zone))


def in_words(moment: dt.datetime, *, zone: str, language: str) -> str:
    """Weekday, full date, time and the zone's name.

    >>> call = dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC)
    >>> in_words(call, zone="America/New_York", language="en")
    'Wednesday, December 2, 2026, 2:20 PM (Eastern Standard Time)'
    >>> in_words(call, zone="America/New_York", language="es")
    'miércoles, 2 de diciembre de 2026, 2:20 p.m. (hora estándar oriental)'
    >>> in_words(dt.datetime(2026, 12, 2, 14, 20), zone="America/New_York", language="en")
    Traceback (most recent call last):
    scheduling.moments.NaiveMoment: 2026-12-02 14:20:00
    """
    day = day_in_words(moment, zone=zone, language=language)
    time = time_in_words(moment, zone=zone, language=language)
    return f"{day}, {time} ({zone_in_words(moment, zone=zone, language=language)})"


def day_in_words(moment: dt.datetime, *, zone: str, language: str, year: bool = True) -> str:
    """Weekday and date on the reader's calendar.

    >>> day_in_words(dt.datetime(2026, 12, 2, 3, tzinfo=dt.UTC), zone="America/New_York", language="en", year=False)
    'Tuesday, December 1'
    """
    pattern = "full" if year else DAY_WITHOUT_YEAR[language]
    return dates.format_date(local(moment, zone), pattern, locale=LOCALES[language])


def time_in_words(moment: dt.datetime, *, zone: str, language: str) -> str:
    """Hour and minute on the reader's clock.

    >>> time_in_words(dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC), zone="America/New_York", language="en")
    '2:20 PM'
    """
    shown = local(moment, zone)
    return _clock_in_words(shown.hour, shown.minute, language)


@lru_cache(maxsize=2 * 24 * 60)
def _clock_in_words(hour: int, minute: int, language: str) -> str:
    time = dates.format_time(dt.time(hour, minute), "short", locale=LOCALES[language])
    return time.replace("\u202f", " ")  # the CLDR's narrow space, which some mail programs show as a box


def zone_in_words(moment: dt.datetime, *, zone: str, language: str) -> str:
    """The name that the zone bears at that moment; it changes with the clocks.

    >>> zone_in_words(dt.datetime(2026, 7, 1, tzinfo=dt.UTC), zone="America/New_York", language="es")
    'hora de verano oriental'
    """
    return dates.get_timezone_name(local(moment, zone), width="long", locale=LOCALES[language])


def same_clock(moment: dt.datetime, one: str, other: str) -> bool:
    """Whether two zones show the same time at that moment.

    >>> same_clock(dt.datetime(2026, 12, 2, tzinfo=dt.UTC), "America/New_York", "America/Bogota")
    True
    >>> same_clock(dt.datetime(2026, 7, 1, tzinfo=dt.UTC), "America/New_York", "America/Bogota")
    False
    """
    return local(moment, one).utcoffset() == local(moment, other).utcoffset()
