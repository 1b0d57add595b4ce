"""Letters as they would look: to a person who does not exist, about a call that nobody booked. Reads no database."""

import datetime as dt
from typing import Any

from django.conf import settings

from inquiries.clinic import clinic
from notifications import discretion, letters, messages
from notifications.messages import Texts, When
from notifications.models import Notification

# These speak of the time that was asked for.
LET_GO = (Notification.Kind.REQUEST_DECLINED, Notification.Kind.REQUEST_EXPIRED)
OVER = (*LET_GO, Notification.Kind.APPOINTMENT_CANCELLED, Notification.Kind.NO_SHOW_FOLLOW_UP)
CALLED = {"en": "Ana", "es": "Ana"}


def sample(kind: str, language: str, *, text: letters.Text | None, now: dt.datetime) -> Texts:
    """Subject, text and HTML; of the standard text where `text` is None."""
    facts = _facts(language, now=now)
    facts["over"] = kind in OVER
    if kind in LET_GO:
        facts["old"] = facts["when"]
    if kind == Notification.Kind.REMINDER:
        facts["stop"] = f"{settings.SITE_URL}/no-reminders/…/"
    return messages.rewritten(text, facts) if text else messages.standard(kind, facts)


def draft(kind: str, language: str) -> letters.Text:
    """The standard text with placeholders where the facts go: what staff begin from."""
    texts = messages.standard(kind, {**_facts(language, now=None), "clinic": "", "called": ""})
    content = texts.text.split("\n\n", 1)[1].split("\n\n--", 1)[0]
    for shown, placeholder in _AS_PLACEHOLDERS.items():
        content = content.replace(shown, placeholder)
    return letters.tidied(texts.subject, content)


class _Stand(str):
    """A moment that reads as its placeholder."""

    ours, clocks_change, __slots__ = "", False, ()
    day, short_day, time, zone = "{day}", "{date}", "{time}", "{zone}"


_AS_PLACEHOLDERS = {
    "{day}\n{time} ({zone})": "{when}",
    "- {times}\n- {times}": "{times}",
    "- {fresh}": "{fresh}",
}


def _facts(language: str, *, now: dt.datetime | None) -> dict[str, Any]:
    """Every fact that an ordinary letter may speak of; placeholders instead of moments without a `now`."""

    def when(name: str, days: int, minutes: int = 0) -> When | _Stand:
        if now is None:
            return _Stand(f"{{{name}}}")
        day = (now + dt.timedelta(days=days)).replace(hour=15, minute=0, second=0, microsecond=0)
        return When(day + dt.timedelta(minutes=minutes), settings.CLINIC_TIME_ZONE, language, now)

    known = now is not None
    return {
        "language": language,
        "clinic": discretion.discreet_name(clinic().name),
        "called": CALLED[language],
        "has_phone": True,
        "phone": clinic().phone if known else "{phone}",
        "reference": "7F3K2A9C" if known else "{reference}",
        "link": f"{settings.SITE_URL}/m/…/" if known else "{link}",
        "minutes": 20 if known else "{minutes}",
        "when": when("when", 5),
        "old": when("old", 4),
        "answer_by": when("answer_by", 1, 120),
        "until": when("until", 2),
        "offers": [when("times", 6), when("times", 6, 40)],
        "fresh": [when("fresh", 6)],
        "was": "pending",
        "closed": "",
        "by": "staff",
        "kept": None,
        **dict.fromkeys(("withdrawn", "stays", "refused"), False),
        "invited": True,
    }
