"""How much time one person may hold, by their e-mail and phone, whichever inquiry it is for."""

import datetime as dt

from django.conf import settings
from django.db import connection
from django.db.models import Q

from inquiries.intake import Person
from inquiries.models import Inquiry
from inquiries.privacy import blind_index
from scheduling.booking.errors import LooksFirst
from scheduling.models import Appointment, AppointmentQuerySet

LOCK_NAMESPACE = 0x46E  # of the advisory locks, one an e-mail or a phone


def holds_enough(person: Person, *, now: dt.datetime) -> bool:
    """Whether they hold as much time as one person may; a look without locks."""
    email = blind_index("email", person.email) if person.email else ""
    phone = blind_index("phone", person.phone) if person.phone else ""
    return _is_enough(_held(email, phone, now=now))


def refuse_more(inquiry: Inquiry, *, now: dt.datetime) -> None:
    """Look again behind a lock, once the inquiry has its time. Raises LooksFirst.

    Only who has a time waits here, and for nobody who wants another lock: so nobody deadlocks.
    """
    email, phone = inquiry.contact.email_index, inquiry.contact.phone_index
    _lock([index for index in (email, phone) if index])
    if _is_enough(_held(email, phone, now=now).exclude(inquiry=inquiry)):
        raise LooksFirst


def _held(email: str, phone: str, *, now: dt.datetime) -> AppointmentQuerySet:
    theirs = Q(pk=None)
    if email:
        theirs |= Q(inquiry__contact__email_index=email)
    if phone:
        theirs |= Q(inquiry__contact__phone_index=phone)
    return Appointment.objects.spoken_of().holding_time().filter(theirs, end__gt=now)


def _is_enough(held: AppointmentQuerySet) -> bool:
    return held.count() >= int(settings.OPEN_REQUESTS_PER_PERSON)


def _lock(indexes: list[str]) -> None:
    """Hold the person until the transaction ends; ascending, so that two requests cannot deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, person) from unnest(%s::int[]) as person",
            [LOCK_NAMESPACE, sorted({int(index[:8], 16) - 2**31 for index in indexes})],
        )
