"""Settings' side: its sections, the one that is open marked."""

from typing import Any

from django import template

from scheduling.desk.rules.sections import Section, sections_for

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_sections(context: dict[str, Any]) -> list[tuple[Section, bool]]:
    request = context["request"]
    return [(each, request.path.startswith(each.address)) for each in sections_for(request.user)]
