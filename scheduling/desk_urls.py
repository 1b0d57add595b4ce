"""The staff's pages. No address names a person; an action is a POST to the address of what it changes."""

from django.urls import include, path

from scheduling.desk import (
    appointments,
    aside,
    bulk,
    call,
    callers,
    calls,
    embed,
    export,
    feeds,
    inquiries,
    keys,
    presence,
    queue,
)
from scheduling.desk.decisions import DECISIONS

urlpatterns = [
    path("", queue.queue, name="desk"),
    path("calendar/", include("scheduling.desk.calendar.urls")),
    path("settings/", include("scheduling.desk.rules.urls")),
    path("confirm/", bulk.confirm_chosen, name="desk-confirm-chosen"),
    path("keys/", keys.keys, name="desk-keys"),
    path("calls/", calls.calls, name="desk-calls"),
    path("calls/<uuid:pk>/", call.call, name="desk-call"),
    *[path(f"calls/<uuid:pk>/{deed}/", call.do, {"deed": deed}, name=f"desk-call-{deed}") for deed in call.DEEDS],
    path("appointments/<uuid:pk>/", appointments.appointment, name="desk-appointment"),
    path("appointments/<uuid:pk>/presence/", presence.beat, name="desk-presence"),
    path("appointments/<uuid:pk>/times/", appointments.times, name="desk-appointment-times"),
    *[
        path(f"appointments/<uuid:pk>/{verb}/", appointments.decide, {"verb": verb}, name=f"desk-{verb}")
        for verb in DECISIONS
    ],
    path("embed/", embed.snippet, name="desk-embed"),
    path("feeds/", feeds.feeds, name="desk-feeds"),
    path("feeds/<int:pk>/open/", feeds.open_feed, name="desk-feed-open"),
    path("feeds/<int:pk>/close/", feeds.close_feed, name="desk-feed-close"),
    path("inquiries/", inquiries.inquiries, name="desk-inquiries"),
    path("inquiries/aside/", aside.aside, name="desk-aside"),
    path("inquiries/aside/close/", aside.close_chosen, name="desk-aside-close"),
    path("inquiries/export/", export.export, name="desk-export"),
    path("inquiries/views/", inquiries.keep_view, name="desk-keep-view"),
    path("inquiries/views/<int:pk>/remove/", inquiries.remove_view, name="desk-remove-view"),
    path("inquiries/<uuid:pk>/assign/", inquiries.assign, name="desk-inquiry-assign"),
    path("inquiries/new/", callers.new_inquiry, name="desk-new-inquiry"),
    path("inquiries/<uuid:pk>/", inquiries.inquiry, name="desk-inquiry"),
    path("inquiries/<uuid:pk>/times/", callers.inquiry_times, name="desk-inquiry-times"),
    path("inquiries/<uuid:pk>/book/", callers.book, name="desk-book"),
    *[
        path(f"inquiries/<uuid:pk>/{action}/", inquiries.act, {"action": action}, name=f"desk-inquiry-{action}")
        for action in inquiries.ACTIONS
    ],
]
