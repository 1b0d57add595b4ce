"""Why staff closed an inquiry: the codes that are kept, and how the desk says them."""

from django.utils.translation import gettext_lazy as _

CLOSE_REASONS = {
    "done": _("Everything is done"),
    "not_reached": _("Could not be reached"),
    "not_our_service": _("Not our service"),
    "duplicate": _("Same person's other inquiry"),
    "spam": _("Not a person who asks for help"),
    "do_not_contact": _("Asked not to be contacted"),
    "other": _("Something else"),
}
