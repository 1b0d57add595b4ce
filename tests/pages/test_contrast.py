"""The colours of both schemes, measured as WCAG 2.2 measures them."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from inquiries.colours import contrast

SHEETS = Path(settings.BASE_DIR) / "config" / "static"
TOKENS = (SHEETS / "tokens.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))
    for part in TOKENS.split("@media (prefers-color-scheme: dark)")
)
SCHEMES = {"light": LIGHT, "dark": {**LIGHT, **DARK}}
TEXT, CONTROL = 4.5, 3.0

STATES = ("waiting", "offered", "booked", "done", "missed", "ended")
PAIRS = [
    *[
        (ink, ground, TEXT)
        for ink in ("ink", "ink-soft", "accent", "accent-strong")
        for ground in ("paper", "surface", "sunken")
    ],
    *[(ink, "accent-soft", TEXT) for ink in ("ink", "ink-soft", "accent-strong")],
    *[("on-accent", ground, TEXT) for ground in ("accent", "accent-strong")],
    *[(state, f"{state}-soft", TEXT) for state in STATES],
    ("care", "care-soft", TEXT),
    ("danger", "surface", TEXT),
    ("danger", "paper", TEXT),
    ("danger", "danger-soft", TEXT),
    ("surface", "danger", TEXT),
    *[("line-strong", ground, CONTROL) for ground in ("paper", "surface", "sunken")],
    *[("focus", ground, CONTROL) for ground in ("paper", "surface", "sunken", "care-soft", "accent-soft")],
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme: str, ink: str, ground: str, least: float) -> None:
    colours = SCHEMES[scheme]

    assert contrast(colours[ink], colours[ground]) >= least


@pytest.mark.parametrize("sheet", sorted(SHEETS.glob("*.css")), ids=lambda sheet: sheet.name)
def test_a_sheet_closes_every_rule_before_the_next_chapter(sheet: Path) -> None:
    """A rule left open swallows all that follows, and browsers say nothing."""
    chapters = sheet.read_text().split("/* --- ")

    assert [chapter[:40] for chapter in chapters if chapter.count("{") != chapter.count("}")] == []
