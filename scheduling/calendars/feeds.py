"""A practitioner's calls as a calendar that their own program subscribes to (RFC 5545).

It says "Call" with a reference and where staff sign in to see more: whoever looks over a shoulder, or runs the
calendar service, learns of nobody.
"""

import datetime as dt
import secrets

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe
from icalendar import Calendar, Event

from inquiries.api.throttles import spend, visitor_of
from inquiries.clinic import clinic
from inquiries.models import StaffMember
from inquiries.privacy import token_digest
from scheduling.models import Appointment, CalendarFeed, Practitioner

PAST = dt.timedelta(days=30)
STATUS = {
    Appointment.Status.PROPOSED: "TENTATIVE",
    Appointment.Status.PENDING: "TENTATIVE",
    Appointment.Status.BOOKED: "CONFIRMED",
    Appointment.Status.FULFILLED: "CONFIRMED",
    Appointment.Status.NOSHOW: "CONFIRMED",
}
CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


def open_feed(*, practitioner: Practitioner, by: StaffMember, now: dt.datetime) -> str:
    """A new secret token for the practitioner's feed, the only copy; an earlier address stops working."""
    token = secrets.token_urlsafe(32)
    known = {"digest": token_digest(token), "created_at": now, "created_by": by}
    CalendarFeed.objects.update_or_create(practitioner=practitioner, defaults=known)
    return token


def close_feed(*, practitioner: Practitioner) -> None:
    """The feed's address stops working; when there is none, nothing happens."""
    CalendarFeed.objects.filter(practitioner=practitioner).delete()


def address_of(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('calendar-feed', args=[token])}"


@require_safe
@conditional_page
def read(request: HttpRequest, token: str) -> HttpResponse:
    """The calls of the token's practitioner. A wrong token, one that was replaced and one of somebody who is here no
    more are answered alike, 404."""
    wait = spend("token", visitor_of(request))
    if wait:
        return HttpResponse(status=429, headers={"Retry-After": str(wait)})
    here = Q(practitioner__staff_member=None) | Q(practitioner__staff_member__is_active=True)
    feeds = CalendarFeed.objects.filter(here, practitioner__is_active=True, digest=token_digest(token))
    feed = feeds.select_related("practitioner__staff_member").first()
    if feed is None:
        raise Http404
    return HttpResponse(calendar(feed.practitioner, now=timezone.now()), content_type=CONTENT_TYPE)


def calendar(practitioner: Practitioner, *, now: dt.datetime) -> bytes:
    """Every call from thirty days ago on, and every time held for somebody who has not been answered yet."""
    calendar = Calendar()
    calendar.add("prodid", "-//Firstcall//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", clinic().name)
    calendar.add("refresh-interval", dt.timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    lapsed = Q(status__in=Appointment.UNSETTLED, held_until__lte=now)
    rows = Appointment.objects.filter(~lapsed, practitioner=practitioner, start__gte=now - PAST, status__in=STATUS)
    staff = practitioner.staff_member
    with translation.override(staff.language if staff else settings.LANGUAGE_CODE):
        for row in rows.select_related("held_for").order_by("start", "pk"):
            calendar.add_component(_event(row))
    return bytes(calendar.to_ical())


def _event(row: Appointment) -> Event:
    """One call. DTSTAMP is when it was asked for: the answer stays the same, byte for byte, until something changes."""
    call = row.held_for or row
    event = Event()
    event.add("uid", row.uid)
    event.add("sequence", row.version)
    event.add("dtstamp", row.created_at.astimezone(dt.UTC))
    event.add("dtstart", row.start.astimezone(dt.UTC))
    event.add("dtend", row.end.astimezone(dt.UTC))
    event.add("summary", _("Call {reference}").format(reference=call.reference))
    event.add("description", settings.SITE_URL + reverse("desk-appointment", args=[call.pk]))
    event.add("status", STATUS[Appointment.Status(row.status)])
    event.add("class", "PRIVATE")
    return event
