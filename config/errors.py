"""Error pages. They need no database, session or Redis, and they too say where help is; the API's are problems."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from inquiries.api.problems import MEDIA_TYPE, Problem
from inquiries.forms import ContactForm
from scheduling.views import contact, render_contact

CODES = {400: "bad_request", 403: "permission_denied", 404: "not_found", 429: "throttled", 500: "server_error"}


def _page(request: HttpRequest, status: int, title: str, sentence: str, **more: bool) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(Problem(status, CODES[status], sentence).body(), status=status, content_type=MEDIA_TYPE)
    at_desk = request.path.startswith("/desk/")
    facts = {"title": title, "sentence": sentence, "status": status, "at_desk": at_desk, **more}
    return render(request, "error.html", facts, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("We could not read that"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, _("This page is not for this account"), _("Ask a manager of the clinic."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What somebody wrote to us comes back with a fresh mark; every other form is begun anew."""
    if request.resolver_match and request.resolver_match.func is contact:
        form = ContactForm(request.POST)
        form.add_error(None, _("Your browser did not send the form's security mark. Send it once more, or call us."))
        return render_contact(request, form, status=403)
    sentence = _("Your browser did not send the form's security mark. Go back, reload the page and send it again.")
    return _page(request, 403, _("The form was open for too long"), sentence)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 429, _("Too many attempts"), _("Wait five minutes, then try again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if "/m/" in request.path:
        sentence = _("It may have expired, or a part of it is missing. We can send you a fresh one.")
        return _page(request, 404, _("This link no longer works"), sentence, fresh_link=True)
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The link may have expired or been replaced by a newer one."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = _("Something went wrong on our side. Nothing that you sent is lost if we said that we received it.")
    return _page(request, 500, _("Please try again in a minute"), sentence)
