from django.urls import path

from scheduling.desk.calendar import blocking, pages

urlpatterns = [
    path("", pages.calendar, name="desk-calendar"),
    path("time/", pages.time, name="desk-calendar-time"),
    path("block/", blocking.block, name="desk-calendar-block"),
]
