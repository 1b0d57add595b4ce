"""What search engines are told: which pages are for everybody, in both languages, and which are nobody's business."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from config.middleware import PRIVATE_PREFIXES

PUBLIC = ("home", "first_call", "treatment", "questions", "crisis")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    kept_out = "".join(f"Disallow: {prefix}\n" for prefix in PRIVATE_PREFIXES)
    text = f"User-agent: *\n{kept_out}\nSitemap: {settings.SITE_URL}{reverse('sitemap')}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Each public page with its twin in the other language (https://www.sitemaps.org/protocol.html)."""
    facts = {"pages": [_addresses(name) for name in PUBLIC]}
    return render(request, "sitemap.xml", facts, content_type="application/xml; charset=utf-8")


def _addresses(name: str) -> dict[str, str]:
    found = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            found[code] = settings.SITE_URL + reverse(name)
    return found
