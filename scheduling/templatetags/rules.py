"""Settings' side: its sections, the one that is open marked."""

from typing import Any

from django import template

from inquiries.models import StaffMember
from scheduling import first_hour
from scheduling.desk.rules.sections import Section, sections_for

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_sections(context: dict[str, Any]) -> list[tuple[Section, bool]]:
    request = context["request"]
    return [(each, request.path.startswith(each.address)) for each in sections_for(request.user)]


@register.filter
def is_led_through_the_first_hour(member: StaffMember) -> bool:
    """Whether a manager's clinic cannot be booked yet; one query for managers, none for others."""
    return member.is_manager and not first_hour.done().can_be_booked
