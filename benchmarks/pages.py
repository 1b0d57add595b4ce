"""The visitors' pages in Chromium on a phone's screen, nothing cached: largest paint, layout shift, weight."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, sync_playwright

from benchmarks.clinic import open_clinic
from benchmarks.server import running
from benchmarks.table import Row
from tests.browser.chromium import launched
from tests.browser.gallery import addresses

ROUNDS = 5
KILOBYTE = 1024
PAINTS = """() => new Promise(done => {
  const seen = {paint: 0, shift: 0}
  new PerformanceObserver(list => { for (const e of list.getEntries()) seen.paint = e.startTime })
    .observe({type: 'largest-contentful-paint', buffered: true})
  new PerformanceObserver(list => { for (const e of list.getEntries()) seen.shift += e.value })
    .observe({type: 'layout-shift', buffered: true})
  setTimeout(() => done(seen), 100)
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one visit: largest paint in seconds, cumulative layout shift, kilobytes without images."""

    paint: float
    shift: float
    weight: float


def visit(browser: Browser, address: str) -> Seen:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    weights: list[int] = []
    page.on("requestfinished", lambda asked: weights.append(_bytes(asked)))
    page.goto(address, wait_until="networkidle")
    seen = Seen(weight=sum(weights) / KILOBYTE, **_painted(page))
    context.close()
    return seen


def _bytes(asked: Request) -> int:
    return 0 if asked.resource_type == "image" else asked.sizes()["responseBodySize"]


def _painted(page: Page) -> dict[str, float]:
    found = page.evaluate(PAINTS)
    return {"paint": found["paint"] / 1000, "shift": found["shift"]}


def measure() -> Iterator[Row]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    open_clinic(3)
    with running() as port, sync_playwright() as playwright, launched(playwright) as browser:
        paths = addresses(language="es", now=timezone.now())
        visits = {
            name: [visit(browser, f"http://127.0.0.1:{port}{path}") for _ in range(ROUNDS)]
            for name, path in paths.items()
        }
    slowest = max(visits, key=lambda name: median(seen.paint for seen in visits[name]))
    paint = median(seen.paint for seen in visits[slowest])
    heaviest = max(visits, key=lambda name: visits[name][0].weight)
    weight = visits[heaviest][0].weight
    shift, shifting = max((max(seen.shift for seen in found), name) for name, found in visits.items())
    said = f"{len(visits)} pages, a phone's screen, nothing cached"
    yield Row(figure=f"largest paint, {said}", ours=f"{paint:.2f} s ({slowest})", against="1 s", value=paint, at_most=1)
    yield Row(figure=f"layout shift, {said}", ours=f"{shift:.3f} ({shifting})", against="0", value=shift, at_most=0)
    yield Row(
        figure="kilobytes over the wire, without images",
        ours=f"{weight:.0f} KB ({heaviest})",
        against="60 KB",
        value=weight / 60,
        at_most=1,
    )
