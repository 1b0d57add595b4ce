"""The keys of the desk: the map of them, and the switch for who would rather have none (WCAG 2.2, 2.1.4)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from scheduling.desk.access import StaffRequest, for_everybody

COOKIE = "desk_keys"
A_YEAR = 365 * 24 * 60 * 60
# A key presses what bears it as `aria-keyshortcuts`, in the row that has the focus first; "g" leads to `data-go`.
KEYS = [
    (
        _("Everywhere"),
        [
            (["?"], _("This list")),
            (["g", "q"], _("Go to the queue")),
            (["g", "k"], _("Go to the calendar")),
            (["g", "c"], _("Go to the calls")),
            (["g", "i"], _("Go to the inquiries")),
            (["g", "n"], _("Write down a new caller")),
            (["u"], _("Undo the last decision, while it can be undone")),
            (["Esc"], _("Close what is open")),
        ],
    ),
    (
        _("On the queue"),
        [
            (["j"], _("Next request")),
            (["k"], _("Request before")),
            (["Enter"], _("Open it")),
            (["c"], _("Confirm it")),
            (["p"], _("Propose other times")),
            (["d"], _("Decline it")),
            (["x"], _("Choose it, to confirm several at once")),
        ],
    ),
    (_("On a request"), [(["c"], _("Confirm it")), (["p"], _("Another time")), (["d"], _("Decline it"))]),
    (
        _("On the calendar"),
        [
            (["←", "→", "↑", "↓"], _("Move among the cells")),
            (["Enter"], _("Open a call, or book a free time")),
            (["b"], _("Earlier")),
            (["n"], _("Later")),
            (["t"], _("Today")),
            (["1", "2", "3"], _("Day, week, month")),
        ],
    ),
]


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: StaffRequest) -> HttpResponse:
    """The map; POST switches the keys on or off in this browser."""
    if request.method == "POST":
        response = redirect("desk-keys")
        wanted = "on" if request.POST.get("keys") == "on" else "off"
        response.set_cookie(COOKIE, wanted, max_age=A_YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax")
        return response
    name = "parts/keys" if request.htmx else "keys"
    context = {"groups": KEYS, "is_on": request.COOKIES.get(COOKIE) != "off"}
    return render(request, f"scheduling/desk/{name}.html", context)
