"""Moments and spans as a busy person reads them: short, in the clinic's zone, in the active language."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

import babel.dates
import phonenumbers
from django.conf import settings
from django.utils.translation import get_language, get_language_info, gettext, gettext_lazy, ngettext

from scheduling import moments, wording

MINUTE = dt.timedelta(minutes=1)
OWN_COUNTRY = 1  # the calling code of the clinic's
NEAR = {-1: gettext_lazy("Yesterday"), 0: gettext_lazy("Today"), 1: gettext_lazy("Tomorrow")}


def _language() -> str:
    return "es" if get_language() == "es" else "en"


def clinic_date(moment: dt.datetime) -> dt.date:
    return moments.local(moment, settings.CLINIC_TIME_ZONE).date()


def date_short(date: dt.date) -> str:
    """
    >>> date_short(dt.date(2026, 12, 2))
    'Wed, Dec 2'
    """
    return _date_short(date, moments.LOCALES[_language()])


@lru_cache(maxsize=1000)
def _date_short(date: dt.date, locale: str) -> str:
    return str(babel.dates.format_skeleton("MMMEd", date, locale=locale))


def dates(first: dt.date, last: dt.date) -> str:
    """
    >>> dates(dt.date(2026, 11, 30), dt.date(2026, 12, 6)).replace("\u2009", " ")
    'Nov 30 – Dec 6, 2026'
    """
    return str(babel.dates.format_interval(first, last, "yMMMd", locale=moments.LOCALES[_language()]))


def date_long(date: dt.date) -> str:
    """
    >>> date_long(dt.date(2026, 12, 2))
    'Wednesday, December 2, 2026'
    """
    return str(babel.dates.format_date(date, "full", locale=moments.LOCALES[_language()]))


def month(date: dt.date) -> str:
    """
    >>> month(dt.date(2026, 12, 2))
    'December 2026'
    """
    return str(babel.dates.format_skeleton("yMMMM", date, locale=moments.LOCALES[_language()]))


def day_of_week(date: dt.date) -> str:
    """
    >>> day_of_week(dt.date(2026, 12, 2))
    'Wed'
    """
    return str(babel.dates.format_date(date, "EEE", locale=moments.LOCALES[_language()]))


def weekday(number: int) -> str:
    """
    >>> weekday(0)
    'Monday'
    """
    return str(babel.dates.get_day_names("wide", context="stand-alone", locale=_language())[number]).capitalize()


def date_near(date: dt.date, today: dt.date) -> str:
    """
    >>> date_near(dt.date(2026, 12, 2), today=dt.date(2026, 12, 1))
    'Tomorrow'
    """
    near = NEAR.get((date - today).days)
    return str(near) if near else date_short(date)


def clock(moment: dt.datetime) -> str:
    return moments.time_in_words(moment, zone=settings.CLINIC_TIME_ZONE, language=_language())


def short(moment: dt.datetime) -> str:
    """
    >>> short(dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC))
    'Wed, Dec 2, 2:20 PM'
    """
    return f"{date_short(clinic_date(moment))}, {clock(moment)}"


def stretch(start: dt.datetime, end: dt.datetime) -> str:
    """From one instant to another; whole days without their midnights.

    >>> at = lambda *when: dt.datetime(2026, 12, *when, tzinfo=dt.UTC)
    >>> stretch(at(2, 5), at(3, 5)), stretch(at(2, 5), at(5, 5))
    ('Wed, Dec 2', 'Wed, Dec 2 – Fri, Dec 4')
    >>> stretch(at(2, 15), at(2, 19)), stretch(at(2, 15), at(3, 19))
    ('Wed, Dec 2, 10:00 AM – 2:00 PM', 'Wed, Dec 2, 10:00 AM – Thu, Dec 3, 2:00 PM')
    """
    first, last = (moments.local(moment, settings.CLINIC_TIME_ZONE) for moment in (start, end))
    if first.time() == last.time() == dt.time():
        days = date_short(first.date()), date_short(last.date() - dt.timedelta(days=1))
        return " – ".join(dict.fromkeys(days))
    return f"{short(start)} – {clock(end) if first.date() == last.date() else short(end)}"


def wall(minute: int) -> str:
    """A minute after midnight as clocks show it.

    >>> wall(9 * 60), wall(24 * 60)
    ('9:00 AM', '12:00 AM')
    """
    shown = babel.dates.format_time(
        dt.time(minute % 1440 // 60, minute % 60), "short", locale=moments.LOCALES[_language()]
    )
    return str(shown).replace("\u202f", " ").replace("\xa0", " ")


def intervals(pairs: Iterable[tuple[int, int]]) -> str:
    """
    >>> intervals([(540, 720), (780, 1020)])
    '9:00 AM–12:00 PM, 1:00 PM–5:00 PM'
    """
    return ", ".join(f"{wall(start)}–{wall(end)}" for start, end in pairs) or gettext("free")


def week(hours: Mapping[int, Sequence[tuple[int, int]]]) -> list[tuple[str, str]]:
    """(days, intervals) for each run of days that are worked alike.

    >>> week({0: [(540, 1020)], 1: [(540, 1020)], 3: [(600, 720)]})
    [('Mon–Tue', '9:00 AM–5:00 PM'), ('Thu', '10:00 AM–12:00 PM')]
    """
    names = babel.dates.get_day_names("abbreviated", locale=moments.LOCALES[_language()])
    runs = [(key, list(days)) for key, days in groupby(range(7), key=lambda day: tuple(hours.get(day, ())))]
    return [("–".join(dict.fromkeys((names[days[0]], names[days[-1]]))), intervals(key)) for key, days in runs if key]


def near(moment: dt.datetime, now: dt.datetime) -> str:
    return f"{date_near(clinic_date(moment), clinic_date(now))}, {clock(moment)}"


def theirs(moment: dt.datetime, zone: str) -> str:
    """The same moment on a patient's clock, with their zone's name; '' where the clinic's clock shows the same.

    >>> theirs(dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC), "America/Los_Angeles")
    '11:20 AM, Pacific Standard Time'
    >>> theirs(dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC), "America/Toronto")
    ''
    """
    if moments.same_clock(moment, zone, settings.CLINIC_TIME_ZONE):
        return ""
    language = _language()
    name = moments.zone_in_words(moment, zone=zone, language=language)
    time = moments.time_in_words(moment, zone=zone, language=language)
    day = moments.local(moment, zone).date()
    return f"{time}, {name}" if day == clinic_date(moment) else f"{date_short(day)}, {time}, {name}"


def their_clock(moment: dt.datetime, zone: str) -> str:
    """Only hour and minute on a patient's clock; '' where the clinic's shows the same."""
    if moments.same_clock(moment, zone, settings.CLINIC_TIME_ZONE):
        return ""
    return moments.time_in_words(moment, zone=zone, language=_language())


def zone_name(moment: dt.datetime, zone: str) -> str:
    """
    >>> zone_name(dt.datetime(2026, 12, 2, tzinfo=dt.UTC), "America/Los_Angeles")
    'Pacific Standard Time'
    """
    return moments.zone_in_words(moment, zone=zone, language=_language())


def spoken(number: str) -> str:
    """An E.164 number as people here write it.

    >>> spoken("+13055550123"), spoken("+34911234567")
    ('(305) 555-0123', '+34 911 23 45 67')
    """
    try:
        known = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    formats = phonenumbers.PhoneNumberFormat
    own = known.country_code == OWN_COUNTRY
    return str(phonenumbers.format_number(known, formats.NATIONAL if own else formats.INTERNATIONAL))


def span(length: dt.timedelta) -> str:
    """The two largest units of a span of time.

    >>> [span(dt.timedelta(minutes=minutes)) for minutes in (0, 45, 130, 3000)]
    ['under 1 min', '45 min', '2 h 10 min', '2 d 2 h']
    """
    minutes = abs(length) // MINUTE
    if not minutes:
        return gettext("under 1 min")
    if minutes < 60:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if minutes < 24 * 60:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return gettext("%(days)d d %(hours)d h") % {"days": minutes // 1440, "hours": minutes % 1440 // 60}


def left(moment: dt.datetime, now: dt.datetime) -> str:
    """
    >>> now = dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)
    >>> left(now + dt.timedelta(minutes=45), now), left(now - dt.timedelta(hours=3), now)
    ('45 min left', 'overdue by 3 h 0 min')
    """
    words = gettext("%(span)s left") if moment > now else gettext("overdue by %(span)s")
    return words % {"span": span(moment - now)}


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    return gettext("%(span)s ago") % {"span": span(now - moment)}


def turn(place: int, passed_over: Sequence[str]) -> str:
    """Whose turn it was on the list, and why it was not that of those before.

    >>> turn(1, []), turn(4, ["language", "night", "night"])
    ('No. 1 on the list', 'No. 4 on the list; passed over: other language, night there (2)')
    """
    said = gettext("No. %(place)d on the list") % {"place": place}
    counted = Counter(passed_over)
    reasons = [f"{wording.PASSED_OVER[code]}{f' ({times})' if times > 1 else ''}" for code, times in counted.items()]
    return said + (gettext("; passed over: %(reasons)s") % {"reasons": ", ".join(reasons)} if reasons else "")


def tongue(code: str) -> str:
    """A language within a sentence; Spanish writes it small.

    >>> tongue("es"), tongue("tlh")
    ('Spanish', 'tlh')
    """
    if code not in moments.LOCALES:
        return code
    name = str(get_language_info(code)["name_translated"])
    return name.lower() if get_language() == "es" else name


def choice(codes: str) -> str:
    """Why this practitioner, from the codes that are kept.

    >>> choice("speaks:es;calls:1"), choice("reassigned;calls:0")
    ('speaks Spanish, 1 call that week', 'reassigned, 0 calls that week')
    """
    return ", ".join(filter(None, (_choice(*code.partition(":")[::2]) for code in codes.split(";"))))


def _choice(code: str, fact: str) -> str:
    if code == "calls" and fact.isdigit():
        return ngettext("%(calls)d call that week", "%(calls)d calls that week", int(fact)) % {"calls": int(fact)}
    if code == "speaks":
        return gettext("speaks %(language)s") % {"language": tongue(fact)}
    return {"reassigned": gettext("reassigned"), "freed": gettext("took a time that came free")}.get(code, code)
