"""What superusers see of this floor. Personal facts are not here: the desk shows them, where they are needed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from inquiries.models import AccessLink, AccountEvent, Activity, ApiToken, Inquiry, Passage, StaffMember

# Roles say who may do what; groups would say nothing.
admin.site.unregister(Group)


class ViewOnly(admin.ModelAdmin):
    """Rows that only a verb may change: the admin would change them without a word in the story."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StaffMember)
class StaffMemberAdmin(ViewOnly):
    list_display = ["username", "role", "is_active", "is_superuser", "last_login"]
    list_filter = ["role", "is_active", "is_superuser"]
    search_fields = ["username"]
    fields = ["username", "role", "language", "is_active", "is_superuser", "date_joined", "last_login"]


@admin.register(ApiToken)
class ApiTokenAdmin(ViewOnly):
    list_display = ["pk", "staff_member", "created_at", "revoked_at"]
    list_select_related = ["staff_member"]
    fields = ["staff_member", "created_at", "revoked_at"]


@admin.register(Inquiry)
class InquiryAdmin(ViewOnly):
    list_display = ["reference", "status", "created_at", "needs_help_now", "preferred_language", "assigned_to"]
    list_filter = ["status", "needs_help_now", "preferred_language"]
    list_select_related = ["assigned_to"]
    search_fields = ["=id"]
    exclude = ["source", "story_digest"]


@admin.register(Activity)
class ActivityAdmin(ViewOnly):
    list_display = ["inquiry", "number", "kind", "actor", "staff_member", "at"]
    list_select_related = ["inquiry", "staff_member"]
    list_filter = ["actor"]
    search_fields = ["=inquiry__id", "=appointment_id", "=kind"]


@admin.register(AccountEvent)
class AccountEventAdmin(ViewOnly):
    list_display = ["at", "kind", "staff_member", "by"]
    list_filter = ["kind"]
    list_select_related = ["staff_member", "by"]
    fields = ["at", "kind", "staff_member", "by", "facts"]


@admin.register(AccessLink)
class AccessLinkAdmin(ViewOnly):
    list_display = ["inquiry", "created_at", "expires_at", "revoked_at"]
    list_select_related = ["inquiry"]
    fields = ["inquiry", "created_at", "expires_at", "revoked_at"]


@admin.register(Passage)
class PassageAdmin(admin.ModelAdmin):
    """The words of the clinic's pages; whoever may come here may change them."""

    list_display = ["title_en", "title_es", "place", "position", "is_shown"]
    list_editable = ["position", "is_shown"]
    list_filter = ["place", "is_shown"]
    search_fields = ["title_en", "title_es", "body_en", "body_es"]
    fieldsets = [
        (None, {"fields": ["place", "position", "is_shown"]}),
        ("English", {"fields": ["title_en", "body_en"]}),
        ("Español", {"fields": ["title_es", "body_es"]}),
    ]
