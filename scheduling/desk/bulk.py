"""Confirming several requests with one press: each in a transaction of its own, each with its own answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheduling import booking, policy
from scheduling.desk import decided
from scheduling.desk.access import StaffRequest, for_staff
from scheduling.desk.decisions import sentence_of, take
from scheduling.desk.queue import LIMIT


@for_staff
@require_POST
def confirm_chosen(request: StaffRequest) -> HttpResponse:
    """`chosen` are an appointment's id and the version that was looked at, with a colon between them."""
    now, chosen = timezone.now(), _chosen(request.POST.getlist("chosen"))
    rows = {row.pk: row for row in policy.appointments(request.user).filter(pk__in=chosen).select_related("inquiry")}
    if not rows:
        messages.warning(request, _("Choose the requests to confirm first."))
        return redirect("desk")
    done = []
    for pk in (pk for pk in chosen if pk in rows):
        try:
            changed = take("confirm", rows[pk], by=request.user, now=now, facts={"version": chosen[pk]})
            done.append(decided.Kept.of(changed, "confirm", now))
        except booking.Refusal as refusal:
            done.append(decided.Kept.of(rows[pk], "confirm", now, refusal=sentence_of(refusal, "confirm")))
    decided.remember(request, *done)
    return redirect("desk")


def _chosen(texts: list[str]) -> dict[UUID, int]:
    """Whatever cannot be read was not chosen by a person."""
    found = {}
    for text in texts[:LIMIT]:
        pk, _colon, version = text.partition(":")
        try:
            found[UUID(pk)] = int(version)
        except ValueError:
            continue
    return found
