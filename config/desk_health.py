"""Whether mail leaves, said on every page of the desk while it does not."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.health import broker, database
from notifications import pulse
from scheduling.desk.access import StaffRequest, for_everybody

CHECKS = {
    "database": _("The database"),
    "broker": _("Redis, which wakes the others up"),
    "worker": _("The process that sends mail"),
    "beat": _("The clock that wakes it up"),
    "messages": _("Messages that are due"),
    "canary": _("The hourly check that mail leaves"),
    "outbox": _("Sending as such"),
    "planning": _("Changes to write messages about"),
}
# What staff do about a trouble until whoever runs Firstcall has mended it.
MEANWHILE = {
    "database": _("Nothing can be saved until it is back; take calls on paper."),
    "broker": _("Mail leaves all the same, up to a minute later."),
    "worker": _("Mail leaves all the same, up to a minute later, while a stand-in does its work."),
    "beat": _("Mail leaves all the same, up to a minute later, while a stand-in does its work."),
    "messages": _("Look under Messages, Late, and call those whose call is soon."),
    "canary": _("The mail server takes nothing from us: call those whose call is today or tomorrow."),
    "outbox": _("Nothing is sent until somebody resumes it: call those whose call is today or tomorrow."),
    "planning": _("Who asked or was answered lately may have heard nothing: call them."),
}


@for_everybody
@require_safe
def health(request: StaffRequest) -> HttpResponse:
    """A page; for a page that refreshes itself, the banner alone, empty while all is well."""
    checks = {"database": database(), "broker": broker(), **pulse.checks(now=timezone.now())}
    rows = [(CHECKS.get(name, name), check, MEANWHILE.get(name, "")) for name, check in checks.items()]
    context = {"rows": rows, "troubles": [row for row in rows if not row[1]["ok"]]}
    return render(request, "desk_health_banner.html" if request.htmx else "desk_health.html", context)
