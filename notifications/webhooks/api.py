"""Webhooks over HTTP, for managers."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries.api.auth import IsManager
from inquiries.api.described import described
from inquiries.api.problems import Problem, invalid, problem_of
from inquiries.api.values import Choice, Flag, Instant, Strict, Text
from inquiries.api.view import DeskView
from inquiries.models import StaffMember
from notifications.webhooks import http, telling
from notifications.webhooks.kinds import KINDS
from notifications.webhooks.models import Webhook

LONGEST = 500


@problem_of.register
def _not_allowed(error: http.NotAllowed, view: View | None) -> Problem:
    message = _("Give an https address that leads to the public internet.")
    return invalid({"url": [{"code": "not_allowed", "message": message}]})


@problem_of.register
def _unreachable(error: http.Unreachable, view: View | None) -> Problem:
    message = _("This name leads nowhere. Check the address.")
    return invalid({"url": [{"code": "unreachable", "message": message}]})


class WebhookShape(Strict):
    """`kinds` empty: everything. `secret` is in the answer to POST alone; check `webhook-signature` with it."""

    id = serializers.UUIDField(read_only=True)
    url = Text(max_length=LONGEST)
    kinds = serializers.ListField(child=Choice(choices=list(KINDS.items())), required=False, max_length=len(KINDS))
    is_active = Flag(required=False)
    created_at = Instant(read_only=True)
    failing_since = Instant(read_only=True, allow_null=True)

    def to_representation(self, row: Webhook) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "url": row.url.reveal(),
            "kinds": row.kinds,
            "is_active": row.is_active,
            "created_at": row.created_at.isoformat(),
            "failing_since": row.failing_since and row.failing_since.isoformat(),
        }


class NewWebhook(WebhookShape):
    secret = serializers.CharField(read_only=True)


class DeliveryShape(serializers.Serializer[Any]):
    """`answer` is the status code, or why there was none: timeout, tls, connection, name, not_allowed."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    answer = serializers.CharField()


class ManagersView(DeskView):
    permission_classes = [IsManager]

    def webhook(self, pk: UUID) -> Webhook:
        row = Webhook.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row


class Webhooks(ManagersView):
    @described("Who is told what happened", WebhookShape(many=True), refuses=(401, 403))
    def get(self, request: Request) -> Response:
        self.asked()
        return Response(WebhookShape(Webhook.objects.all(), many=True).data)

    @described("Tell another program", NewWebhook, takes=WebhookShape, status=201, refuses=(401, 403))
    def post(self, request: Request) -> Response:
        given = self.given(WebhookShape)
        by: StaffMember = self.staff_member
        row, secret = telling.add(url=given["url"], kinds=given.get("kinds", ()), by=by, now=timezone.now())
        return Response({**WebhookShape(row).data, "secret": secret}, status=201)


class OneWebhook(ManagersView):
    @described("One webhook", WebhookShape, refuses=(401, 403, 404))
    def get(self, request: Request, pk: UUID) -> Response:
        self.asked()
        return Response(WebhookShape(self.webhook(pk)).data)

    @described("Change some of it", WebhookShape, takes=WebhookShape(partial=True), refuses=(401, 403, 404))
    def patch(self, request: Request, pk: UUID) -> Response:
        return self.changed(pk, partial=True)

    @described("Change it", WebhookShape, takes=WebhookShape, refuses=(401, 403, 404))
    def put(self, request: Request, pk: UUID) -> Response:
        return self.changed(pk, partial=False)

    def changed(self, pk: UUID, *, partial: bool) -> Response:
        row = self.webhook(pk)
        changes = WebhookShape(data=self.request.data, partial=partial)
        changes.is_valid(raise_exception=True)
        return Response(WebhookShape(telling.change(webhook=row, now=timezone.now(), **changes.validated_data)).data)

    @described("Tell it no more", None, status=204, refuses=(401, 403, 404))
    def delete(self, request: Request, pk: UUID) -> Response:
        self.webhook(pk).delete()
        return Response(status=204)


class TestWebhook(ManagersView):
    @described("Send a test now", DeliveryShape, refuses=(401, 403, 404))
    def post(self, request: Request, pk: UUID) -> Response:
        row = telling.test(webhook=self.webhook(pk), now=timezone.now())
        return Response(DeliveryShape(row).data)
