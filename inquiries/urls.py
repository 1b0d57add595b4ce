from django.urls import path

from inquiries import views

urlpatterns = [
    path("m/<str:token>/help/", views.help_now, name="help"),
    path("contact/received/", views.received, name="received"),
    path("help/", views.crisis, name="crisis"),
    path("link/", views.fresh_link, name="fresh_link"),
    path("link/sent/", views.link_sent, name="link_sent"),
    path("forgotten/", views.forgotten, name="forgotten"),
]
