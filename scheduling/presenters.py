"""How a state looks: its word, its icon (an id in `icons.svg`) and its colour (a pair in `tokens.css`), everywhere."""

from dataclasses import dataclass
from typing import Any

from scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class State:
    """`tone` names the colours `--tone` and `--tone-soft`, and the class `tone` of a badge."""

    word: Any
    icon: str
    tone: str


_LOOKS = {
    Appointment.Status.PENDING: ("clock", "waiting"),
    Appointment.Status.PROPOSED: ("choice", "offered"),
    Appointment.Status.BOOKED: ("check", "booked"),
    Appointment.Status.FULFILLED: ("done", "done"),
    Appointment.Status.NOSHOW: ("missed", "missed"),
    Appointment.Status.CANCELLED: ("ended", "ended"),
}


def state_of(status: str) -> State:
    """The state of a status of `Appointment`."""
    known = Appointment.Status(status)
    return State(known.label, *_LOOKS[known])
