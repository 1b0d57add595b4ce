"""The calendar entry of a call (RFC 5545, RFC 5546): UTC times, one UID for life, a rising SEQUENCE, nothing private.

UTC needs no VTIMEZONE, which is what calendar programs disagree about.
"""

import datetime as dt
from dataclasses import dataclass

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Firstcall//Calls//EN"
SUMMARY = {"en": "Call", "es": "Llamada"}
QUESTIONS = {"en": "Questions: {phone}", "es": "Preguntas: {phone}"}
REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What an entry says. `organizer` and `attendee` are addresses; `organizer_name` is '' where none may show."""

    uid: str
    sequence: int
    method: str
    start: dt.datetime
    end: dt.datetime
    stamp: dt.datetime
    reference: str
    language: str
    organizer: str
    organizer_name: str
    attendee: str
    phone: str

    def as_text(self) -> str:
        """The calendar, lines folded at 75 octets and ended with CRLF."""
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", self.method)
        calendar.add_component(self._event())
        return str(calendar.to_ical().decode())

    def _event(self) -> Event:
        event = Event()
        event.add("uid", self.uid)
        event.add("sequence", self.sequence)
        event.add("dtstamp", self.stamp.astimezone(dt.UTC))
        event.add("dtstart", self.start.astimezone(dt.UTC))
        event.add("dtend", self.end.astimezone(dt.UTC))
        event.add("summary", f"{SUMMARY[self.language]} {self.reference}")
        event.add("description", QUESTIONS[self.language].format(phone=self.phone))
        event.add("class", "PRIVATE")
        event.add("transp", "OPAQUE")
        event.add("status", "CANCELLED" if self.method == CANCEL else "CONFIRMED")
        event.add("organizer", _address(self.organizer, CN=self.organizer_name))
        attendee = _address(self.attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="FALSE")
        event.add("attendee", attendee, encode=False)
        return event


def _address(address: str, **parameters: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    found.params.update({name: vText(value) for name, value in parameters.items() if value})
    return found
