"""The patient's pages that know nothing of times."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from inquiries.models import AccessLink, Inquiry


def inquiry_of(token: str, *, now: dt.datetime) -> Inquiry:
    """Whose page this is. Raises Http404 alike for a wrong, expired, revoked and unknown token."""
    link = AccessLink.find(token, now=now)
    if link is None:
        raise Http404
    return link.inquiry


@require_safe
def help_now(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody needs help today: who helps at once, and the way on to a time."""
    inquiry = inquiry_of(token, now=timezone.now())
    held = "held" in request.GET
    facts = {"called": inquiry.contact.called, "held": held, "onward": "../" if held else "../time/"}
    return render(request, "inquiries/help.html", facts)


@require_safe
def crisis(request: HttpRequest) -> HttpResponse:
    """Who helps at once, for anybody. It asks no database, no session and no Redis."""
    return render(request, "inquiries/crisis.html")


@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    return render(request, "inquiries/forgotten.html")
