"""Compiled message catalogues (.mo), which are not committed, made from the .po files without gettext.

`python -m config.embedded.translations` compiles those that are older than their source.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(locale: Path) -> None:
    """Compile every stale catalogue below `locale`; a reader sees the old file or the new one."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            compile_one(source, target)


def compile_one(source: Path, target: Path) -> None:
    """Compile one catalogue; fuzzy translations are left out, so that their text stays English."""
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3])
    fresh = target.with_suffix(".mo.new")
    with fresh.open("wb") as out:
        write_mo(out, catalogue)
    fresh.replace(target)


if __name__ == "__main__":
    compile_catalogues(Path(__file__).resolve().parent.parent.parent / "locale")
