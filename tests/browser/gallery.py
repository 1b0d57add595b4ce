"""Every page and state of the visitor's side, with the address it is at."""

import datetime as dt

from scheduling import booking
from scheduling.picker import iso
from tests.factories import a_link, an_appointment, an_inquiry, free_times

STATES = ("pending", "proposed", "booked", "fulfilled", "noshow", "cancelled")


def addresses(*, language: str, now: dt.datetime) -> dict[str, str]:
    """Name of the page or state: its path. Makes what the pages show."""
    prefix = "/es" if language == "es" else ""
    fresh = a_link(an_inquiry(now=now, language=language), now)
    start = iso(free_times(1, now=now, days_ahead=1)[0])
    pages = {
        "home": "/",
        "first-call": "/first-call/",
        "treatment": "/treatment/",
        "questions": "/questions/",
        "contact": "/contact/",
        "contact-with-time": f"/contact/?start={start}",
        "received": "/contact/received/",
        "received-urgent": "/contact/received/?now=1",
        "fresh-link": "/link/",
        "link-sent": "/link/sent/",
        "forgotten": "/forgotten/",
        "not-found": "/m/nonsense/",
        "nothing-here": "/nowhere/",
        "crisis": "/help/",
        "picker": f"/m/{fresh}/time/",
        "picker-taken": f"/m/{fresh}/time/?taken={start}",
        "none-suits": f"/m/{fresh}/none-suits/",
        "no-appointment": f"/m/{fresh}/",
        "help": f"/m/{fresh}/help/",
        "erase": f"/m/{fresh}/erase/",
        "moving": f"/m/{_moving(language, now)}/",
    }
    pages |= {status: f"/m/{_state(status, language, now)}/" for status in STATES}
    pages["cancel"] = pages["booked"] + "cancel/"
    return {name: prefix + path for name, path in pages.items()}


def _state(status: str, language: str, now: dt.datetime) -> str:
    inquiry = an_inquiry(now=now, language=language)
    an_appointment(status, inquiry=inquiry, now=now)
    return a_link(inquiry, now)


def _moving(language: str, now: dt.datetime) -> str:
    inquiry = an_inquiry(now=now, language=language)
    confirmed = an_appointment("booked", inquiry=inquiry, now=now)
    booking.ask_to_move(appointment=confirmed, start=free_times(6, now=now, days_ahead=4)[5], now=now)
    return a_link(inquiry, now)
