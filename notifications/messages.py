"""What each message says, in its reader's language and zone: text, HTML, and a calendar entry where there is a call."""

import datetime as dt
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.template import Context, Engine, Template
from django.urls import reverse
from django.utils import translation

from inquiries.clinic import clinic
from inquiries.models import AccessLink
from notifications import discretion, entries, envelope, letters, unsubscribing
from notifications.invitations import Invitation
from notifications.models import Notification
from notifications.readers import Reader, address_of, reader_of
from scheduling import booking, moments, slots
from scheduling.models import Appointment

logger = logging.getLogger(__name__)
Kind, Status = Notification.Kind, Appointment.Status
# What these say depends on whether an entry of ours is in their reader's calendar.
SPEAK_OF_CALENDAR = (Kind.APPOINTMENT_RESCHEDULED, Kind.APPOINTMENT_CANCELLED, Kind.TIMES_PROPOSED)
FRESH_TIMES = 3
OwnTexts = dict[tuple[str, str], letters.Text]
FRAME = {"frame": "patient", "when": "when", "times": "times"}
WORDS_OF_FRAME = {
    "en": {"open_page": "Open your page"},
    "es": {"open_page": "Abrir su página"},
}


@dataclass(frozen=True)
class When:
    """A moment as its reader reads it."""

    moment: dt.datetime
    zone_name: str
    language: str
    now: dt.datetime

    @property
    def day(self) -> str:
        return moments.day_in_words(self.moment, zone=self.zone_name, language=self.language)

    @property
    def short_day(self) -> str:
        return moments.day_in_words(self.moment, zone=self.zone_name, language=self.language, year=False)

    @property
    def time(self) -> str:
        return moments.time_in_words(self.moment, zone=self.zone_name, language=self.language)

    @property
    def zone(self) -> str:
        return moments.zone_in_words(self.moment, zone=self.zone_name, language=self.language)

    @property
    def ours(self) -> str:
        """The clinic's time, '' where its clock shows the same."""
        ours = settings.CLINIC_TIME_ZONE
        if moments.same_clock(self.moment, self.zone_name, ours):
            return ""
        return moments.in_words(self.moment, zone=ours, language=self.language)

    @property
    def clocks_change(self) -> bool:
        """Whether the reader's clock is changed between now and then."""
        now, then = (moments.local(moment, self.zone_name).utcoffset() for moment in (self.now, self.moment))
        return now != then

    def __str__(self) -> str:
        return moments.in_words(self.moment, zone=self.zone_name, language=self.language)


@dataclass(frozen=True)
class Texts:
    subject: str
    text: str
    html: str


def render(rows: Iterable[Notification], *, now: dt.datetime) -> list[str]:
    """Each whole message as it goes over the wire, ASCII with CRLF, written as of its minute, or now when that is past.

    New links to the patients' pages are made for them. Raises Indiscreet when a word in one would tell why the person
    wrote to us.
    """
    own: OwnTexts = letters.in_force()
    links: list[AccessLink] = []
    written = [_render(row, own, links, now=max(now, row.due_at)) for row in rows]
    AccessLink.objects.bulk_create(links)
    return written


def _render(row: Notification, own: OwnTexts, links: list[AccessLink], *, now: dt.datetime) -> str:
    reader = reader_of(row)
    facts = context(row, reader, now=now)
    if row.is_for_patient and row.inquiry.erasure_requested_at is None:  # who is to be forgotten has no page any more
        token, link = AccessLink.draw(inquiry=row.inquiry, now=now)
        links.append(link)
        facts["link"] = _page_of(token, reader)
    entry = entries.entry_of(row, reader, now=now)
    texts = _fit_texts(row.kind, facts, entry, reader, own.get((row.kind, reader.language)))
    message = envelope.seal_up(
        recipient=address_of(row),
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        invitation=entry,
        message_id=row.message_id,
        language=reader.language,
        discreet=reader.discreet,
        unsubscribe=facts.get("stop", ""),
        now=now,
    )
    return message.decode("ascii")


def _page_of(token: str, reader: Reader) -> str:
    """The link to the patient's own page, which only opens it; the buttons there act."""
    with translation.override(reader.language):
        return f"{settings.SITE_URL}{reverse('patient', kwargs={'token': token})}"


def _fit_texts(
    kind: str, facts: dict[str, Any], entry: Invitation | None, reader: Reader, own: letters.Text | None
) -> Texts:
    """As staff have written it, or else, also where that turns out to be indiscreet, the standard text.

    Raises Indiscreet.
    """
    links = [facts.get("link", ""), facts.get("stop", "")]
    if own is not None and letters.is_ordinary(kind, facts):
        texts = rewritten(own, facts)
        try:
            _refuse_indiscreet(texts, entry, reader, links=links)
        except discretion.Indiscreet as error:
            logger.warning("the clinic's own %s (%s) is not used: %s", kind, reader.language, error)
        else:
            return texts
    texts = standard(kind, facts)
    _refuse_indiscreet(texts, entry, reader, links=links)
    return texts


def standard(kind: str, facts: dict[str, Any]) -> Texts:
    """Subject, text and HTML, from three files that are named after the kind."""
    files = [f"notifications/{facts['language']}/{kind}.{ending}" for ending in ("subject.txt", "txt", "html")]
    with translation.override(facts["language"]):
        subject, text, html = map(Engine.get_default().get_template, files)
        return _texts(" ".join(subject.render(Context(facts, autoescape=False)).split()), text, html, facts)


def rewritten(own: letters.Text, facts: dict[str, Any]) -> Texts:
    """Subject, text and HTML of a text of staff, in the frame of all letters."""
    folder = f"notifications/{facts['language']}"
    files = {
        f"{name}_{ending}": f"{folder}/{file}.{ending}" for name, file in FRAME.items() for ending in ("txt", "html")
    }
    more = {"pieces": letters.pieces(own.body, facts), **WORDS_OF_FRAME[facts["language"]], **files}
    with translation.override(facts["language"]):
        text, html = map(Engine.get_default().get_template, ("notifications/letter.txt", "notifications/letter.html"))
        return _texts(letters.filled(own.subject, facts), text, html, facts | more)


def _texts(subject: str, text: Template, html: Template, facts: dict[str, Any]) -> Texts:
    known = {**facts, "subject": subject}
    return Texts(
        subject=subject,
        text=_tidy(text.render(Context(known, autoescape=False))),
        html=_inliner().inline(html.render(Context(known))),
    )


def context(row: Notification, reader: Reader, *, now: dt.datetime) -> dict[str, Any]:
    """What a template may speak of. Nothing here says what the person wrote, or seeks."""
    facts = {
        "language": reader.language,
        "clinic": "" if reader.discreet else discretion.discreet_name(clinic().name),
        "phone": clinic().phone,
    }
    if row.kind == Kind.CALENDAR_BROKEN:
        return facts | _about_calendar(row)
    facts["reference"] = row.inquiry.reference
    facts |= _about_patient(row) if row.is_for_patient else _about_desk(row)
    return facts | (_about_call(row, row.appointment, reader, now=now) if row.appointment else {})


def _about_patient(row: Notification) -> dict[str, Any]:
    """How to address them, whether we can call, and where reminders end."""
    contact = row.inquiry.contact
    called = contact.called
    facts: dict[str, Any] = {
        "called": "" if discretion.health_words(called) else called,
        "has_phone": bool(contact.phone_index),
    }
    if row.kind == Kind.REMINDER:
        facts["stop"] = unsubscribing.address_for(row.inquiry)
    return facts


def _about_calendar(row: Notification) -> dict[str, Any]:
    """Where staff find it; not whose it is, nor where it is read."""
    page = reverse("desk-outside", kwargs={"pk": row.calendar.practitioner_id}) if row.calendar else reverse("desk")
    return {"desk": settings.SITE_URL + page}


def _about_desk(row: Notification) -> dict[str, Any]:
    """Where staff find it, and how many other requests this message speaks for."""
    others = row.merged.count() if row.kind == Kind.STAFF_NEW_REQUEST else 0
    desk, queue = (reverse("desk-inquiry", kwargs={"pk": row.inquiry_id}), reverse("desk"))
    return {"desk": settings.SITE_URL + desk, "queue": settings.SITE_URL + queue, "others": others}


def _about_call(row: Notification, call: Appointment, reader: Reader, *, now: dt.datetime) -> dict[str, Any]:
    told = row.activity.facts
    before = told.get("before", {})
    announced = entries.announced(row) if row.kind in SPEAK_OF_CALENDAR else None
    # what ends is the call in their calendar; other times may have been offered or asked for since
    start, end = announced if announced and row.kind == Kind.APPOINTMENT_CANCELLED else (call.start, call.end)

    def when(moment: dt.datetime | None) -> When | None:
        return When(moment, reader.zone, reader.language, now) if moment else None

    return {
        "when": when(start),
        "minutes": int((end - start).total_seconds()) // 60,
        "old": when(_moment(before.get("start"))),
        "was": before.get("status", ""),
        "closed": told.get("text", ""),
        "withdrawn": entries.is_withdrawn(row),
        "stays": call.status == Status.BOOKED,
        "over": call.status not in Appointment.HOLDING,
        "by": row.activity.actor,
        "refused": row.activity.kind == "appointment.offers_refused",
        "answer_by": when(call.answer_by),
        "until": when(_moment(told.get("until")) or call.held_until),
        "earlier": row.activity.kind == "appointment.earlier_offered",
        "offers": [when(offer.start) for offer in booking.offers_of(call, now=now)],
        "kept": when(_kept(call)),
        "fresh": [when(start) for start in _fresh(row, call, now=now)],
        "invited": announced is not None,
    }


def _moment(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None


def _kept(call: Appointment) -> dt.datetime | None:
    """The confirmed time that is kept while staff decide on a move."""
    return call.holds.filter(status=Status.BOOKED).values_list("start", flat=True).first()


def _fresh(row: Notification, call: Appointment, *, now: dt.datetime) -> list[dt.datetime]:
    """The next free times, for somebody whose time we let go."""
    if row.kind != Kind.REQUEST_EXPIRED or call.status == Status.BOOKED:
        return []
    language = row.inquiry.preferred_language
    found = slots.nearest(kind=call.appointment_type, start=call.start, now=now, language=language, count=FRESH_TIMES)
    return [slot.start for slot in found]


def _refuse_indiscreet(texts: Texts, entry: Invitation | None, reader: Reader, *, links: list[str]) -> None:
    """What settings say of the clinic is its own choice, except towards those who asked that its name be left out.

    The `links` are random: a word in them says nothing.
    """
    address = envelope.sender_address()
    hosts = [urlsplit(settings.SITE_URL).netloc, address, address.rpartition("@")[2]]
    calendar = entry.as_text().replace("\r\n ", "") if entry else ""
    unwanted = [clinic().name, discretion.discreet_name(clinic().name)] if reader.discreet else []
    addressee = entry.attendee if entry else ""
    discretion.check(
        [texts.subject, texts.text, texts.html, calendar], allowed=[*links, addressee, *hosts], unwanted=unwanted
    )


def _tidy(text: str) -> str:
    """Without the blank lines that template tags leave behind."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


@cache
def _inliner() -> css_inline.CSSInliner:
    """Styles go to the elements; only what can't (dark mode) stays in the head."""
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
