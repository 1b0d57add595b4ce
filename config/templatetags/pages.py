"""What the visitors' pages ask of their address."""

import json
from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inquiries import prose
from inquiries.models import Passage

SCHEMA = "https://schema.org"
NO_MARKUP = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}

register = template.Library()


@register.simple_tag(takes_context=True)
def in_other_language(context: dict[str, Any]) -> dict[str, str]:
    """The other language's code and name, and the address of this same page in it (of its first page for an error)."""
    code = "en" if translation.get_language() == "es" else "es"
    request = context.get("request")
    if request is None or "status" in context:
        with translation.override(code):
            address = reverse("home")
    else:
        address = translate_url(request.get_full_path(), code)
    return {"code": code, "name": translation.get_language_info(code)["name_local"].capitalize(), "address": address}


@register.filter
def dialled(number: str) -> str:
    """A phone number as a `tel:` link wants it.

    >>> dialled("+1 305 555 0100")
    '+13055550100'
    """
    return "".join(mark for mark in number if mark.isdigit() or mark == "+")


@register.filter
def with_call_link(text: str, number: str) -> SafeString:
    """The text as HTML, with a link to call where it names the number.

    >>> with_call_link("Ana & Co: call +1 305 555 0100.", "+1 305 555 0100")
    'Ana &amp; Co: call <a href="tel:+13055550100">+1 305 555 0100</a>.'
    """
    link = format_html('<a href="tel:{}">{}</a>', dialled(number), number)
    return format_html_join(link, "{}", ((part,) for part in (text.split(number) if number else [text])))


@register.simple_tag(takes_context=True)
def in_every_language(context: dict[str, Any]) -> dict[str, Any]:
    """Of a public page: its one true address, those in each language, and its picture for other sites' previews."""
    path = context["request"].path
    card = static(f"card-{translation.get_language()}.png")
    return {
        "own": settings.SITE_URL + path,
        "languages": {code: settings.SITE_URL + translate_url(path, code) for code, _ in settings.LANGUAGES},
        "card": settings.SITE_URL + card,
    }


@register.simple_tag(takes_context=True)
def clinic_markup(context: dict[str, Any]) -> dict[str, Any]:
    """The clinic in schema.org's words (https://schema.org/MedicalClinic)."""
    return {
        "@context": SCHEMA,
        "@type": "MedicalClinic",
        "name": context["clinic_name"],
        "url": settings.SITE_URL + "/",
        "telephone": context["clinic_phone"],
        "address": context["clinic_address"],
        "availableLanguage": [code for code, _ in settings.LANGUAGES],
        "isAcceptingNewPatients": True,
    }


@register.simple_tag
def questions_markup(questions: Iterable[Passage]) -> dict[str, Any]:
    """Questions and answers in schema.org's words (https://schema.org/FAQPage)."""
    return {
        "@context": SCHEMA,
        "@type": "FAQPage",
        "inLanguage": translation.get_language(),
        "mainEntity": [
            {
                "@type": "Question",
                "name": question.title,
                "acceptedAnswer": {"@type": "Answer", "text": prose.html(question.body)},
            }
            for question in questions
        ],
    }


@register.filter
def data_block(facts: dict[str, Any]) -> SafeString:
    """JSON-LD. A script of a type that no browser runs is data, which no content security policy is about.

    >>> data_block({"name": "</script>"})
    '<script type="application/ld+json">{"name": "\\\\u003C/script\\\\u003E"}</script>'
    """
    text = SafeString(json.dumps(facts, ensure_ascii=False).translate(NO_MARKUP))  # nosec B703: no markup is left
    return format_html('<script type="application/ld+json">{}</script>', text)
