"""The ledger's doors in the desk's API."""

from django.urls import path

from notifications import api
from notifications.insights.api import Insights
from notifications.webhooks.api import OneWebhook, TestWebhook, Webhooks

urlpatterns = [
    path("desk/insights/", Insights.as_view()),
    path("desk/notifications/", api.Notifications.as_view()),
    path("desk/notifications/<uuid:pk>/", api.OneNotification.as_view()),
    path("desk/notifications/<uuid:pk>/retry/", api.Retry.as_view()),
    path("desk/webhooks/", Webhooks.as_view()),
    path("desk/webhooks/<uuid:pk>/", OneWebhook.as_view()),
    path("desk/webhooks/<uuid:pk>/test/", TestWebhook.as_view()),
]
