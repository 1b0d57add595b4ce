from django.urls import path

from scheduling.desk.calendar import pages

urlpatterns = [
    path("", pages.calendar, name="desk-calendar"),
    path("time/", pages.time, name="desk-calendar-time"),
]
