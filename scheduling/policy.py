"""Who may see and do what, object by object: every list and every look-up of staff starts here.

A coordinator and a manager see every case. A practitioner sees their own calls and the inquiries of those, and may
say how a call went; what is somebody else's does not exist for them.
"""

from inquiries.models import Activity, Inquiry, InquiryQuerySet, StaffMember
from scheduling.models import Appointment, AppointmentQuerySet, Practitioner, PractitionerQuerySet

OF_PRACTITIONERS = frozenset({"complete", "no_show", "call_back", "undo"})


def appointments(member: StaffMember) -> AppointmentQuerySet:
    rows = Appointment.objects.spoken_of()
    return rows.filter(practitioner__staff_member=member) if member.is_practitioner else rows


def inquiries(member: StaffMember) -> InquiryQuerySet:
    rows = Inquiry.objects.all()
    return rows.filter(pk__in=appointments(member).order_by().values("inquiry")) if member.is_practitioner else rows


def practitioners(member: StaffMember) -> PractitionerQuerySet:
    """Those whose calendar the member may see, and whose time they may block."""
    rows = Practitioner.objects.all()
    return rows.filter(staff_member=member) if member.is_practitioner else rows


def may(member: StaffMember, verb: str, appointment: Appointment) -> bool:
    """Whether they may decide this; a practitioner takes back only what they decided. One query for that."""
    if not member.is_practitioner:
        return True
    if verb != "undo":
        return verb in OF_PRACTITIONERS
    last = Activity.objects.filter(appointment_id=appointment.pk).order_by("-pk").first()
    return last is not None and last.staff_member_id == member.pk
