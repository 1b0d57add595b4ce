"""What was being typed at the desk survives the end of a session: pages to read it again, and to keep it meanwhile."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from inquiries import drafts
from inquiries.drafts import Draft
from inquiries.models import StaffMember
from scheduling.desk.access import StaffRequest, for_everybody

CASE = re.compile(r"/desk/(?:appointments|calls|inquiries)/[0-9a-f-]{36}/")
FORM = re.compile(r"/desk/(?:appointments|calls|inquiries)/[\w/-]{1,150}/")
DEED = re.compile(r"(/desk/calls/[0-9a-f-]{36}/)\w+/")


def form_at(path: str) -> str:
    """The form that is sent to this address; that of a call is one form, whatever button sends it."""
    return DEED.sub(r"\1keep/", path)


def keep_unsent(request: HttpRequest) -> None:
    """The session ended before this form was sent: what it holds is kept for whoever typed it."""
    if request.method == "POST" and FORM.fullmatch(request.path) and isinstance(request.user, StaffMember):
        drafts.keep(member=request.user, form=form_at(request.path), typed=request.POST.dict(), now=timezone.now())


def forget_sent(request: HttpRequest, response: HttpResponse) -> None:
    """A form that was taken needs no draft."""
    sent = request.method == "POST" and response.status_code < 400 and FORM.fullmatch(request.path)
    if sent and isinstance(request.user, StaffMember):
        Draft.objects.filter(staff_member=request.user, form=form_at(request.path)).delete()


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: StaffRequest) -> HttpResponse:
    """One's own unsent texts; a POST, from the page one types in, keeps one."""
    now, form = timezone.now(), request.POST.get("draft-of", "")
    if request.method == "POST":
        if not FORM.fullmatch(form):
            return HttpResponse(status=400)
        drafts.keep(member=request.user, form=form, typed=request.POST.dict(), now=now)
        return HttpResponse(status=204)
    rows = [(draft, page_of(draft.form)) for draft in Draft.objects.of(request.user, now)]
    return render(request, "account/drafts.html", {"rows": rows, "now": now})


def page_of(form: str) -> str:
    case = CASE.match(form)
    return case[0] if case else form


@for_everybody
@require_POST
def discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Draft, pk=pk, staff_member=request.user).delete()
    return redirect("desk-drafts")
