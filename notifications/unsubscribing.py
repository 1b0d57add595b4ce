"""The way out of reminders that mail programs offer with one click (RFC 8058), and its page. GET changes nothing."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from inquiries import intake, story
from inquiries.models import Inquiry

_signer = Signer(salt="no more reminders", sep=".")


def address_for(inquiry: Inquiry) -> str:
    """The link of one inquiry; all it can do is to end the reminders, so it needs no end of its own."""
    with translation.override(inquiry.preferred_language):
        return f"{settings.SITE_URL}{reverse('no-reminders', kwargs={'token': _signer.sign(inquiry.pk.hex)})}"


@csrf_exempt  # a mail program posts here without cookies; the signed token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def no_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; the POST of the button, or of a mail program, ends the reminders."""
    try:
        inquiry = Inquiry.objects.filter(pk=UUID(_signer.unsign(token)), erased_at=None).first()
    except (BadSignature, ValueError) as error:
        raise Http404 from error
    if inquiry is None:
        raise Http404
    if request.method == "POST":
        intake.stop_reminders(inquiry=inquiry, by=story.PATIENT, now=timezone.now())
        inquiry.refresh_from_db()
    return render(request, "notifications/no_reminders.html", {"stopped": not inquiry.reminders_ok})
