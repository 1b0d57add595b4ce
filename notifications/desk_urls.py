from django.urls import path

from notifications import desk

urlpatterns = [path("appointments/<uuid:pk>/messages/", desk.messages, name="desk-messages")]
