from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from notifications import wake

PRIVATE_PREFIXES = (
    "/no-reminders/",
    "/es/no-reminders/",
    "/m/",
    "/es/m/",
    "/contact",
    "/es/contact",
    "/embed/",
    "/es/embed/",
    "/link",
    "/es/link",
    "/desk",
    "/admin",
    "/api/",
    "/accounts",
    "/calendar/",
)
FRAMED_PREFIXES = tuple(
    language + page
    for language in ("", "/es")
    for page in ("/embed/", "/contact/", "/m/", "/help/", "/forgotten/", "/link/")
)

UNCOMPRESSED = ("/desk", "/admin", "/accounts", "/api/")


class CompressVisitorsPagesMiddleware(GZipMiddleware):
    """Small pages for phones; those of staff are left alone, and so are the API's, whose ETags are compared.

    BREACH (https://breachattack.com) guesses a secret of a page from its compressed length, if the attacker can make
    the browser ask for the page. A patient's page is asked for by the secret itself; the CSRF token is masked anew in
    every answer; and Django's GZip adds a random length. Staff's pages are read by a cookie, so they stay as they are.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(UNCOMPRESSED):
            return response
        return super().process_response(request, response)


class HeadMiddleware:
    """HEAD gets the headers of GET without its body (RFC 9110, section 9.3.2): Gunicorn logs each that has one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response


class PrivatePagesMiddleware:
    """Pages about people are stored by no browser or proxy, and kept out of search engines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(PRIVATE_PREFIXES):
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response


class FramedPagesMiddleware:
    """Lets the sites in `EMBED_ORIGINS`, and no other, show a visitor's pages in a frame; `request.framed` says so.

    What such a page does is allowed by its secret address or by nothing at all, never by a cookie. So a form in a frame
    needs no mark against forgery, and works where the browser blocks the cookie that would carry it. Nor does a form
    that the browser itself says comes from a page of ours (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visitors = request.path.startswith(FRAMED_PREFIXES)
        may_be_framed = bool(settings.EMBED_ORIGINS) and visitors
        framed = may_be_framed and request.headers.get("Sec-Fetch-Dest") == "iframe"
        request.framed = framed  # type: ignore[attr-defined]
        if framed or (visitors and request.headers.get("Sec-Fetch-Site") == "same-origin"):
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        response = self.get_response(request)
        if visitors and "Sec-Fetch-Site" in request.headers:
            response.cookies.pop(settings.CSRF_COOKIE_NAME, None)  # such a browser needs none
        if may_be_framed:
            del response["X-Frame-Options"]  # it knows no list of sites
            response._csp_replace = {"frame-ancestors": settings.EMBED_ORIGINS}  # type: ignore[attr-defined]
            patch_vary_headers(response, ["Sec-Fetch-Dest"])
        return response


class WakeMiddleware:
    """After a request that may have changed something, wakes the workers up; the request never waits for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A conflict counts too: the inquiry whose time had gone is kept all the same.
        kept = response.status_code < 400 or response.status_code == 409
        if request.method not in ("GET", "HEAD", "OPTIONS") and kept:
            wake.up()
        return response
