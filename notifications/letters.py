"""The letters that staff have rewritten: placeholders put in by name, never a template that runs.

A text is a subject, and paragraphs with an empty line between them. `{when}`, `{times}` and `{fresh}` alone in a
paragraph are shown large; `{link}` at the end of one is the button, and the line before it is what the button says.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inquiries.clinic import clinic
from inquiries.models import StaffMember
from notifications import discretion
from notifications.models import LetterText, Notification

Kind = Notification.Kind
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Mail programs make links of names alone; only such as end like those of the web, for "evening.See you" is a slip.
ADDRESS = re.compile(r"://|www\.|@|\w\.\w{2,}/|\w\.(?:com|org|net|info|io|co|ly|health)\b", re.IGNORECASE)
OF_ALL = ("name", "clinic", "phone", "reference", "link")
OF_A_CALL = ("when", "day", "date", "time", "zone", "minutes")
FURTHER: dict[str, tuple[str, ...]] = {
    Kind.INQUIRY_RECEIVED: (),
    Kind.REQUEST_RECEIVED: (*OF_A_CALL, "answer_by"),
    Kind.APPOINTMENT_CONFIRMED: OF_A_CALL,
    Kind.REQUEST_DECLINED: OF_A_CALL,
    Kind.TIMES_PROPOSED: ("times", "until", "minutes"),
    Kind.REQUEST_EXPIRED: (*OF_A_CALL, "fresh"),
    Kind.APPOINTMENT_RESCHEDULED: (*OF_A_CALL, "old"),
    Kind.APPOINTMENT_CANCELLED: OF_A_CALL,
    Kind.REMINDER: OF_A_CALL,
    Kind.NO_SHOW_FOLLOW_UP: OF_A_CALL,
}
# What a reader could not do without.
REQUIRED: dict[str, tuple[str, ...]] = {
    Kind.REQUEST_RECEIVED: ("when", "answer_by"),
    Kind.APPOINTMENT_CONFIRMED: ("when",),
    Kind.TIMES_PROPOSED: ("times", "until"),
    Kind.APPOINTMENT_RESCHEDULED: ("when",),
    Kind.APPOINTMENT_CANCELLED: ("when",),
    Kind.REMINDER: ("when",),
}
ALONE = ("when", "times", "fresh", "link")  # not for a subject
EDITABLE = tuple(FURTHER)


class Unfit(Exception):
    """This text can't be a letter; `sentences` say why, and what to do."""

    permanent = True

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Text:
    """What staff write: a subject, and paragraphs."""

    subject: str
    body: str


@dataclass(frozen=True)
class Piece:
    """A part of a letter: a paragraph, the time, a list of times, or the button."""

    shape: str
    text: str = ""
    moments: tuple[Any, ...] = ()


def placeholders_of(kind: str) -> tuple[str, ...]:
    return (*OF_ALL, *FURTHER[kind])


def in_force() -> dict[tuple[str, str], Text]:
    """What staff wrote, by kind and language; none where the standard text is used."""
    newest = LetterText.objects.order_by("kind", "language", "-version").distinct("kind", "language")
    return {(row.kind, row.language): Text(row.subject, row.body) for row in newest if row.body}


def versions(kind: str, language: str) -> Any:
    """The newest first."""
    found = LetterText.objects.filter(kind=kind, language=language).select_related("by")
    return found.order_by("-version")


def tidied(subject: str, body: str) -> Text:
    lines = "\n".join(" ".join(line.split()) for line in body.replace("\r\n", "\n").split("\n"))
    return Text(" ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", lines).strip())


@transaction.atomic
def rewrite(*, kind: str, language: str, text: Text, by: StaffMember, now: dt.datetime) -> LetterText:
    """Put a new version in force. Letters that are written ahead of time are written anew. Raises Unfit."""
    problems = problems_of(kind, text)
    if problems:
        raise Unfit(problems)
    return _put(kind, language, text, by, now)


@transaction.atomic
def reset(*, kind: str, language: str, by: StaffMember, now: dt.datetime) -> LetterText:
    """Back to the standard text; what was written before stays among the versions."""
    return _put(kind, language, Text("", ""), by, now)


def _put(kind: str, language: str, text: Text, by: StaffMember, now: dt.datetime) -> LetterText:
    last = versions(kind, language).first()
    ahead = Notification.objects.filter(kind=kind, status=Notification.Status.DUE, attempts=0).exclude(body="")
    ahead.update(body="")
    return LetterText.objects.create(
        kind=kind,
        language=language,
        version=(last.version if last else 0) + 1,
        subject=text.subject,
        body=text.body,
        by=by,
        at=now,
    )


# --- What a text may not be --------------------------------------------------------------------------


def problems_of(kind: str, text: Text) -> list[str]:
    """Sentences for whoever wrote it, none when it is fit to be sent."""
    whole = f"{text.subject}\n{text.body}"
    if not text.subject or not text.body:
        return [_("Write a subject and a text.")]
    return [*_wrong_placeholders(kind, text), *_missing(kind, text), *_indiscreet(whole)]


def _wrong_placeholders(kind: str, text: Text) -> Iterable[str]:
    known = placeholders_of(kind)
    shown = ", ".join(f"{{{name}}}" for name in known)
    for name in dict.fromkeys(PLACEHOLDER.findall(f"{text.subject}\n{text.body}")):
        if name not in known:
            yield _("{%(name)s} is not a placeholder of this letter. Use these: %(known)s.") % {
                "name": name,
                "known": shown,
            }
    if re.search(r"[{}]", PLACEHOLDER.sub("", f"{text.subject}\n{text.body}")):
        yield _("A brace stands alone. Write placeholders as in this list: %(known)s.") % {"known": shown}
    for name in ALONE:
        if f"{{{name}}}" in text.subject:
            yield _("{%(name)s} is too long for a subject. Put it into the text.") % {"name": name}


def _missing(kind: str, text: Text) -> Iterable[str]:
    for name in REQUIRED.get(kind, ()):
        if f"{{{name}}}" not in text.body:
            yield _("The text needs {%(name)s}, so that nobody has to guess.") % {"name": name}
    if not any(paragraph.split("\n")[-1] == "{link}" for paragraph in text.body.split("\n\n")):
        yield _("The text needs {link}, on a line of its own at the end of a paragraph: it is the way to answer.")


def _indiscreet(whole: str) -> Iterable[str]:
    words = sorted(set(discretion.health_words(PLACEHOLDER.sub(" ", whole))))
    if words:
        yield _("These words would tell others why somebody writes to us: %(words)s. Leave them out.") % {
            "words": ", ".join(words)
        }
    names = {clinic().name, discretion.discreet_name(clinic().name)}
    if any(name and discretion.plain(name) in discretion.plain(whole) for name in names):
        yield _("Write {clinic} instead of the clinic's name: it is left out for people who ask for discretion.")
    if ADDRESS.search(whole):
        yield _("Leave out web and e-mail addresses. {link} leads to the patient's own page.")


# --- What a letter says -------------------------------------------------------------------------------


def is_ordinary(kind: str, facts: dict[str, Any]) -> bool:
    """Whether the rewritten text fits; rare turns of a story (a closure, a call that stays) keep the standard one."""
    if not facts.get("link"):
        return False
    if kind in (Kind.APPOINTMENT_CONFIRMED, Kind.REMINDER):
        return bool(facts["has_phone"])
    if kind == Kind.APPOINTMENT_RESCHEDULED:
        return bool(facts["invited"])
    if kind in (Kind.REQUEST_DECLINED, Kind.REQUEST_EXPIRED):
        return not facts["stays"] and facts["was"] != "proposed"
    if kind in (Kind.APPOINTMENT_CANCELLED, Kind.TIMES_PROPOSED):
        return not facts["closed"] and facts["by"] == "staff"
    return kind != Kind.REQUEST_RECEIVED or not facts["kept"]


def filled(text: str, facts: dict[str, Any]) -> str:
    """The text with its placeholders put in, by name; what they hold is not looked at again."""
    values = _values(facts)
    return " ".join(PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text).split())


def pieces(body: str, facts: dict[str, Any]) -> list[Piece]:
    return [piece for paragraph in body.split("\n\n") if (piece := _piece(paragraph, facts))]


def _piece(paragraph: str, facts: dict[str, Any]) -> Piece | None:
    *before, last = paragraph.split("\n")
    if paragraph == "{when}":
        return Piece("when")
    if paragraph in ("{times}", "{fresh}"):
        moments = tuple(facts["offers" if paragraph == "{times}" else "fresh"])
        return Piece("times", moments=moments) if moments else None
    if last == "{link}":
        return Piece("link", text=filled(" ".join(before), facts).rstrip(":"))
    text = filled(paragraph, facts)
    return Piece("paragraph", text=text) if text else None


def _values(facts: dict[str, Any]) -> dict[str, str]:
    when = facts.get("when")
    plain = {"name": "called", "clinic": "clinic", "phone": "phone", "reference": "reference", "minutes": "minutes"}
    plain |= {"old": "old", "answer_by": "answer_by", "until": "until", "when": "when", "link": "link"}
    values = {name: str(facts.get(fact) or "") for name, fact in plain.items()}
    values |= {
        name: "; ".join(map(str, facts.get(fact, ()))) for name, fact in (("times", "offers"), ("fresh", "fresh"))
    }
    if when is not None:
        values |= {"day": when.day, "date": when.short_day, "time": when.time, "zone": when.zone}
    return values
