"""The calendar entry that a message brings: a request with each new time, its cancellation when the call has ended."""

import datetime as dt

from inquiries.clinic import clinic
from notifications import envelope
from notifications.invitations import CANCEL, REQUEST, Invitation
from notifications.models import Notification
from notifications.readers import Reader, address_of
from scheduling.models import Appointment

Kind = Notification.Kind
INVITING = (Kind.APPOINTMENT_CONFIRMED, Kind.APPOINTMENT_RESCHEDULED)
Span = tuple[dt.datetime, dt.datetime]


def announced(row: Notification) -> Span | None:
    """Start and end of the call as the reader's calendar has it before this message; None where it has none."""
    earlier = Notification.objects.filter(appointment=row.appointment_id).invitations().exclude(pk=row.pk)
    last = earlier.order_by("-sequence", "-due_at", "pk").values_list("activity__facts", flat=True).first()
    return (dt.datetime.fromisoformat(last["start"]), dt.datetime.fromisoformat(last["end"])) if last else None


def is_withdrawn(row: Notification) -> bool:
    """Whether times are offered because the old one does not take place; an offer of staff alone keeps it."""
    return row.kind == Kind.TIMES_PROPOSED and row.activity.kind == "appointment.displaced"


def entry_of(row: Notification, reader: Reader, *, now: dt.datetime) -> Invitation | None:
    """None where nothing in a calendar changes."""
    call = row.appointment
    if call is None or not row.is_for_patient:
        return None
    if row.kind in INVITING:
        return _entry(row, call.uid, reader, REQUEST, (call.start, call.end), now)
    ended = call.status == Appointment.Status.CANCELLED or is_withdrawn(row)
    span = announced(row) if ended else None
    return _entry(row, call.uid, reader, CANCEL, span, now) if span else None


def _entry(row: Notification, uid: str, reader: Reader, method: str, span: Span, now: dt.datetime) -> Invitation:
    return Invitation(
        uid=uid,
        sequence=row.sequence,
        method=method,
        start=span[0],
        end=span[1],
        stamp=now,
        reference=row.inquiry.reference,
        language=reader.language,
        organizer=envelope.sender_address(),
        organizer_name=envelope.sender_name(discreet=reader.discreet),
        attendee=address_of(row),
        phone=clinic().phone,
    )
