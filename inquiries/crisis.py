"""Where help is, now: the one reviewed place of the wording that stands on every visitor page.

Sources: 988 Suicide & Crisis Lifeline (call, text or chat, day and night), 911. Sub-options of the line change, so
none is named. A check fails when the review is older than `REVIEW_EVERY`.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

REVIEWED_ON = dt.date(2026, 11, 23)
REVIEW_EVERY = dt.timedelta(days=180)


@dataclass(frozen=True)
class Wording:
    short: Any
    emergency: Any
    lifeline: Any
    not_monitored: Any


WORDING = Wording(
    short=_("Need help now?"),
    emergency=_("If you or someone else is in danger, call 911 or go to the nearest emergency room."),
    lifeline=_("Call or text 988, day or night, to talk with someone. It is free and confidential."),
    not_monitored=_("We read messages in office hours only. Please do not write about an emergency here."),
)


def review_is_due(today: dt.date) -> bool:
    return today - REVIEWED_ON > REVIEW_EVERY
