"""The words of the ledger: what a message is about, how it stands, and why it was not delivered."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    INQUIRY_RECEIVED = "inquiry_received", _("Inquiry received")
    REQUEST_RECEIVED = "request_received", _("Request received")
    APPOINTMENT_CONFIRMED = "appointment_confirmed", _("Call confirmed")
    REQUEST_DECLINED = "request_declined", _("Request declined")
    TIMES_PROPOSED = "times_proposed", _("Other times offered")
    REQUEST_EXPIRED = "request_expired", _("Request not answered in time")
    APPOINTMENT_RESCHEDULED = "appointment_rescheduled", _("Call moved")
    APPOINTMENT_CANCELLED = "appointment_cancelled", _("Call cancelled")
    REMINDER = "reminder", _("Reminder")
    NO_SHOW_FOLLOW_UP = "no_show_follow_up", _("Call missed")
    FRESH_LINK = "fresh_link", _("Fresh link to their page")
    ERASED = "erased", _("Details erased")
    STAFF_NEW_REQUEST = "staff_new_request", _("To staff: new request")
    STAFF_UNANSWERED = "staff_unanswered", _("To staff: request unanswered")
    STAFF_PATIENT_CHANGED = "staff_patient_changed", _("To staff: changed by the patient")
    URGENT_INQUIRY = "urgent_inquiry", _("To staff: urgent inquiry")
    CALENDAR_BROKEN = "calendar_broken", _("To staff: calendar broken")


class Status(models.TextChoices):
    DUE = "due", _("Due")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNCERTAIN = "uncertain", _("Not known")
    CANCELLED = "cancelled", _("Cancelled")
    SKIPPED = "skipped", _("Skipped")
    SUPPRESSED = "suppressed", _("Suppressed")


class Reason(models.TextChoices):
    """Why a message was not, or not surely, delivered."""

    NO_EMAIL = "no_email", _("There is no e-mail address; call instead")
    EMAIL_NOT_WANTED = "email_not_wanted", _("They asked not to be written to; call instead")
    NO_CONTACT = "no_contact", _("They asked not to be contacted; do not call either")
    NO_CONSENT = "no_consent", _("They did not ask to be reminded")
    TOO_LATE = "too_late", _("Its moment had passed, or was too near, when it was planned")
    NIGHT = "night", _("It would come at night; another one goes the evening before")
    RULES = "rules", _("The rules of reminders were changed")
    EXPIRED = "expired", _("It could not be sent in time")
    SUPERSEDED = "superseded", _("Something happened since that made it untrue")
    ERASED = "erased", _("The person asked to be forgotten")
    REFUSED = "refused", _("The mail server refused it for good; call instead")
    RENDERING = "rendering", _("It could not be written")
    NO_ANSWER = "no_answer", _("The mail server did not say whether it took it")
    BOUNCED = "bounced", _("Mail to this address comes back; call instead")
    MERGED = "merged", _("One message told of many requests")
    RESTORED = "restored", _("It may have been sent before the database was restored")


PATIENT_KINDS = (
    Kind.INQUIRY_RECEIVED,
    Kind.REQUEST_RECEIVED,
    Kind.APPOINTMENT_CONFIRMED,
    Kind.REQUEST_DECLINED,
    Kind.TIMES_PROPOSED,
    Kind.REQUEST_EXPIRED,
    Kind.APPOINTMENT_RESCHEDULED,
    Kind.APPOINTMENT_CANCELLED,
    Kind.REMINDER,
    Kind.NO_SHOW_FOLLOW_UP,
    Kind.FRESH_LINK,
    Kind.ERASED,
)
# What somebody whom no mail reaches must hear on the phone.
NEWS = (
    Kind.APPOINTMENT_CONFIRMED,
    Kind.REQUEST_DECLINED,
    Kind.TIMES_PROPOSED,
    Kind.REQUEST_EXPIRED,
    Kind.APPOINTMENT_RESCHEDULED,
    Kind.APPOINTMENT_CANCELLED,
    Kind.NO_SHOW_FOLLOW_UP,
)
# What still goes to somebody who asked to be forgotten: that it is done, and the end of a call they had booked.
OF_ERASURE = (Kind.ERASED, Kind.APPOINTMENT_CANCELLED)
