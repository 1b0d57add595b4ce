"""Every page and state of the desk, as a manager sees it, with the address it is at."""

import datetime as dt

from inquiries import drafts, team
from inquiries.models import StaffMember
from scheduling.models import Appointment
from tests.browser.message_gallery import message_pages
from tests.browser.settings_gallery import setting_pages
from tests.factories import an_appointment, an_inquiry, free_times

PLACES = (
    "calls",
    "inquiries",
    "inquiries/aside",
    "inquiries/export",
    "inquiries/new",
    "health",
    "keys",
    "insights",
    "team",
    "team/events",
    "drafts",
)
ACCOUNT = ("2fa", "2fa/totp/activate", "2fa/keys/add", "password/change")


def desk_pages(member: StaffMember, now: dt.datetime) -> dict[str, str]:
    """Name of a page: its path. Makes a call in every state, and what is typed, invited, closed and refused."""
    invited = {"name": "Noa Lind", "email": "noa@example.com", "role": "coordinator", "language": "en"}
    team.invite(**invited, by=member, now=now)
    pages = {name.replace("/", " "): f"/desk/{name}/" for name in PLACES}
    pages |= {f"account {name.replace('/', ' ')}": f"/accounts/{name}/" for name in ACCOUNT}
    pages |= setting_pages(now) | message_pages(now) | _cases(now) | _calendar(now)
    drafts.keep(member=member, form=pages["urgent"] + "note/", typed={"text": "Asked for Thursday."}, now=now)
    return {"queue": "/desk/"} | pages


def _cases(now: dt.datetime) -> dict[str, str]:
    pages = {}
    for status in Appointment.Status:
        row = an_appointment(status, inquiry=an_inquiry(given_name=status, now=now), now=now)
        pages[status] = f"/desk/appointments/{row.pk}/"
    urgent = an_inquiry(needs_help_now="yes", time_zone="America/Bogota", message="Hello", now=now)
    pages["other times"] = pages["pending"] + "times/"
    pages["messages"] = pages["pending"] + "messages/"
    pages["call"] = pages["booked"].replace("/appointments/", "/calls/")
    aside = an_inquiry(needs_help_now="yes", set_aside="unproven", now=now)
    pages["one aside"] = f"/desk/inquiries/{aside.pk}/"
    pages["assign"] = f"/desk/inquiries/{urgent.pk}/assign/"
    pages["narrowed"] = "/desk/inquiries/?status=new&language=en"
    pages["times"] = f"/desk/inquiries/{urgent.pk}/times/"
    return pages | {"urgent": f"/desk/inquiries/{urgent.pk}/"}


def _calendar(now: dt.datetime) -> dict[str, str]:
    start = free_times(1, now=now, days_ahead=3)[0]
    views = {
        f"calendar {view}": f"/desk/calendar/?view={view}&date={start:%Y-%m-%d}" for view in ("day", "week", "month")
    }
    return views | {"new caller at a time": f"/desk/inquiries/new/?start={start:%Y-%m-%dT%H:%M:%SZ}"}
