"""What holds for every page and state: nothing that axe finds wrong, nothing wider than the screen, targets to hit."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page

from scheduling.models import AppointmentType
from tests.browser.conftest import Visitor
from tests.browser.gallery import addresses

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Links inside a sentence are exempt (WCAG 2.2, 2.5.8); everything else is a target of its own.
SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden]), label')]
  .filter(target => !target.closest('p:not(.actions):not(.badge), .vh, .trap, .skip, li a') && target.checkVisibility())
  .filter(target => !(target.matches('input, label') && target.closest('.tick, .time, .field')))
  .map(target => [target.textContent.trim().slice(0, 30), target.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && box.height < 43.5)
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""

UNSEEN = 0.01  # a tenth of what counts as good; a first frame drawn in two steps comes to 0.0001
# The sum of the layout shifts since the page began; an empty list of entries is told of too, a frame later.
SHIFTED = """() => new Promise(done => {
  let shifted = 0
  new PerformanceObserver(list => { for (const entry of list.getEntries()) shifted += entry.value })
    .observe({type: 'layout-shift', buffered: true})
  requestAnimationFrame(() => requestAnimationFrame(() => done(shifted)))
})"""

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def unfold(page: Page) -> None:
    """What is folded away is a part of the page too."""
    page.locator("details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")


def complaints(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("es", "dark")])
def test_axe_finds_nothing_wrong(visitor: Visitor, kind: AppointmentType, language: str, scheme: str) -> None:
    pages = addresses(language=language, now=timezone.now())
    page = visitor("/", color_scheme=scheme, reduced_motion="reduce", width=390, height=844)

    wrong = {}
    for name, path in pages.items():
        page.goto(path)
        unfold(page)
        wrong[name] = complaints(page)

    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_errors(visitor: Visitor, kind: AppointmentType, scheme: str) -> None:
    page = visitor("/contact/", color_scheme=scheme)
    page.get_by_role("button", name="Continue to the times").click()
    page.wait_for_selector("[role=alert]")
    unfold(page)

    assert complaints(page) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_is_wider_than_a_screen_of_320_pixels(visitor: Visitor, kind: AppointmentType, language: str) -> None:
    """1280 pixels at 400 % are 320."""
    page = visitor("/", width=320, height=640)

    wider, small, shifted = {}, {}, {}
    for name, path in addresses(language=language, now=timezone.now()).items():
        page.goto(path)
        shifted[name] = page.evaluate(SHIFTED)
        unfold(page)
        wider[name] = page.evaluate(WIDER)
        small[name] = page.evaluate(SMALL)

    assert {name: by for name, by in wider.items() if by > 0} == {}
    assert {name: targets for name, targets in small.items() if targets} == {}
    assert {name: by for name, by in shifted.items() if by > UNSEEN} == {}
