"""The API: its endpoints, its schema and its docs. What the floors know of each other meets here."""

from typing import Any

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from inquiries.api.problems import not_found
from inquiries.api.view import ApiView
from notifications.models import Notification
from scheduling.api.urls import doors
from scheduling.models import Appointment


def reminders_of(appointment: Appointment) -> Any:
    """The reminders that are planned, skipped or sent for an appointment, in order."""
    planned = Notification.objects.filter(appointment=appointment, kind=Notification.Kind.REMINDER)
    return planned.order_by("due_at", "pk").values("kind", "due_at", "status", "reason")


class Nowhere(ApiView):
    """An address that is none, as a problem rather than a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise not_found()


urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(template_name="inquiries/api_docs.html"), name="api-docs"),
    path("v1/", include(doors(reminders_of=reminders_of))),
    path("v1/", include("notifications.urls")),
    # Only with a slash at its end, so that an address without one is still sent on to the right one.
    re_path(r"^.*/$", Nowhere.as_view()),
]
