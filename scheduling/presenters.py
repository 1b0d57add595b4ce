"""How a state looks: its word, its icon (an id in `icons.svg`) and its colour (a pair in `tokens.css`), everywhere."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment

Status, Reason = Appointment.Status, Appointment.Reason


@dataclass(frozen=True, slots=True)
class State:
    """`tone` names the colours `--tone` and `--tone-soft`, and the class `tone` of a badge."""

    word: Any
    icon: str
    tone: str


_LOOKS = {
    Status.PENDING: ("clock", "waiting"),
    Status.PROPOSED: ("choice", "offered"),
    Status.BOOKED: ("check", "booked"),
    Status.FULFILLED: ("done", "done"),
    Status.NOSHOW: ("missed", "missed"),
    Status.CANCELLED: ("ended", "ended"),
}


@cache
def state_of(status: str) -> State:
    """The state of a status of `Appointment`."""
    known = Status(status)
    return State(known.label, *_LOOKS[known])


@cache
def icon(name: str) -> SafeString:
    """The drawing of an id in `icons.svg`, as it stands in a page."""
    return format_html(
        '<svg class="icon" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"'
        ' stroke-linejoin="round" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@dataclass(frozen=True, slots=True)
class Story:
    """What a patient reads on their own page: where things stand, and what happens next."""

    headline: Any
    sentence: Any


_STORIES = {
    Status.PENDING: Story(
        _("Your time is held"),
        _("It is not confirmed yet. Nobody else can take this time while we look at your request."),
    ),
    Status.PROPOSED: Story(
        _("We can offer you these times"),
        _("They are held for you. Choose the one that suits you best; the others are then free again."),
    ),
    Status.BOOKED: Story(_("Your call is confirmed"), _("We will call you at this time.")),
    Status.FULFILLED: Story(
        _("Thank you for talking with us"), _("If something is still unclear, call us or write to us any time.")
    ),
    Status.NOSHOW: Story(
        _("We missed each other"),
        _("That happens. If you would still like to talk, choose another time that suits you."),
    ),
}
_ENDINGS = {
    Reason.DECLINED: Story(
        _("We cannot hold this call"), _("We are sorry. You are welcome to choose another time, or to call us.")
    ),
    Reason.WITHDRAWN: Story(
        _("Your call is cancelled"), _("The time is free again. You can choose another one whenever you like.")
    ),
    Reason.EXPIRED: Story(
        _("We are sorry: this request has ended"),
        _("It was not settled in time, so we had to free the time. Please choose another one, or call us."),
    ),
    Reason.REFUSED: Story(_("None of the times suited you"), _("Tell us when would, or choose another time yourself.")),
    Reason.CLINIC: Story(
        _("We had to cancel your call"), _("We are sorry for the trouble. Please choose another time, or call us.")
    ),
}


_ONE_OFFER = Story(
    _("We can offer you this time"), _("It is held for you. Take it if it suits you, or tell us that it does not.")
)


def patient_story(appointment: Appointment, *, offers: int = 0) -> Story:
    """The story of the appointment's status, with so many times on offer; of a cancelled one, of its reason."""
    if appointment.status == Status.PROPOSED and offers == 1:
        return _ONE_OFFER
    if appointment.status == Status.CANCELLED:
        return _ENDINGS[Reason(appointment.reason)]
    return _STORIES[Status(appointment.status)]
