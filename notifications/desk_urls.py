from django.urls import path

from notifications import desk
from notifications.insights.desk import insights

urlpatterns = [
    path("appointments/<uuid:pk>/messages/", desk.messages, name="desk-messages"),
    path("unreached/", desk.unreached, name="desk-unreached"),
    path("unreached/<int:pk>/called/", desk.called, name="desk-unreached-called"),
    path("unreached/<int:pk>/lift/", desk.lift, name="desk-unreached-lift"),
    path("insights/", insights, name="desk-insights"),
]
