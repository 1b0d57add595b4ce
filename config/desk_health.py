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


@for_everybody
@require_safe
def health(request: StaffRequest) -> HttpResponse:
    """A page; for a page that refreshes itself, the banner alone, empty while all is well."""
    checks = {"database": database(), "broker": broker(), **pulse.checks(now=timezone.now())}
    rows = [(CHECKS.get(name, name), check) for name, check in checks.items()]
    context = {"rows": rows, "troubles": [row for row in rows if not row[1]["ok"]]}
    return render(request, "desk_health_banner.html" if request.htmx else "desk_health.html", context)
