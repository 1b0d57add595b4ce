"""The desk's pages about messages, with the addresses they are at."""

import datetime as dt

from django.utils import timezone

from notifications import letters, planner
from notifications.models import Notification
from tests.factories import a_staff_member, an_appointment, an_inquiry, free_times

TEXT = letters.Text("See you on {date}", "Dear {name}, we look forward to it.\n\n{when}\n\nOpen your page:\n{link}")


def message_pages(now: dt.datetime) -> dict[str, str]:
    """Name of a page: its path. Makes a refused letter, one to somebody without mail, and a rewritten text."""
    early = now - dt.timedelta(minutes=20)
    for given_name, email in (("Berta", ""), ("Omar", "omar@example.com")):
        inquiry = an_inquiry(given_name=given_name, email=email, now=early)
        start = free_times(1, now=now, days_ahead=6)[0]
        an_appointment("booked", inquiry=inquiry, start=start, now=early)
    planner.plan_pending(now=now)
    refused = Notification.objects.filter(kind="appointment_confirmed", status="due")
    refused.update(status="failed", reason="refused", last_reply="550 5.7.1", try_at=None)
    manager = a_staff_member("max", role="manager")
    letters.rewrite(kind="reminder", language="en", text=TEXT, by=manager, now=timezone.now())
    pages = {"ledger": "", "planned": "?show=planned", "texts": "texts/", "text": "texts/reminder/in/en/"}
    return {name: f"/desk/messages/{path}" for name, path in pages.items()} | {"unreached": "/desk/unreached/"}
