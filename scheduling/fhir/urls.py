from django.urls import path

from scheduling.fhir import views

urlpatterns = [
    path("$bulk-publish", views.manifest, name="fhir-manifest"),
    path("locations.ndjson", views.locations, name="fhir-locations"),
    path("schedules.ndjson", views.schedules, name="fhir-schedules"),
    path("slots-<str:week>.ndjson", views.slots, name="fhir-slots"),
]
