"""Who reads a message: the patient, or staff; and where it goes today."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from inquiries.clinic import clinic
from inquiries.models import StaffMember
from inquiries.privacy import blind_index
from notifications.models import Notification

Recipient = tuple[StaffMember | None, str]


@dataclass(frozen=True)
class Reader:
    """How a message is written for somebody. `zone` is an IANA name."""

    language: str
    zone: str
    discreet: bool


class Staff:
    """Those of the staff who are written to: active coordinators and managers with an address, read at most once."""

    @cached_property
    def _members(self) -> list[StaffMember]:
        return list(StaffMember.objects.answering().exclude(email="").order_by("pk"))

    @cached_property
    def everybody(self) -> list[Recipient]:
        """Each of them, then the addresses of STAFF_EMAIL that are nobody's own."""
        found: dict[str, Recipient] = {}
        for member in self._members:
            found.setdefault(member.email.casefold(), (member, member.email))
        for address in clinic().staff_emails:
            found.setdefault(address.casefold(), (None, address))
        return list(found.values())

    def of_role(self, role: str) -> list[Recipient]:
        """Only those, without the shared addresses; everybody when nobody has the role, or none is asked for."""
        return [
            (member, address) for member, address in self.everybody if member and member.role == role
        ] or self.everybody

    @cached_property
    def on_call(self) -> list[Recipient]:
        """Who is told at once that somebody needs help: ON_CALL_EMAIL; all staff where nobody is named there."""
        own = {member.email.casefold(): member for member in self._members}
        named: list[Recipient] = [(own.get(each.casefold()), each) for each in settings.ON_CALL_EMAIL]
        return named or self.everybody


def address_of(row: Notification) -> str:
    """Where the message goes today; '' when nobody is there any more."""
    if row.is_for_patient:
        return str(row.inquiry.contact.email.reveal())
    if row.staff_member is not None:
        return row.staff_member.email if row.staff_member.is_active else ""
    shared = [*clinic().staff_emails, *settings.ON_CALL_EMAIL]
    return next((each for each in shared if blind_index("email", each) == row.recipient_index), "")


def reader_of(row: Notification) -> Reader:
    if row.is_for_patient:
        inquiry = row.inquiry
        zone = row.appointment.time_zone if row.appointment else inquiry.time_zone
        return Reader(inquiry.preferred_language, zone, inquiry.discreet)
    language = row.staff_member.language if row.staff_member else "en"
    return Reader(language, settings.CLINIC_TIME_ZONE, discreet=False)


def masked(address: str) -> str:
    """An address that staff can recognise and nobody can use.

    >>> masked("ana.ruiz@example.com"), masked("")
    ('a…@example.com', '')
    """
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}" if at else ""
