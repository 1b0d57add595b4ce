"""API tokens: each person lists, makes and revokes their own. A new one is shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inquiries.models import ApiToken
from scheduling.desk.access import StaffRequest, for_everybody

SHOWN = 50


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    made = ApiToken.issue(staff_member=request.user, now=now) if request.method == "POST" else ""
    rows = ApiToken.objects.filter(staff_member=request.user, revoked_at=None).order_by("-created_at", "-pk")
    context = {"rows": rows[:SHOWN], "made": made, "now": now}
    return render(request, "scheduling/desk/rules/tokens.html", context)


@for_everybody
@require_POST
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken, pk=pk, staff_member=request.user).revoke(now=timezone.now())
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("desk-tokens")
