"""The ledger as JSON, for staff: what is due, sent, failed or skipped, and trying again."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.described import described
from inquiries.api.pages import CursorPages
from inquiries.api.problems import Problem, problem_of
from inquiries.api.values import Choice, Instant, Strict
from inquiries.api.view import DeskView
from notifications import delivery
from notifications.models import Notification
from notifications.readers import address_of, masked


@problem_of.register
def _not_retryable(error: delivery.NotRetryable, view: View | None) -> Problem:
    sentence = _("Only a message that failed, or of which nobody knows, is tried again, and only while it is of use.")
    return Problem(409, error.code, sentence)


class NotificationQuestions(Strict):
    appointment = serializers.UUIDField(required=False)
    inquiry = serializers.UUIDField(required=False)
    status = Choice(choices=Notification.Status.choices, required=False)
    kind = Choice(choices=Notification.Kind.choices, required=False)


class NotificationShape(serializers.Serializer[Any]):
    """One message to one reader. `recipient` is masked; `variant` says how many minutes before the call a reminder is.

    `inquiry` is null of `calendar_broken` alone, which is about nobody's request.
    `reason` says why it is skipped, cancelled, failed or uncertain; `last_reply` is the mail server's code.
    """

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Notification.Kind.choices)
    variant = serializers.CharField()
    channel = serializers.CharField()
    recipient = serializers.SerializerMethodField()
    due_at = Instant()
    expires_at = Instant()
    status = serializers.ChoiceField(Notification.Status.choices)
    reason = serializers.CharField()
    attempts = serializers.IntegerField()
    last_reply = serializers.CharField()
    sent_at = Instant(allow_null=True)
    message_id = serializers.CharField()
    inquiry = serializers.UUIDField(source="inquiry_id", allow_null=True)
    appointment = serializers.UUIDField(source="appointment_id", allow_null=True)
    sequence = serializers.IntegerField()

    def get_recipient(self, row: Notification) -> str:
        return masked(address_of(row))


class NotificationPage(serializers.Serializer[Any]):
    results = NotificationShape(many=True)
    next = serializers.URLField(allow_null=True)


def ledger() -> QuerySet[Notification]:
    return Notification.objects.defer("body").select_related("inquiry__contact", "staff_member")


class Notifications(DeskView):
    @described("Messages, the newest due first", NotificationPage, asks=NotificationQuestions, refuses=(401,))
    def get(self, request: Request) -> Response:
        asked = self.asked(NotificationQuestions, also=("cursor",))
        pages = CursorPages("-due_at", "-id")
        rows = pages.paginate_queryset(ledger().filter(**asked), request, view=self) or []
        return pages.get_paginated_response(NotificationShape(rows, many=True).data)


class OneNotification(DeskView):
    def message(self, pk: UUID) -> Notification:
        row = ledger().filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    @described("One message", NotificationShape, refuses=(401, 404))
    def get(self, request: Request, pk: UUID) -> Response:
        self.asked()
        return Response(NotificationShape(self.message(pk)).data)


class Retry(OneNotification):
    http_method_names = ["post"]

    @described("Try a message again now", NotificationShape, refuses=(401, 404, 409))
    def post(self, request: Request, pk: UUID) -> Response:
        delivery.try_again(notification=self.message(pk), now=timezone.now())
        return Response(NotificationShape(self.message(pk)).data)
