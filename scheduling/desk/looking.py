"""The names of those who look at a request now, for the pages that say so."""

import datetime as dt

from django.db.models import F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from inquiries.models import StaffMember
from scheduling.models import Presence, PresenceQuerySet


def names(rows: PresenceQuerySet) -> QuerySet[Presence, str]:
    """The display names of those who look."""
    full = Trim(Concat("staff_member__first_name", Value(" "), "staff_member__last_name"))
    shown = Coalesce(NullIf(full, Value("")), F("staff_member__username"))
    return rows.order_by("staff_member").values_list(shown, flat=True)


def at(member: StaffMember, now: dt.datetime) -> QuerySet[Presence, str]:
    """For a query of appointments: the names of the others who look at each."""
    return names(Presence.objects.of_others(member, now).filter(appointment=OuterRef("pk")))
