"""Every address of the house, and who may use it; an address without a line here fails `test_matrix`.

A route is written as its URL pattern. The columns: a coordinator, a practitioner with their own, a practitioner with
somebody else's, a manager, a superuser. `in`: let in (whatever the answer), `no`: refused (403), `none`: there is
nothing (404), `wall`: sent to sign in.
"""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

COLUMNS = ("coordinator", "own", "foreign", "manager", "superuser")
EVERYBODY = ("in", "in", "in", "in", "in")
OWN = ("in", "in", "none", "in", "in")
ANSWERING = ("in", "no", "no", "in", "in")
MANAGERS = ("no", "no", "no", "in", "in")
MANAGERS_AND_OWN = ("none", "in", "none", "in", "in")
OWN_TOKENS = ("none", "none", "none", "none", "none")  # somebody else's, or not there before it is set up
OWN_TIME = ("no", "in", "none", "in", "in")
SUPERUSERS = ("no", "no", "no", "no", "in")

# Anybody's, signed in or not: visitors' pages, their secret links, and what machines read.
PUBLIC = """
healthz
readyz
metrics
api/schema/
api/docs/
api/v1/appointment-types/
api/v1/slots/
api/v1/inquiries/
api/v1/manage/<str:token>/
api/v1/manage/<str:token>/appointment/
api/v1/manage/<str:token>/cancel/
api/v1/manage/<str:token>/reschedule/
api/v1/manage/<str:token>/accept/
api/v1/manage/<str:token>/refuse/
api/v1/manage/<str:token>/confirm-attendance/
api/v1/manage/<str:token>/erase/
api/v1/manage/<str:token>/earlier/
api/^.*/$
fhir/$bulk-publish
fhir/locations.ndjson
fhir/schedules.ndjson
fhir/slots-<str:week>.ndjson
calendar/<str:token>.ics

contact/
contact/received/
embed/
m/<str:token>/
m/<str:token>/time/
m/<str:token>/none-suits/
m/<str:token>/accept/
m/<str:token>/refuse/
m/<str:token>/confirm-attendance/
m/<str:token>/cancel/
m/<str:token>/erase/
m/<str:token>/call.ics
m/<str:token>/help/
m/<str:token>/earlier/
no-reminders/<str:token>/
help/
forgotten/
link/
link/sent/
first-call/
questions/
treatment/
embed.js
embed/
link/
link/sent/
robots.txt
embed.js
theme.css
logo
sitemap.xml
accounts/login/
accounts/join/<str:token>/
accounts/logout/
accounts/password/set/
accounts/password/reset/
accounts/password/reset/done/
accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$
accounts/password/reset/changed/
accounts/2fa/authenticate/
accounts/2fa/keys/
accounts/2fa/keys/login/
"""

DESK = {
    EVERYBODY: """
desk/
desk/calls/
desk/drafts/
desk/keys/
desk/calendar/
desk/feeds/
desk/health/
desk/settings/tokens/
accounts/reauthenticate/
accounts/password/change/
accounts/2fa/
accounts/2fa/reauthenticate/
accounts/2fa/totp/activate/
accounts/2fa/recovery-codes/generate/
accounts/2fa/keys/add/
accounts/2fa/keys/<int:pk>/remove/
accounts/2fa/keys/reauthenticate/
""",
    # Only for a moment that its query names, or for one's own.
    ("none", "no", "no", "none", "none"): """
desk/calendar/time/
desk/inquiries/views/<int:pk>/remove/
""",
    OWN: """
desk/settings/practitioners/<int:pk>/calendars/
desk/appointments/<uuid:pk>/
desk/appointments/<uuid:pk>/messages/
desk/calls/<uuid:pk>/
desk/calls/<uuid:pk>/keep/
desk/calls/<uuid:pk>/attempt/
desk/calls/<uuid:pk>/complete/
desk/calls/<uuid:pk>/call_back/
desk/calls/<uuid:pk>/settle/
desk/appointments/<uuid:pk>/presence/
desk/appointments/<uuid:pk>/complete/
desk/appointments/<uuid:pk>/no_show/
desk/appointments/<uuid:pk>/call_back/
desk/inquiries/<uuid:pk>/
desk/inquiries/<uuid:pk>/note/
""",
    ("in", "no", "none", "in", "in"): """
desk/appointments/<uuid:pk>/undo/
desk/appointments/<uuid:pk>/confirm/
desk/appointments/<uuid:pk>/decline/
desk/appointments/<uuid:pk>/propose/
desk/appointments/<uuid:pk>/reschedule/
desk/appointments/<uuid:pk>/reassign/
desk/appointments/<uuid:pk>/cancel/
desk/appointments/<uuid:pk>/want_earlier/
""",
    ANSWERING: """
desk/embed/
desk/appointments/<uuid:pk>/times/
desk/inquiries/
desk/inquiries/new/
desk/inquiries/views/
desk/inquiries/<uuid:pk>/assign/
desk/confirm/
desk/inquiries/<uuid:pk>/times/
desk/inquiries/<uuid:pk>/book/
desk/inquiries/<uuid:pk>/acknowledge/
desk/inquiries/<uuid:pk>/close/
desk/inquiries/<uuid:pk>/reopen/
desk/inquiries/<uuid:pk>/release/
desk/inquiries/aside/
desk/inquiries/aside/close/
desk/messages/
desk/messages/<uuid:pk>/retry/
desk/messages/<uuid:pk>/called/
desk/messages/texts/
desk/messages/texts/<str:kind>/in/<str:language>/
desk/insights/
desk/unreached/
desk/unreached/<int:pk>/called/
desk/embed/
desk/settings/
desk/settings/closures/
desk/settings/closures/<int:pk>/
desk/settings/closures/<int:pk>/apply/
desk/settings/closures/<int:pk>/open/
desk/settings/closures/new/
""",
    MANAGERS: """
desk/settings/texts/
desk/settings/texts/new/
desk/settings/texts/<int:pk>/
desk/settings/webhooks/
desk/settings/webhooks/<uuid:pk>/test/
desk/settings/webhooks/<uuid:pk>/stop/
desk/settings/webhooks/<uuid:pk>/resume/
desk/settings/webhooks/<uuid:pk>/remove/
desk/team/
desk/team/events/
desk/team/<int:pk>/role/
desk/team/<int:pk>/deactivate/
desk/team/<int:pk>/reactivate/
desk/team/<int:pk>/end-sessions/
desk/team/invitations/<int:pk>/revoke/
desk/settings/practitioners/
desk/settings/practitioners/new/
desk/settings/practitioners/office/
desk/settings/practitioners/<int:pk>/
desk/settings/practitioners/<int:pk>/hours/
desk/settings/practitioners/<int:pk>/hours/differ/
desk/settings/practitioners/<int:pk>/hours/<desk_date:date>/usual/
desk/settings/types/
desk/settings/clinic/
desk/settings/start/
desk/settings/start/call/
desk/settings/start/test/
desk/settings/checklist/
desk/inquiries/export/
desk/settings/types/<slug:slug>/
desk/unreached/<int:pk>/lift/
""",
    ("no", "no", "no", "none", "none"): """
desk/settings/start/remove/
""",
    OWN_TOKENS: """
desk/settings/tokens/<int:pk>/revoke/
desk/sessions/<int:pk>/end/
desk/drafts/<uuid:pk>/discard/
accounts/2fa/totp/deactivate/
accounts/2fa/recovery-codes/
accounts/2fa/recovery-codes/download/
""",
    MANAGERS_AND_OWN: """
desk/settings/practitioners/<int:pk>/calendars/<int:calendar>/test/
desk/settings/practitioners/<int:pk>/calendars/<int:calendar>/pause/
desk/settings/practitioners/<int:pk>/calendars/<int:calendar>/resume/
desk/settings/practitioners/<int:pk>/calendars/<int:calendar>/remove/
desk/feeds/<int:pk>/open/
desk/feeds/<int:pk>/close/
""",
}

API = {
    EVERYBODY: """
GET api/v1/desk/appointments/
""",
    OWN: """
GET api/v1/desk/appointments/<uuid:pk>/
POST api/v1/desk/appointments/<uuid:pk>/complete/
POST api/v1/desk/appointments/<uuid:pk>/no-show/
POST api/v1/desk/appointments/<uuid:pk>/call-back/
GET api/v1/desk/inquiries/<uuid:pk>/
POST api/v1/desk/inquiries/<uuid:pk>/notes/
GET api/v1/desk/practitioners/<int:pk>/overrides/
""",
    ("in", "no", "none", "in", "in"): """
POST api/v1/desk/appointments/<uuid:pk>/undo/
""",
    ANSWERING: """
POST api/v1/desk/appointments/<uuid:pk>/confirm/
POST api/v1/desk/appointments/<uuid:pk>/decline/
POST api/v1/desk/appointments/<uuid:pk>/propose/
POST api/v1/desk/appointments/<uuid:pk>/cancel/
POST api/v1/desk/appointments/<uuid:pk>/want-earlier/
POST api/v1/desk/appointments/<uuid:pk>/reschedule/
POST api/v1/desk/appointments/<uuid:pk>/reassign/
GET api/v1/desk/inquiries/
POST api/v1/desk/inquiries/
POST api/v1/desk/inquiries/<uuid:pk>/book/
POST api/v1/desk/inquiries/<uuid:pk>/acknowledge/
POST api/v1/desk/inquiries/<uuid:pk>/close/
GET api/v1/desk/appointment-types/<slug:slug>/
GET api/v1/desk/practitioners/
GET api/v1/desk/practitioners/<int:pk>/
GET api/v1/desk/office-hours/
GET api/v1/desk/practitioners/<int:pk>/hours/
GET api/v1/desk/practitioners/<int:pk>/calendars/
GET api/v1/desk/closures/
GET api/v1/desk/slots/explain/
POST api/v1/desk/closures/
POST api/v1/desk/closures/preview/
POST api/v1/desk/closures/<int:pk>/apply/
GET api/v1/desk/closures/<int:pk>/
DELETE api/v1/desk/closures/<int:pk>/
GET api/v1/desk/insights/
GET api/v1/desk/notifications/
GET api/v1/desk/notifications/<uuid:pk>/
POST api/v1/desk/notifications/<uuid:pk>/retry/
""",
    MANAGERS: """
GET api/v1/desk/webhooks/
POST api/v1/desk/webhooks/
GET api/v1/desk/webhooks/<uuid:pk>/
PATCH api/v1/desk/webhooks/<uuid:pk>/
PUT api/v1/desk/webhooks/<uuid:pk>/
DELETE api/v1/desk/webhooks/<uuid:pk>/
POST api/v1/desk/webhooks/<uuid:pk>/test/
PATCH api/v1/desk/appointment-types/<slug:slug>/
POST api/v1/desk/practitioners/
PATCH api/v1/desk/practitioners/<int:pk>/
PUT api/v1/desk/practitioners/<int:pk>/hours/
POST api/v1/desk/practitioners/<int:pk>/hours/preview/
PUT api/v1/desk/office-hours/
POST api/v1/desk/practitioners/<int:pk>/calendars/
PUT api/v1/desk/practitioners/<int:pk>/calendars/<slug:name>/
PATCH api/v1/desk/practitioners/<int:pk>/calendars/<slug:name>/
DELETE api/v1/desk/practitioners/<int:pk>/calendars/<slug:name>/
POST api/v1/desk/practitioners/<int:pk>/calendars/<slug:name>/test/
""",
    OWN_TIME: """
POST api/v1/desk/practitioners/<int:pk>/overrides/
PUT api/v1/desk/practitioners/<int:pk>/overrides/
DELETE api/v1/desk/practitioners/<int:pk>/overrides/<api_date:date>/
""",
}


def lines(text: str) -> list[str]:
    """The routes of a block; its empty line is the clinic's own page."""
    return text.strip("\n").split("\n")


def rules(table: dict[tuple[str, ...], str]) -> dict[str, dict[str, str]]:
    """Of each line of a table: the column's name to what becomes of them."""
    return {line: dict(zip(COLUMNS, row, strict=True)) for row, text in table.items() for line in lines(text)}


def routes() -> set[str]:
    """Every pattern of the URLconf but the admin's."""
    return {route for route in _walk(get_resolver().url_patterns) if not route.startswith("admin/")}


def _walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route
