"""What superusers see of the ledger: when and why, never to whom or what."""

from django.contrib import admin

from inquiries.admin import ViewOnly
from notifications.models import Heartbeat, Notification


@admin.register(Notification)
class NotificationAdmin(ViewOnly):
    list_display = ["kind", "status", "reason", "due_at", "sent_at", "attempts", "last_reply"]
    list_filter = ["status", "kind", "reason"]
    search_fields = ["=id", "=inquiry__id", "=appointment__id", "=message_id"]
    exclude = ["body", "recipient_index", "lease_token"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ViewOnly):
    list_display = ["name", "at"]
