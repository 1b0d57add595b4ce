"""One person's case as the pages of an appointment and of an inquiry show it."""

import datetime as dt
from typing import Any

from inquiries import fields
from inquiries.models import Inquiry, Statement
from scheduling.desk import timeline
from scheduling.models import Practitioner


def case_of(inquiry: Inquiry, now: dt.datetime) -> dict[str, Any]:
    """Who they are, what they wrote and the story so far. Three queries, and the inquiry's contact is loaded."""
    statements = list(inquiry.statements.all())
    people = list(Practitioner.objects.order_by("name", "pk"))
    kept = {statement.kind: statement.text.reveal() for statement in statements}
    concerns = filter(None, kept.get(Statement.Kind.CONCERNS, "").split(","))
    return {
        "inquiry": inquiry,
        "contact": inquiry.contact,
        "said": kept.get(Statement.Kind.MESSAGE, ""),
        "concerns": [fields.CONCERNS.get(concern, concern) for concern in concerns],
        "windows": [_window(window) for window in inquiry.preferred_windows],
        "lines": timeline.lines_of(inquiry, statements=statements, people=people),
        "people": people,
        "now": now,
    }


def _window(window: dict[str, str]) -> tuple[dt.date, Any]:
    return dt.date.fromisoformat(window["date"]), fields.DAY_PARTS.get(window["part"], window["part"])
