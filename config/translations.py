"""Message catalogues with Babel alone: no gettext programs are needed on the machine.

python -m config.translations extract    bring locale/*/LC_MESSAGES/django.po up to date with the sources
python -m config.translations check      exit 1 when a text is missing, untranslated, fuzzy or no longer used
python -m config.translations compile    make the .mo files, which are not committed
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

BASE_DIR = Path(__file__).resolve().parent.parent
LOCALE = BASE_DIR / "locale"
PACKAGES = ("config", "inquiries", "scheduling", "notifications")
LAZY = {name + "_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")}
KEYWORDS = {**DEFAULT_KEYWORDS, **LAZY, "gettext_noop": None}


def extract_template(file: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterable[Any]:
    """Babel's extraction method for Django templates, by way of Django's own translation to Python."""
    from django.utils.translation.template import templatize

    python = templatize(file.read().decode())
    unindented = "\n".join(line.lstrip() for line in python.splitlines())
    return extract_python(BytesIO(unindented.encode()), keywords, comment_tags, {**options, "encoding": "utf-8"})


def sources() -> Iterator[Path]:
    """Every file that may hold text for people."""
    for package in PACKAGES:
        for place in sorted((BASE_DIR / package).rglob("*")):
            is_template = "templates" in place.parts and place.suffix in (".html", ".txt")
            if is_template or (place.suffix == ".py" and "migrations" not in place.parts):
                yield place


def texts_in_sources() -> Catalog:
    """A catalogue of what the sources say, with the files that say it."""
    catalogue = Catalog(project="firstcall", charset="utf-8")
    for place in sources():
        method: Any = "python" if place.suffix == ".py" else extract_template
        with place.open("rb") as file:
            found = list(extract(method, file, KEYWORDS, ["Translators"], strip_comment_tags=True))
        for line, text, comments, context in found:
            where = (str(place.relative_to(BASE_DIR)), line)
            catalogue.add(text, None, [where], auto_comments=comments, context=context)
    return catalogue


def catalogues() -> list[Path]:
    """The .po file of each language that we translate into."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def read(place: Path) -> Catalog:
    """One catalogue."""
    with place.open("rb") as text:
        return read_po(text, locale=place.parts[-3])


def bring_up_to_date() -> None:
    """Add what is new, drop what is gone; nothing is guessed from texts that look alike."""
    found = texts_in_sources()
    for place in catalogues():
        catalogue = read(place)
        found.creation_date = catalogue.creation_date  # no line of noise in every commit
        catalogue.update(found, no_fuzzy_matching=True)
        with place.open("wb") as out:
            write_po(out, catalogue, width=100, ignore_obsolete=True, include_lineno=False)


def is_translated(message: Message) -> bool:
    """Whether every form of the text has a translation that somebody vouches for."""
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(forms) and all(forms) and not message.fuzzy


def key(message: Message) -> tuple[Any, ...]:
    """What makes a text the same text: its context and its singular."""
    singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return (message.context or "", singular)


def complaints(place: Path, found: Catalog) -> Iterator[str]:
    """A line for each thing that is wrong with one catalogue."""
    catalogue = read(place)
    have = {key(message): message for message in catalogue if message.id}
    want = {key(message): message for message in found if message.id}
    for text in want.keys() - have.keys():
        yield f"missing: {text[1]!r}"
    for text in have.keys() - want.keys():
        yield f"no longer used: {text[1]!r}"
    for text in want.keys() & have.keys():
        if not is_translated(have[text]):
            yield f"not translated: {text[1]!r}"
    for message, errors in catalogue.check():
        yield f"{errors[0]}: {message.id!r}"


def check() -> int:
    """Print every complaint; exit code 1 when there is one."""
    found = texts_in_sources()
    for place in catalogues():
        lines = sorted(complaints(place, found))
        sys.stdout.writelines(f"{place.relative_to(BASE_DIR)}: {line}\n" for line in lines)
        if lines:
            sys.stdout.write("`make messages` brings the file up to date; then translate what is new.\n")
            return 1
    return 0


def compile_catalogues(locale: Path = LOCALE) -> None:
    """Compile every catalogue that is newer than its .mo; a reader sees the old file or the new one."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_one(source, target)


def compile_one(source: Path, target: Path) -> None:
    """Compile one catalogue; fuzzy translations are left out, so that their text stays English."""
    fresh = target.with_suffix(f".{os.getpid()}.new")  # two processes that start at once each write their own
    with fresh.open("wb") as out:
        write_mo(out, read(source))
    fresh.replace(target)


def main(argv: list[str]) -> int:
    """Do what the command line says; the exit code."""
    verbs: dict[str, Callable[[], int | None]] = {
        "extract": bring_up_to_date,
        "check": check,
        "compile": compile_catalogues,
    }
    parser = argparse.ArgumentParser(prog="translations")
    parser.add_argument("verb", choices=verbs)
    return verbs[parser.parse_args(argv).verb]() or 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
