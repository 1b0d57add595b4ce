"""Calendar entries, read by a second, strict reader; and that nobody's text breaks out of its field."""

import datetime as dt
from typing import Any

import pytest
from icalendar import Calendar

from notifications.invitations import CANCEL, REQUEST, Invitation
from tests.notifications.strict_ical import NotStrict, parse

START = dt.datetime(2026, 12, 2, 19, 20, tzinfo=dt.UTC)
NASTY = 'x"\r\nATTENDEE:mailto:eve@example.com;y,z\\n:'


def an_entry(**facts: Any) -> str:
    usual = {
        "uid": "0c345644@firstcall",
        "sequence": 3,
        "method": REQUEST,
        "start": START,
        "end": START + dt.timedelta(minutes=20),
        "stamp": START - dt.timedelta(days=1),
        "reference": "7F3K2A9C",
        "language": "es",
        "organizer": "calls@example.org",
        "organizer_name": "Clínica de la Bahía, con un nombre muy largo; y más largo todavía",
        "attendee": "ana@example.com",
        "phone": "+1 305 555 0100",
    }
    return Invitation(**{**usual, **facts}).as_text()


@pytest.mark.parametrize(("method", "status"), [(REQUEST, "CONFIRMED"), (CANCEL, "CANCELLED")])
def test_a_strict_reader_reads_every_entry(method: str, status: str) -> None:
    calendar = parse(an_entry(method=method))

    (event,) = calendar.components
    assert (calendar.name, calendar.value("METHOD"), calendar.value("VERSION")) == ("VCALENDAR", method, "2.0")
    assert {
        name: event.value(name) for name in ("UID", "SEQUENCE", "STATUS", "CLASS", "DTSTART", "DTEND", "DTSTAMP")
    } == {
        "UID": "0c345644@firstcall",
        "SEQUENCE": "3",
        "STATUS": status,
        "CLASS": "PRIVATE",
        "DTSTART": "20261202T192000Z",
        "DTEND": "20261202T194000Z",
        "DTSTAMP": "20261201T192000Z",
    }
    assert (event.text("SUMMARY"), event.text("DESCRIPTION")) == ("Llamada 7F3K2A9C", "Preguntas: +1 305 555 0100")


def test_both_readers_find_the_same_properties() -> None:
    (event,) = parse(an_entry()).components
    (theirs,) = Calendar.from_ical(an_entry()).walk("VEVENT")

    assert sorted(name for name, _, _ in event.lines) == sorted(theirs)


@pytest.mark.parametrize("where", ["reference", "phone", "organizer_name"])
def test_text_of_people_stays_in_its_field(where: str) -> None:
    (event,) = parse(an_entry(**{where: NASTY})).components

    assert [name for name, _, _ in event.lines].count("ATTENDEE") == 1
    assert event.value("ATTENDEE") == "mailto:ana@example.com"


def test_a_text_put_in_by_hand_would_break_out() -> None:
    """The control of the one above."""
    (event,) = parse(an_entry().replace("Llamada 7F3K2A9C", NASTY)).components

    assert [name for name, _, _ in event.lines].count("ATTENDEE") == 2


@pytest.mark.parametrize("broken", ["a\nb", "x" * 80, "a\x07b"])
def test_the_strict_reader_refuses_what_the_rules_forbid(broken: str) -> None:
    with pytest.raises(NotStrict):
        parse(an_entry().replace("Llamada 7F3K2A9C", broken))


def test_an_entry_for_somebody_who_asked_for_discretion_names_nobody() -> None:
    (event,) = parse(an_entry(organizer_name="")).components

    ((_, parameters, value),) = (line for line in event.lines if line[0] == "ORGANIZER")
    assert (parameters, value) == ({}, "mailto:calls@example.org")
