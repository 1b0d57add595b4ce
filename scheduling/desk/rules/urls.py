"""Settings' addresses, below /desk/settings/."""

from django.urls import path

from scheduling.desk.rules import closures, index

urlpatterns = [
    path("", index.index, name="desk-settings"),
    path("closures/", closures.listed, name="desk-closures"),
    path("closures/new/", closures.new, name="desk-new-closure"),
    path("closures/<int:pk>/", closures.closure, name="desk-closure"),
    path("closures/<int:pk>/apply/", closures.apply, name="desk-closure-apply"),
    path("closures/<int:pk>/open/", closures.open_again, name="desk-closure-open"),
]
