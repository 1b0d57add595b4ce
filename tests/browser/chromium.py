"""Starts the machine's Chromium, quiet: it asks nobody for updates."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def path() -> str:
    """Where Chromium is. Raises FileNotFoundError with what to do."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise FileNotFoundError("The browser tests need Chromium: run .ci/chromium, or set CHROMIUM to its path.")
    return found


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's sandbox refuses root
    browser = playwright.chromium.launch(executable_path=path(), args=[*FLAGS, *sandbox])
    try:
        yield browser
    finally:
        browser.close()
