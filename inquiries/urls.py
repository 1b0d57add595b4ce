from django.urls import path

from inquiries import views

urlpatterns = [
    path("m/<str:token>/help/", views.help_now, name="help"),
    path("help/", views.crisis, name="crisis"),
    path("forgotten/", views.forgotten, name="forgotten"),
]
