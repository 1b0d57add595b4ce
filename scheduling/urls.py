from django.urls import path

from scheduling import choosing, patient, views

urlpatterns = [
    path("", views.home, name="home"),
    path("contact/", views.contact, name="contact"),
    path("m/<str:token>/", patient.page, name="patient"),
    path("m/<str:token>/time/", choosing.choose_time, name="choose_time"),
    path("m/<str:token>/none-suits/", choosing.none_suits, name="none_suits"),
    path("m/<str:token>/accept/", patient.accept, name="accept"),
    path("m/<str:token>/refuse/", patient.refuse, name="refuse"),
    path("m/<str:token>/confirm-attendance/", patient.confirm_attendance, name="confirm_attendance"),
    path("m/<str:token>/cancel/", patient.cancel, name="cancel"),
    path("m/<str:token>/erase/", patient.erase, name="erase"),
    path("m/<str:token>/call.ics", patient.calendar, name="calendar"),
]
