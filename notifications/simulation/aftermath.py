"""When all is over: was everybody told of everything that happened, and is there a reason wherever they were not?"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable

from inquiries.models import Activity
from notifications.models import Notification
from notifications.simulation.mailbox import WITHOUT_ANSWER, Fate
from notifications.simulation.promises import Promises

Kind, Status, Reason = Notification.Kind, Notification.Status, Notification.Reason
# what happened: who must have been told of it, at the least. Taking a decision back depends on who knew.
TOLD: dict[str, tuple[str, ...]] = {
    "appointment.requested": (Kind.REQUEST_RECEIVED, Kind.STAFF_NEW_REQUEST, Kind.STAFF_UNANSWERED),
    "appointment.booked": (Kind.APPOINTMENT_CONFIRMED, Kind.REMINDER),
    "appointment.confirmed": (Kind.APPOINTMENT_CONFIRMED, Kind.REMINDER),
    "appointment.accepted": (Kind.APPOINTMENT_CONFIRMED, Kind.REMINDER, Kind.STAFF_PATIENT_CHANGED),
    "appointment.declined": (Kind.REQUEST_DECLINED,),
    "appointment.proposed": (Kind.TIMES_PROPOSED,),
    "appointment.displaced": (Kind.TIMES_PROPOSED,),
    "appointment.offers_refused": (Kind.STAFF_PATIENT_CHANGED,),
    "appointment.move_requested": (Kind.REQUEST_RECEIVED, Kind.STAFF_PATIENT_CHANGED, Kind.STAFF_UNANSWERED),
    "appointment.move_declined": (Kind.REQUEST_DECLINED, Kind.REMINDER),
    "appointment.move_expired": (Kind.REQUEST_EXPIRED, Kind.REMINDER),
    "appointment.move_withdrawn": (Kind.STAFF_PATIENT_CHANGED, Kind.REMINDER),
    "appointment.rescheduled": (Kind.APPOINTMENT_RESCHEDULED, Kind.REMINDER),
    "appointment.withdrawn": (Kind.APPOINTMENT_CANCELLED, Kind.STAFF_PATIENT_CHANGED),
    "appointment.cancelled": (Kind.APPOINTMENT_CANCELLED,),
    "appointment.expired": (Kind.REQUEST_EXPIRED,),
    "appointment.missed": (Kind.NO_SHOW_FOLLOW_UP,),
    "inquiry.erasure_requested": (Kind.ERASED,),
}


class Aftermath:
    def __init__(self, promises: Promises) -> None:
        self.promises, self.clinic = promises, promises.clinic
        self.rows: dict[int, list[Notification]] = defaultdict(list)
        related = ("inquiry", "appointment", "activity", "staff_member")
        for row in Notification.objects.select_related(*related).order_by("pk"):
            self.rows[row.activity.pk].append(row)

    def look(self) -> None:
        for activity in Activity.objects.order_by("pk"):
            if activity.planned_at is None:
                self.promises.broken.append(f"nobody planned what follows from {activity}")
            told = {row.kind for row in self.rows[activity.pk]}
            for kind in TOLD.get(activity.kind, ()):
                if kind not in told:
                    self.promises.broken.append(f"nobody was to be told {kind} of {activity.kind} {activity.pk}")
        for rows in self.rows.values():
            for row in rows:
                if not self._has_its_reason(row):
                    why = f"a message ended as {row.status} ({row.reason}) for no reason, due {row.due_at:%m-%d %H:%M}"
                    self.promises.break_(why, row)

    def _has_its_reason(self, row: Notification) -> bool:
        """Whether what really happened explains how the message ended."""
        if row.status == Status.SENT:
            arrived = bool(self.promises.copies[row.message_id])
            return arrived or self._met(row, Fate.LOST)
        if row.status == Status.SUPPRESSED:
            return self._met(row, Fate.REFUSED)
        ends: dict[tuple[str, str], Callable[[Notification], bool]] = {
            (Status.CANCELLED, Reason.SUPERSEDED): self._something_happened_since,
            (Status.CANCELLED, Reason.RULES): lambda row: any(
                at >= row.activity.at for at in self.clinic.rules_changed
            ),
            (Status.CANCELLED, Reason.ERASED): lambda row: row.inquiry.erasure_requested_at is not None,
            (Status.SKIPPED, Reason.TOO_LATE): self._was_too_late,
            (Status.SKIPPED, Reason.NIGHT): lambda row: row.kind == Kind.REMINDER,
            (Status.SKIPPED, Reason.NO_EMAIL): lambda row: not self.promises.address_of(row),
            (Status.SKIPPED, Reason.EMAIL_NOT_WANTED): self._wants_no_mail,
            (Status.SKIPPED, Reason.NO_CONSENT): self._wants_no_reminder,
            (Status.SKIPPED, Reason.ERASED): lambda row: row.inquiry.erasure_requested_at is not None,
            (Status.SKIPPED, Reason.MERGED): lambda row: row.merged_into is not None,
            (Status.SKIPPED, Reason.EXPIRED): self._had_trouble,
            (Status.FAILED, Reason.EXPIRED): self._had_trouble,
            (Status.FAILED, Reason.REFUSED): lambda row: self._met(row, Fate.REFUSED),
            (Status.UNCERTAIN, Reason.NO_ANSWER): self._nobody_could_know,
        }
        explains = ends.get((row.status, row.reason))
        return explains is not None and explains(row)

    def _something_happened_since(self, row: Notification) -> bool:
        """Before it could leave: within a minute, unless a fault held it up."""
        since = Activity.objects.filter(inquiry=row.inquiry_id, pk__gt=row.activity_id)
        if not self.promises.had_trouble(row, until=row.expires_at):
            since = since.filter(at__lte=max(row.due_at, row.activity.at) + dt.timedelta(minutes=1))
        return since.exists()

    def _was_too_late(self, row: Notification) -> bool:
        """Its moment was before, or within the quiet time after, the news; or the call began before it could leave."""
        call = row.appointment
        if call is None:
            return False
        if row.activity.kind == "appointment.undone":
            return True
        if row.kind != Kind.REMINDER:
            return row.expires_at <= row.due_at
        quiet = dt.timedelta(minutes=call.appointment_type.reminder_quiet_minutes)
        after_its_moment = any(row.activity.at <= at and row.due_at <= at for at in self.clinic.rules_changed)
        return row.due_at < row.activity.at + quiet or after_its_moment

    def _wants_no_mail(self, row: Notification) -> bool:
        return "email" not in self.clinic.people[row.inquiry.pk].contact_by

    def _wants_no_reminder(self, row: Notification) -> bool:
        return row.kind == Kind.REMINDER and not self.clinic.people[row.inquiry.pk].reminders_ok

    def _had_trouble(self, row: Notification) -> bool:
        return self.promises.had_trouble(row, until=row.expires_at)

    def _met(self, row: Notification, *fates: Fate) -> bool:
        address = self.promises.address_of(row)
        return any(each.fate in fates and each.recipient == address for each in self.clinic.mailbox.encounters)

    def _nobody_could_know(self, row: Notification) -> bool:
        return self._met(row, *WITHOUT_ANSWER) or bool(self.clinic.faults.kills)
