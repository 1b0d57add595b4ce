from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from notifications import wake

PRIVATE_PREFIXES = (
    "/m/",
    "/es/m/",
    "/contact",
    "/es/contact",
    "/link",
    "/es/link",
    "/desk",
    "/admin",
    "/api/",
    "/accounts",
    "/calendar/",
)


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
