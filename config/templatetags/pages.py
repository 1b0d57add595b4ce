"""What the visitors' pages ask of their address."""

from typing import Any

from django import template
from django.urls import reverse, translate_url
from django.utils import translation

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
