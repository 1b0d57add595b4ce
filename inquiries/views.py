"""The patient's pages that know nothing of times."""

import datetime as dt

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inquiries import intake
from inquiries.api.throttles import spend, visitor_of
from inquiries.forms import LinkForm
from inquiries.models import AccessLink, Inquiry

UNREADABLE = 422
TOO_MANY = 429


def inquiry_of(token: str, *, now: dt.datetime) -> Inquiry:
    """Whose page this is. Raises Http404 alike for a wrong, expired, revoked and unknown token."""
    link = AccessLink.find(token, now=now)
    if link is None:
        raise Http404
    return link.inquiry


@require_safe
def help_now(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody needs help today: who helps at once, and the way on to a time."""
    try:
        called = inquiry_of(token, now=timezone.now()).contact.called
    except (OperationalError, InterfaceError):  # whoever needs help today gets it without PostgreSQL too
        called = ""
    held = "held" in request.GET
    facts = {"called": called, "held": held, "onward": "../" if held else "../time/"}
    return render(request, "inquiries/help.html", facts)


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """We have the request, and look at it before we hold a time; for who needs help today, who helps at once first."""
    return render(request, "inquiries/received.html", {"urgent": "now" in request.GET})


@require_safe
def crisis(request: HttpRequest) -> HttpResponse:
    """Who helps at once, for anybody. It asks no database, no session and no Redis."""
    return render(request, "inquiries/crisis.html")


@require_http_methods(["GET", "HEAD", "POST"])
def fresh_link(request: HttpRequest) -> HttpResponse:
    """Somebody lost the link to their page. The answer is the same whether we know their address or not."""
    if request.method != "POST":
        return render(request, "inquiries/fresh_link.html", {"form": LinkForm()})
    form = LinkForm(request.POST)
    if not form.is_valid():
        return render(request, "inquiries/fresh_link.html", {"form": form}, status=UNREADABLE)
    if spend("link", visitor_of(request)):
        form.add_error(None, _("Too many requests. Try again in an hour, or call us."))
        return render(request, "inquiries/fresh_link.html", {"form": form}, status=TOO_MANY)
    email = form.cleaned_data["email"]
    if not spend("link-address", email.casefold()):
        intake.ask_for_link(email=email, now=timezone.now())
    return redirect("link_sent")


@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "inquiries/link_sent.html")


@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    return render(request, "inquiries/forgotten.html")
