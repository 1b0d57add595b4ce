from django.urls import path

from scheduling import choosing, clinic, patient, views

urlpatterns = [
    path("", clinic.home, name="home"),
    path("first-call/", clinic.first_call, name="first_call"),
    path("treatment/", clinic.treatment, name="treatment"),
    path("questions/", clinic.questions, name="questions"),
    path("contact/", views.contact, name="contact"),
    path("embed/", views.contact, name="embed"),
    path("m/<str:token>/", patient.page, name="patient"),
    path("m/<str:token>/time/", choosing.choose_time, name="choose_time"),
    path("m/<str:token>/none-suits/", choosing.none_suits, name="none_suits"),
    path("m/<str:token>/accept/", patient.accept, name="accept"),
    path("m/<str:token>/refuse/", patient.refuse, name="refuse"),
    path("m/<str:token>/confirm-attendance/", patient.confirm_attendance, name="confirm_attendance"),
    path("m/<str:token>/earlier/", patient.earlier, name="earlier"),
    path("m/<str:token>/cancel/", patient.cancel, name="cancel"),
    path("m/<str:token>/erase/", patient.erase, name="erase"),
    path("m/<str:token>/call.ics", patient.calendar, name="calendar"),
]
