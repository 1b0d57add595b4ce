"""Staff's plain text, as templates use it."""

from django import template

from inquiries import prose

register = template.Library()

register.filter("prose", prose.html)
register.filter("plain", prose.plain)
