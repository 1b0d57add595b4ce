"""The only place that changes an appointment.

Each verb is a plain keyword function in one transaction: it takes the locks (practitioners in ascending order, then
the appointment's row, then its inquiry's), checks, writes, and tells the story. `by` is a staff member, PATIENT or
SYSTEM; `now` an aware instant; `version`, where given, must be the current one (If-Match).
"""

from scheduling.booking.decisions import (
    cancel,
    complete,
    confirm,
    decline,
    mark_no_show,
    propose,
    reassign,
    record_call_back,
    reschedule,
)
from scheduling.booking.displacing import displace
from scheduling.booking.earlier import (
    earlier_offers,
    offer_freed_times,
    refuse_earlier,
    take_earlier,
    want_earlier,
    withdraw_offers,
)
from scheduling.booking.errors import (
    AlreadyHasAppointment,
    InvalidTransition,
    LooksFirst,
    NothingToUndo,
    NotOffered,
    Refusal,
    SlotTaken,
    StaleVersion,
)
from scheduling.booking.expiry import expire_overdue
from scheduling.booking.persons import holds_enough
from scheduling.booking.requests import (
    accept,
    ask_to_move,
    confirm_attendance,
    forget,
    offers_of,
    refuse,
    request,
    withdraw,
)
from scheduling.booking.rules import TRANSITIONS, allowed_verbs
from scheduling.booking.undoing import undo

__all__ = [
    "TRANSITIONS",
    "AlreadyHasAppointment",
    "InvalidTransition",
    "LooksFirst",
    "NotOffered",
    "NothingToUndo",
    "Refusal",
    "SlotTaken",
    "StaleVersion",
    "accept",
    "allowed_verbs",
    "ask_to_move",
    "cancel",
    "complete",
    "confirm",
    "confirm_attendance",
    "decline",
    "displace",
    "earlier_offers",
    "expire_overdue",
    "forget",
    "holds_enough",
    "mark_no_show",
    "offer_freed_times",
    "offers_of",
    "propose",
    "reassign",
    "record_call_back",
    "refuse",
    "refuse_earlier",
    "request",
    "reschedule",
    "take_earlier",
    "undo",
    "want_earlier",
    "withdraw",
    "withdraw_offers",
]
