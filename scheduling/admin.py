"""What superusers see of this floor; only what no appointment depends on yet may be changed here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from inquiries.admin import ViewOnly
from scheduling.models import (
    Appointment,
    AppointmentType,
    Closure,
    HoursOverride,
    OutsideCalendar,
    Practitioner,
    WorkingHours,
)


@admin.register(Appointment)
class AppointmentAdmin(ViewOnly):
    list_display = ["reference", "status", "start", "practitioner", "answer_by", "held_for"]
    list_filter = ["status", "reason", "practitioner"]
    list_select_related = ["practitioner", "held_for"]
    search_fields = ["=id", "=inquiry__id"]
    date_hierarchy = "start"


class NeverDeleted(admin.ModelAdmin):
    """Appointments refer to it: it is put out of use, not removed."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AppointmentType)
class AppointmentTypeAdmin(NeverDeleted):
    list_display = ["name", "slug", "duration_minutes", "auto_confirm", "is_active"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Practitioner)
class PractitionerAdmin(NeverDeleted):
    list_display = ["name", "languages", "time_zone", "staff_member", "is_active"]
    list_select_related = ["staff_member"]


@admin.register(WorkingHours)
class WorkingHoursAdmin(ViewOnly):
    list_display = ["practitioner", "weekday", "start_minute", "end_minute"]
    list_select_related = ["practitioner"]


@admin.register(HoursOverride)
class HoursOverrideAdmin(ViewOnly):
    list_display = ["practitioner", "date", "intervals"]
    list_select_related = ["practitioner"]
    date_hierarchy = "date"


@admin.register(Closure)
class ClosureAdmin(ViewOnly):
    list_display = ["start", "end", "reason", "applied_at", "applied_by"]
    list_select_related = ["applied_by"]


@admin.register(OutsideCalendar)
class OutsideCalendarAdmin(ViewOnly):
    list_display = ["practitioner", "name", "read_at", "when_stale"]
    list_select_related = ["practitioner"]
