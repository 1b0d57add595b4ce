"""Every change of an inquiry: it is received, acknowledged, noted, closed, reopened, erased.

Plain keyword functions, each one transaction, each telling the story. `by` is a staff member, PATIENT or SYSTEM;
`now` is an aware instant.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from inquiries import story
from inquiries.models import DO_NOT_CONTACT, AccessLink, Contact, Inquiry, LinkRequest, StaffMember, Statement
from inquiries.privacy import blind_index

LINKS_AT_ONCE, LINKS_EACH = 20, 3
CONSENT_TEXT_VERSION = "2026-11"


class InquiryClosed(Exception):
    """This inquiry is closed. Reopen it first."""

    permanent = True


class NotSetAside(Exception):
    """This inquiry is not set aside, or not any more."""

    permanent = True


class NothingToAcknowledge(Exception):
    """Nobody asked for help today in this inquiry, or somebody has acknowledged it already."""

    permanent = True


class AlreadyErased(Exception):
    """What we knew about this person has been erased."""

    permanent = True


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who asks: clean values of `inquiries.fields`; an e-mail or a phone is there."""

    given_name: str = field(repr=False)
    family_name: str = field(default="", repr=False)
    preferred_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How they want to be treated. `windows` are `{date, part}`; `time_zone` an IANA name."""

    language: str = "en"
    time_zone: str
    contact_by: Sequence[str] = ()
    voicemail_ok: bool = False
    discreet: bool = False
    reminders_ok: bool = False
    needs_help_now: str = Inquiry.NeedsHelp.UNSAID
    windows: Sequence[dict[str, str]] = ()


@transaction.atomic(savepoint=False)
def receive(
    *,
    person: Person,
    wishes: Wishes,
    message: str = "",
    concerns: Sequence[str] = (),
    source: dict[str, str] | None = None,
    choosing: bool = False,
    set_aside: str = "",
    by: story.By = story.PATIENT,
    now: dt.datetime,
) -> Inquiry:
    """Keep an inquiry, with its consent to be contacted, given now.

    `choosing` says that the person goes on to choose a time at once, so that one mail can tell of both.
    `set_aside` (an `Inquiry.SetAside`) keeps it apart: nobody is written to, and no time is held, until it is released.
    """
    inquiry = Inquiry.objects.create(
        **_wished(wishes, person, now=now), created_at=now, source=source or {}, set_aside=set_aside
    )
    _keep_contact(inquiry, person)
    _keep_statements(inquiry, message=message, concerns=concerns)
    if set_aside:
        story.tell(inquiry_id=inquiry.pk, kind="inquiry.set_aside", by=by, now=now, facts={"set_aside": set_aside})
        return inquiry
    facts = {
        "urgent": inquiry.is_urgent,
        "language": wishes.language,
        "windows": len(wishes.windows),
        "choosing": choosing,
    }
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.received", by=by, now=now, facts=facts)
    return inquiry


def _wished(wishes: Wishes, person: Person, *, now: dt.datetime) -> dict[str, Any]:
    """The columns that say how they want to be treated; both consents are given now."""
    return {
        "preferred_language": wishes.language,
        "time_zone": wishes.time_zone,
        "needs_help_now": wishes.needs_help_now,
        "contact_by": list(wishes.contact_by) or _ways_of(person),
        "voicemail_ok": wishes.voicemail_ok,
        "discreet": wishes.discreet,
        "consent_contact_at": now,
        "consent_reminders_at": now if wishes.reminders_ok else None,
        "consent_text_version": CONSENT_TEXT_VERSION,
        "preferred_windows": list(wishes.windows),
    }


def _keep_statements(inquiry: Inquiry, *, message: str, concerns: Sequence[str]) -> None:
    """What they wrote, and what they ticked; nothing for what they left empty."""
    for kind, text in ((Statement.Kind.MESSAGE, message), (Statement.Kind.CONCERNS, ",".join(concerns))):
        if text:
            Statement.objects.create(inquiry=inquiry, kind=kind, text=text, written_at=inquiry.created_at)


def _ways_of(person: Person) -> list[str]:
    return [way for way in ("email", "phone") if getattr(person, way)]


def _keep_contact(inquiry: Inquiry, person: Person) -> Contact:
    names = " ".join((person.given_name, person.family_name, person.preferred_name)).split()
    return Contact.objects.create(
        inquiry=inquiry,
        given_name=person.given_name,
        family_name=person.family_name,
        preferred_name=person.preferred_name,
        email=person.email,
        phone=person.phone,
        email_index=blind_index("email", person.email) if person.email else "",
        phone_index=blind_index("phone", person.phone) if person.phone else "",
        name_indexes=sorted({blind_index("name", name) for name in names}),
    )


def take_up(*, inquiry: Inquiry, now: dt.datetime) -> None:
    """A new inquiry is open once anybody acts on it. Part of the caller's change, so it tells nothing itself."""
    if Inquiry.objects.filter(pk=inquiry.pk, status=Inquiry.Status.NEW).update(status=Inquiry.Status.OPEN):
        inquiry.status = Inquiry.Status.OPEN


@transaction.atomic
def prefer(*, inquiry: Inquiry, windows: Sequence[dict[str, str]], by: story.By, now: dt.datetime) -> None:
    """None of the free times suits: keep when would (`{date, part}`); no window means: contact me to agree a time."""
    inquiry.preferred_windows, inquiry.wants_call_back = list(windows), not windows
    inquiry.save(update_fields=["preferred_windows", "wants_call_back"])
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.windows_preferred", by=by, now=now, facts={"windows": len(windows)})


@transaction.atomic
def change_zone(*, inquiry: Inquiry, time_zone: str, by: story.By, now: dt.datetime) -> None:
    """From now on we say times on this clock (an IANA name)."""
    inquiry.time_zone = time_zone
    inquiry.save(update_fields=["time_zone"])
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.zone_changed", by=by, now=now)


@transaction.atomic
def stop_reminders(*, inquiry: Inquiry, by: story.By, now: dt.datetime) -> None:
    """They want no reminders any more; telling it twice changes nothing."""
    if Inquiry.objects.filter(pk=inquiry.pk, consent_reminders_at__isnull=False).update(consent_reminders_at=None):
        story.tell(inquiry_id=inquiry.pk, kind="inquiry.reminders_stopped", by=by, now=now)


@transaction.atomic
def acknowledge(*, inquiry: Inquiry, by: StaffMember, now: dt.datetime) -> None:
    """A staff member has seen that this person needs help today, and takes it on. Raises NothingToAcknowledge."""
    waiting = Inquiry.objects.urgent().filter(pk=inquiry.pk)
    if not waiting.update(acknowledged_at=now, acknowledged_by=by):
        raise NothingToAcknowledge
    take_up(inquiry=inquiry, now=now)
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.acknowledged", by=by, now=now)


@transaction.atomic
def release(*, inquiry: Inquiry, by: StaffMember, now: dt.datetime) -> None:
    """A person sent it after all: from now on it is an inquiry as any other. Raises NotSetAside."""
    if not Inquiry.objects.to_look_at().filter(pk=inquiry.pk).order_by().update(set_aside=""):
        raise NotSetAside
    inquiry.set_aside = ""
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.released", by=by, now=now, facts={"urgent": inquiry.is_urgent})


@transaction.atomic
def note(
    *, inquiry: Inquiry, text: str, by: StaffMember, now: dt.datetime, kind: str = Statement.Kind.NOTE
) -> Statement:
    """Keep a staff member's note; the story says that there is one, never what it says."""
    statement = Statement.objects.create(inquiry=inquiry, kind=kind, text=text, written_at=now, written_by=by)
    take_up(inquiry=inquiry, now=now)
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.noted", by=by, now=now, facts={"statement": str(statement.pk)})
    return statement


@transaction.atomic
def assign(*, inquiry: Inquiry, to: StaffMember | None, by: StaffMember, now: dt.datetime) -> None:
    """Whose it is from now on; None for nobody's. Assigning it to whose it is already changes nothing."""
    row = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    before = row.assigned_to_id
    if before == (to.pk if to else None):
        return
    Inquiry.objects.filter(pk=row.pk).update(assigned_to=to)
    take_up(inquiry=row, now=now)
    facts = {"assigned_to": to.pk if to else None, "was": before}
    story.tell(inquiry_id=row.pk, kind="inquiry.assigned" if to else "inquiry.unassigned", by=by, now=now, facts=facts)


@transaction.atomic
def close(*, inquiry: Inquiry, reason: str, by: story.By, now: dt.datetime) -> None:
    """Whoever asked not to be contacted hears nothing more, until it is opened again.

    Raises InquiryClosed when it is closed already.
    """
    still_open = Inquiry.objects.filter(pk=inquiry.pk).exclude(status=Inquiry.Status.CLOSED)
    if not still_open.update(status=Inquiry.Status.CLOSED, closed_at=now, closed_reason=reason):
        raise InquiryClosed
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.closed", by=by, now=now, facts={"reason": reason})
    if reason == DO_NOT_CONTACT:
        story.tell(inquiry_id=inquiry.pk, kind="inquiry.contact_stopped", by=by, now=now)


@transaction.atomic
def reopen(*, inquiry: Inquiry, by: story.By, now: dt.datetime) -> None:
    """Open a closed inquiry again; nothing happens to an open one."""
    closed = Inquiry.objects.filter(pk=inquiry.pk, status=Inquiry.Status.CLOSED)
    if closed.update(status=Inquiry.Status.OPEN, closed_at=None, closed_reason=""):
        story.tell(inquiry_id=inquiry.pk, kind="inquiry.reopened", by=by, now=now)


def ask_for_link(*, email: str, now: dt.datetime) -> None:
    """Somebody lost the link to their page. The same is done for every address, known or not."""
    LinkRequest.objects.create(email_index=blind_index("email", email), asked_at=now)


@transaction.atomic
def answer_link_requests(*, now: dt.datetime) -> int:
    """Tell the inquiries of who asked for a fresh link that one is wanted; how many had asked."""
    waiting = LinkRequest.objects.select_for_update(skip_locked=True).order_by("pk")[:LINKS_AT_ONCE]
    asked = {request.pk: request.email_index for request in waiting}
    for email_index in dict.fromkeys(asked.values()):
        for inquiry in Inquiry.objects.to_send_a_link(email_index)[:LINKS_EACH]:
            story.tell(inquiry_id=inquiry.pk, kind="inquiry.link_requested", by=story.PATIENT, now=now)
    LinkRequest.objects.filter(pk__in=asked).delete()
    return len(asked)


@transaction.atomic
def request_erasure(*, inquiry: Inquiry, by: story.By, now: dt.datetime) -> None:
    """The person asked to be forgotten: their links end now, and `erase` follows once they have been told.

    Raises AlreadyErased.
    """
    if not Inquiry.objects.filter(pk=inquiry.pk, erasure_requested_at=None).update(erasure_requested_at=now):
        raise AlreadyErased
    AccessLink.objects.filter(inquiry=inquiry, revoked_at=None).update(revoked_at=now)
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.erasure_requested", by=by, now=now)


@transaction.atomic
def erase(*, inquiry: Inquiry, by: story.By, now: dt.datetime) -> None:
    """Forget the person: contact and free text go, the skeleton of what happened stays. Raises AlreadyErased."""
    if not Inquiry.objects.filter(pk=inquiry.pk, erased_at=None).update(erased_at=now, source={}, preferred_windows=[]):
        raise AlreadyErased
    Statement.objects.filter(inquiry=inquiry).delete()
    Contact.objects.filter(inquiry=inquiry).delete()
    Contact.objects.create(inquiry=inquiry)
    AccessLink.objects.filter(inquiry=inquiry, revoked_at=None).update(revoked_at=now)
    still_open = Inquiry.objects.filter(pk=inquiry.pk).exclude(status=Inquiry.Status.CLOSED)
    still_open.update(status=Inquiry.Status.CLOSED, closed_at=now, closed_reason="erased")
    story.tell(inquiry_id=inquiry.pk, kind="inquiry.erased", by=by, now=now)
