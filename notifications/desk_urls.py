from django.urls import path

from notifications import desk
from notifications.insights.desk import insights

urlpatterns = [
    path("appointments/<uuid:pk>/messages/", desk.messages, name="desk-messages"),
    path("insights/", insights, name="desk-insights"),
]
