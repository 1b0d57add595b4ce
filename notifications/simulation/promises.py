"""What must hold of every mail, and of the whole when all is over: looked at from outside, without asking the plan.

What happened is read from the story, what arrived from the mail server, and what went wrong from the faults. A
message that is missing, late or there twice must have its reason among these three.
"""

import datetime as dt
import re
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar

from inquiries.models import Activity
from notifications import discretion, flood, invariants
from notifications.models import Notification
from notifications.simulation.clinic import Clinic
from notifications.simulation.mailbox import Copy, Fate
from notifications.simulation.persons import WHAT_THEY_WROTE, Person
from scheduling.models import Appointment

Kind, Status = Notification.Kind, Appointment.Status
# After this long without a fault a mail is late: three beats.
PROMPT = dt.timedelta(minutes=1)
# A server's refusal is tried again after up to 75 minutes.
AFTERMATH_OF_A_FAULT = dt.timedelta(hours=3)
# What these say is true only while the call is, or is asked for, at that time.
STATUS_THEY_SPEAK_OF = {
    Kind.REQUEST_RECEIVED: Status.PENDING,
    Kind.APPOINTMENT_CONFIRMED: Status.BOOKED,
    Kind.APPOINTMENT_RESCHEDULED: Status.BOOKED,
    Kind.REMINDER: Status.BOOKED,
    Kind.TIMES_PROPOSED: Status.PROPOSED,
    Kind.STAFF_UNANSWERED: Status.PENDING,
}
SAYS_THE_TIME = (Kind.REQUEST_RECEIVED, Kind.APPOINTMENT_CONFIRMED, Kind.APPOINTMENT_RESCHEDULED, Kind.REMINDER)
RANDOM = re.compile(r"/m/[\w-]+/")  # a word in a secret link says nothing
TELLING = re.compile(r"ketamin|depress|depresi|bipolar|infusi[oó]n|psychiatr|psiquiatr|ptsd|tept", re.IGNORECASE)


class Promises:
    """`broken` are sentences without a personal fact; one is enough to fail."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.broken = clinic, list[str]()
        self.copies: dict[str, list[Copy]] = defaultdict(list)
        self._entries: dict[str, tuple[int, str]] = {}
        self._reminded: set[tuple[object, ...]] = set()
        self._seen = 0
        self._checked_on: dt.date | None = None

    def break_(self, what: str, row: Notification | Appointment | None = None) -> None:
        name = f"{row.kind} {row.pk}" if isinstance(row, Notification) else str(row or "")
        self.broken.append(f"{self.clinic.now:%Y-%m-%d %H:%M:%S}Z {what}: {name}")

    def look_at_new_mail(self, *, settled: bool) -> None:
        """After each tick, while what each mail speaks of is still as it was when it left."""
        copies = self.clinic.mailbox.copies[self._seen :]
        self._seen += len(copies)
        related = ("inquiry", "appointment", "activity")
        rows = Notification.objects.filter(message_id__in=[copy.message_id for copy in copies])
        known = {row.message_id: row for row in rows.select_related(*related)}
        for copy in copies:
            row = known.get(copy.message_id)
            if row is None:
                self.break_(f"a mail that the ledger does not know, {copy.message_id}")
            else:
                self._look(copy, row)
        if settled and Appointment.objects.held_past(self.clinic.now).exists():
            self.break_("a request past its time, neither answered nor let go")
        if self._checked_on != self.clinic.now.date():
            self._checked_on = self.clinic.now.date()
            self._look_at_contradictions()

    def _look(self, copy: Copy, row: Notification) -> None:
        first = not self.copies[row.message_id]
        self.copies[row.message_id].append(copy)
        if not first:
            return self._look_at_second_copy(row)
        self._look_at_moment(copy, row)
        self._look_at_truth(copy, row)
        person = self.clinic.people.get(row.inquiry.pk)
        if person is not None:
            self._look_at_discretion(copy, row, person)
        self._look_at_calendar(copy, row)
        return None

    def _look_at_second_copy(self, row: Notification) -> None:
        """Only one, and only when nobody could know whether the first had arrived."""
        first, *others = self.copies[row.message_id]
        unknown = first.fate == Fate.UNANSWERED or first.at in self.clinic.faults.kills
        if not unknown or len(others) > 1:
            self.break_(f"a mail arrived {len(others) + 1} times", row)
        if any(other.message.as_bytes() != first.message.as_bytes() for other in others):
            self.break_("a second copy differs from the first", row)

    def _look_at_moment(self, copy: Copy, row: Notification) -> None:
        told_at = row.activity.at
        if row.activity.actor == Activity.Actor.STAFF and row.is_for_patient:
            told_at += dt.timedelta(seconds=settings.UNDO_SECONDS)
        if copy.at < max(told_at, row.due_at):
            self.break_("a mail left too early", row)
        late = copy.at - max(told_at, row.due_at)
        if late > PROMPT and not self._waited_its_turn(copy, row) and not self.had_trouble(row, until=copy.at):
            self.break_(f"a mail left {late} late for no reason", row)
        if row.kind == Kind.REMINDER and row.appointment is not None:
            self._look_at_reminder(copy, row, row.appointment)

    def _waited_its_turn(self, copy: Copy, row: Notification) -> bool:
        """Whether its reader got as many news of requests as they may, and this one as soon as they may have more."""
        if row.kind != Kind.STAFF_NEW_REQUEST:
            return False
        news = Notification.objects.filter(kind=row.kind, recipient_index=row.recipient_index)
        ids = set(news.values_list("message_id", flat=True))
        span = row.due_at - flood.WHILE, copy.at
        lately = [
            each.at for each in self.clinic.mailbox.copies if each.message_id in ids and span[0] < each.at < span[1]
        ]
        return len(lately) >= flood.AT_MOST and copy.at - sorted(lately)[-flood.AT_MOST] <= flood.WHILE + PROMPT

    def _look_at_reminder(self, copy: Copy, row: Notification, call: Appointment) -> None:
        latest = call.start - dt.timedelta(minutes=int(row.variant))
        hour = row.due_at.astimezone(ZoneInfo(call.time_zone)).hour
        if not latest - dt.timedelta(hours=13) <= row.due_at <= latest or not 8 <= hour < 21:
            self.break_("a reminder is planned for the wrong moment", row)
        moment = (call.pk, call.start, row.variant)
        if moment in self._reminded:
            self.break_("somebody is reminded twice for one moment", row)
        self._reminded.add(moment)

    def had_trouble(self, row: Notification, *, until: dt.datetime) -> bool:
        """Whether a fault can have held the message up: of everybody's, or of mail to this reader."""
        first = row.due_at - AFTERMATH_OF_A_FAULT
        if self.clinic.faults.hit((first, until)):
            return True
        address = self.address_of(row)
        return any(
            each.recipient == address and each.fate != Fate.TAKEN and first <= each.at <= until
            for each in self.clinic.mailbox.encounters
        )

    def address_of(self, row: Notification) -> str:
        if row.staff_member is not None:
            return row.staff_member.email
        person = self.clinic.people.get(row.inquiry.pk)
        return person.email if row.is_for_patient and person else settings.STAFF_EMAIL[0]

    def _look_at_truth(self, copy: Copy, row: Notification) -> None:
        call, expected = row.appointment, STATUS_THEY_SPEAK_OF.get(Kind(row.kind))
        if call is None:
            return
        if expected and (call.status != expected or call.sequence != row.sequence):
            self.break_(f"a mail tells of a call that is {call.status} by now", row)
        if expected and copy.at >= call.start:
            self.break_("a mail about a call to come left after its start", row)
        if row.kind in SAYS_THE_TIME and _clock_time(call, row.inquiry.preferred_language) not in _text_of(copy):
            self.break_("a mail does not say the time of the call on its reader's clock", row)

    def _look_at_discretion(self, copy: Copy, row: Notification, person: Person) -> None:
        said = _everything(copy)
        secrets = [person.family_name, person.phone, WHAT_THEY_WROTE, *(TELLING.findall(said)[:1])]
        if not row.is_for_patient and person.email:
            secrets.append(person.email)
        if any(secret and secret in said for secret in secrets):
            self.break_("a mail says more than it may", row)
        clinic = discretion.discreet_name(settings.CLINIC_NAME)
        if person.discreet and row.is_for_patient and (clinic in said or settings.CLINIC_NAME in said):
            self.break_("a mail names the clinic to somebody who asked that it is not named", row)
        if row.is_for_patient and copy.message["Content-Language"] != person.language:
            self.break_("a mail is in the wrong language", row)

    def _look_at_calendar(self, copy: Copy, row: Notification) -> None:
        """One UID for life, a rising SEQUENCE, and the method inside that the outside says."""
        for part in copy.message.walk():
            if part.get_content_type() != "text/calendar":
                continue
            calendar: Any = Calendar.from_ical(part.get_content())
            (event,) = calendar.walk("VEVENT")
            uid, sequence, method = str(event["UID"]), int(event["SEQUENCE"]), str(calendar["METHOD"])
            if row.appointment is None or uid != row.appointment.uid or part.get_param("method") != method:
                self.break_("a calendar entry is of something else than its mail", row)
            if sequence <= self._entries.get(uid, (-1, ""))[0]:
                self.break_("a calendar entry does not come after the one before it", row)
            self._entries[uid] = (sequence, method)

    def _look_at_contradictions(self) -> None:
        for name, found in invariants.report(now=self.clinic.now).items():
            if found:
                self.break_(f"{name} {', '.join(found)}")

    def look_back(self) -> None:
        """When nothing is open any more."""
        self._look_at_contradictions()
        for call in Appointment.objects.spoken_of():
            entry = self._entries.get(call.uid)
            if call.status == Status.CANCELLED and entry and entry[1] != "CANCEL" and self._could_hear(call):
                self.break_("a cancelled call is still in a calendar", call)

    def _could_hear(self, call: Appointment) -> bool:
        about = Notification.objects.filter(appointment=call, kind__in=Notification.PATIENT_KINDS)
        return not about.filter(status__in=["failed", "uncertain", "suppressed"]).exists()


def _clock_time(call: Appointment, language: str) -> str:
    """Hour and minute on the reader's clock, reckoned here anew."""
    local = call.start.astimezone(ZoneInfo(call.time_zone))
    half = {"en": ("AM", "PM"), "es": ("a.m.", "p.m.")}[language][local.hour >= 12]
    return f"{(local.hour - 1) % 12 + 1}:{local.minute:02} {half}"


def _text_of(copy: Copy) -> str:
    body: Any = copy.message.get_body(("plain",))
    return str(body.get_content()).replace("\xa0", " ")


def _everything(copy: Copy) -> str:
    """Headers and every part, decoded."""
    parts = [f"{name}: {value}" for name, value in copy.message.items() if name != "To"]
    for part in copy.message.walk():
        if not part.is_multipart():
            content: Any = part.get_payload(decode=True)
            parts.append(content.decode().replace("\r\n ", ""))
    return RANDOM.sub("", "\n".join(parts))
