"""Webhooks at the desk: who is told, whether it works, and a new one."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from notifications.webhooks import http, telling
from notifications.webhooks.kinds import KINDS
from notifications.webhooks.models import Webhook, WebhookDelivery
from scheduling.desk.access import StaffRequest, for_managers

LONGEST, UNREADABLE = 500, 400


class WebhookForm(forms.Form):
    """Where to, and what about."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST,
        help_text=gettext_lazy("It begins with https:// and takes a POST."),
        widget=forms.TextInput({"type": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter the address.")},
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What to tell"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@for_managers
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: StaffRequest) -> HttpResponse:
    """The list and the form; the answer to a new one is the only page that shows its secret."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, form)
    if form.is_valid():
        try:
            row, secret = telling.add(**form.cleaned_data, by=request.user, now=timezone.now())
        except http.NotAllowed:
            form.add_error("url", _("Give an https address that leads to the public internet."))
        except http.Unreachable:
            form.add_error("url", _("This name leads nowhere. Check the address."))
        else:
            return _page(request, WebhookForm(), added=row.pk, secret=secret)
    return _page(request, form, status=UNREADABLE)


@for_managers
@require_POST
def act(request: StaffRequest, pk: UUID, action: str) -> HttpResponse:
    row, now = get_object_or_404(Webhook, pk=pk), timezone.now()
    if action == "remove":
        row.delete()
        messages.success(request, _("It is told no more."))
    elif action == "test":
        _say(request, telling.test(webhook=row, now=now))
    else:
        telling.change(webhook=row, is_active=action == "resume", now=now)
    return redirect("desk-webhooks")


def _say(request: StaffRequest, row: WebhookDelivery) -> None:
    if row.status == WebhookDelivery.Status.SENT:
        messages.success(request, _("The test arrived: the program answered %s.") % row.answer)
    else:
        messages.error(request, _("The test did not arrive: %s.") % row.answer)


def _page(request: StaffRequest, form: WebhookForm, *, status: int = 200, **facts: Any) -> HttpResponse:
    rows = list(Webhook.objects.order_by("created_at", "pk"))
    newest = WebhookDelivery.objects.order_by("webhook_id", "-created_at", "pk").distinct("webhook_id")
    last = {delivery.webhook_id: delivery for delivery in newest}
    shown = [(row, [KINDS.get(kind, kind) for kind in row.kinds], last.get(row.pk)) for row in rows]
    return render(request, "notifications/desk/webhooks.html", {"rows": shown, "form": form, **facts}, status=status)
