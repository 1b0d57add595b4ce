"""What may be told of: the kinds of the log that other programs can use, in words."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "inquiry.received": _("Somebody asked to be contacted"),
    "inquiry.released": _("An inquiry that was set aside came from a person"),
    "inquiry.closed": _("An inquiry was closed"),
    "inquiry.erased": _("Somebody was forgotten: delete your copy"),
    "appointment.requested": _("A time was asked for"),
    "appointment.booked": _("Staff booked a call"),
    "appointment.confirmed": _("A call was confirmed"),
    "appointment.declined": _("A request was declined"),
    "appointment.proposed": _("Other times were offered"),
    "appointment.accepted": _("An offered time was taken"),
    "appointment.expired": _("A request was not answered in time"),
    "appointment.rescheduled": _("Staff moved a call"),
    "appointment.move_requested": _("The patient asked for another time"),
    "appointment.reassigned": _("Somebody else takes the call"),
    "appointment.cancelled": _("The clinic cancelled a call"),
    "appointment.withdrawn": _("The patient cancelled a call"),
    "appointment.displaced": _("A closure moved a call"),
    "appointment.completed": _("A call was held"),
    "appointment.missed": _("A call was missed"),
    "appointment.called_back": _("Somebody who was missed was spoken with after all"),
    "appointment.undone": _("A decision was taken back"),
}
