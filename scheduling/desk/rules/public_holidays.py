"""The public holidays to come, named in the reader's language."""

import datetime as dt
from typing import Any

import holidays
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

SHOWN = 14
LIBRARYS_OWN = {"es": "es", "en": "en_US"}
OBSERVED = " (observed)"
# The library knows no Spanish names for those of the United States.
OURS = (
    gettext_noop("New Year's Day"),
    gettext_noop("Martin Luther King Jr. Day"),
    gettext_noop("Susan B. Anthony Day"),
    gettext_noop("Washington's Birthday"),
    gettext_noop("Memorial Day"),
    gettext_noop("Juneteenth National Independence Day"),
    gettext_noop("Independence Day"),
    gettext_noop("Labor Day"),
    gettext_noop("Columbus Day"),
    gettext_noop("Veterans Day"),
    gettext_noop("Thanksgiving Day"),
    gettext_noop("Friday After Thanksgiving"),
    gettext_noop("Christmas Day"),
)


def next_holidays(place: str, today: dt.date) -> list[tuple[dt.date, str]]:
    """Those of a country (`US`) or a part of one (`US-FL`), with names in the active language where one is known."""
    if not place:
        return []
    country, _dash, part = place.partition("-")
    where: dict[str, Any] = {"country": country, "subdiv": part or None, "years": (today.year, today.year + 1)}
    known = holidays.country_holidays(**where)
    spoken = LIBRARYS_OWN.get(get_language() or "en", "")
    if spoken in known.supported_languages:
        known = holidays.country_holidays(**where, language=spoken)
    return sorted((day, _named(name)) for day, name in known.items() if day >= today)[:SHOWN]


def _named(name: str) -> str:
    if name.endswith(OBSERVED):
        return _("%(holiday)s (observed)") % {"holiday": _named(name.removesuffix(OBSERVED))}
    return _(name) if name in OURS else name
