"""Why staff declined, cancelled or closed, and what came of a call: the codes that are kept, and how they are said.

The `REASONS` are fit for the patient's eyes: they name no condition and blame nobody.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

OTHER = "other"

REASONS = {
    "no_capacity": _("We have no free time for this call at the moment."),
    "not_our_service": _("We do not offer what you asked about."),
    "other_clinic": _("Another clinic is better placed to help."),
    "staff_ill": _("The person who was to call is away."),
    "duplicate": _("There is another request of yours already."),
    OTHER: _("We cannot hold this call as it was asked for."),
}

# Why a closure moves calls; the mails have a sentence for each code.
CLOSURE_TEXTS = {
    "storm": _("A storm keeps us closed"),
    "illness": _("The person who was to call is away"),
    "building": _("Our building is closed"),
    OTHER: _("We are closed then"),
}

# Why somebody on the earlier-time list was not asked about a freed time; only staff read these.
PASSED_OVER = {
    "asked": _("asked already"),
    "has_offer": _("has another offer"),
    "language": _("other language"),
    "unreachable": _("no e-mail"),
    "night": _("night there"),
    "just_decided": _("just decided about"),
    "changed": _("changed meanwhile"),
}

OUTCOMES = {
    "consultation_booked": _("Consultation booked"),
    "eligible": _("May be a fit"),
    "needs_records": _("Records needed first"),
    "not_suitable_now": _("Not suitable now"),
    "not_eligible": _("Not a fit"),
    "referred": _("Referred elsewhere"),
    "do_not_contact": _("Asked not to be contacted"),
    OTHER: _("Something else"),
}

# Why an inquiry was closed; the patient never reads these.
CLOSINGS = {
    "settled": _("Everything is settled"),
    "not_reached": _("Could not be reached"),
    "not_our_service": _("Not what we offer"),
    "referred": _("Referred elsewhere"),
    "do_not_contact": _("Asked not to be contacted"),
    "duplicate": _("Asked twice"),
    "spam": _("Sent by a program"),
    "erased": _("Erased at their wish"),
    OTHER: _("Something else"),
}


def coded(text: str, known: Mapping[str, Any]) -> tuple[str, str]:
    """(code, note): a known code is kept as it is; any other text becomes a note, and its code is `other`.

    >>> coded("staff_ill", REASONS)
    ('staff_ill', '')
    >>> coded("", REASONS)
    ('', '')
    >>> coded("She will call us back", REASONS)
    ('other', 'She will call us back')
    """
    if not text or text in known:
        return text, ""
    return OTHER, text
