from django.urls import path

from notifications.desk import ledger, of_call, texts, unreached
from notifications.insights.desk import insights
from notifications.webhooks.desk import act, webhooks

urlpatterns = [
    path("appointments/<uuid:pk>/messages/", of_call.messages, name="desk-messages"),
    path("messages/", ledger.ledger, name="desk-ledger"),
    path("messages/<uuid:pk>/retry/", ledger.retry, name="desk-message-retry"),
    path("messages/<uuid:pk>/called/", ledger.called, name="desk-message-called"),
    path("messages/texts/", texts.texts, name="desk-texts"),
    path("messages/texts/<str:kind>/in/<str:language>/", texts.text, name="desk-text"),
    path("unreached/", unreached.unreached, name="desk-unreached"),
    path("unreached/<int:pk>/called/", unreached.called, name="desk-unreached-called"),
    path("unreached/<int:pk>/lift/", unreached.lift, name="desk-unreached-lift"),
    path("insights/", insights, name="desk-insights"),
    path("settings/webhooks/", webhooks, name="desk-webhooks"),
    *[
        path(f"settings/webhooks/<uuid:pk>/{action}/", act, {"action": action}, name=f"desk-webhook-{action}")
        for action in ("test", "stop", "resume", "remove")
    ],
]
