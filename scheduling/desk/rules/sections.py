"""The sections of Settings, and who sees them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inquiries.models import StaffMember


@dataclass(frozen=True, slots=True)
class Section:
    page: str
    name: Any
    about: Any
    icon: str
    managers: bool = False
    everybody: bool = False

    @property
    def address(self) -> str:
        return reverse(self.page)


SECTIONS = (
    Section("desk-start", _("The first hour"), _("Step by step, until patients can book"), "start", managers=True),
    Section("desk-closures", _("Closures and time off"), _("A storm, an illness, a holiday of one person"), "closed"),
    Section(
        "desk-practitioners",
        _("Practitioners and hours"),
        _("Who takes calls, when, in which languages"),
        "people",
        managers=True,
    ),
    Section(
        "desk-types",
        _("Calls and reminders"),
        _("Length, buffers, notice, limits, promise, reminders"),
        "phone-clock",
        managers=True,
    ),
    Section(
        "desk-pages",
        _("The clinic's pages"),
        _("What visitors read of the call, the treatment, and questions"),
        "message",
        managers=True,
    ),
    Section("desk-checklist", _("Checklist of the call"), _("What is asked in every call"), "check", managers=True),
    Section("desk-feeds", _("Calendar programs"), _("Calls in Google, Outlook or Apple's calendar"), "calendar"),
    Section("desk-embed", _("On your own site"), _("The button or the form to paste"), "message"),
    Section("desk-webhooks", _("Webhooks"), _("Tell another program what happened"), "arrow", managers=True),
    Section(
        "desk-clinic",
        _("The clinic"),
        _("Name, phone, sender, colours, logo, public holidays"),
        "clinic",
        managers=True,
    ),
    Section("desk-tokens", _("API tokens"), _("For programs that work for you"), "key", everybody=True),
    Section(
        "desk-team", _("Team"), _("Who can sign in, invitations, what happened to accounts"), "people", managers=True
    ),
)


def sections_for(member: StaffMember) -> list[Section]:
    """What each role may open: practitioners only what is everybody's."""
    if member.is_practitioner:
        return [each for each in SECTIONS if each.everybody]
    return [each for each in SECTIONS if member.is_manager or not each.managers]
