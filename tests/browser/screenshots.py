"""`make screenshots`: the pictures of the README, from a fresh demo, into docs/screenshots/.

`make gallery`: every page and state of visitors and of the desk into a folder, in both languages, on a phone
and at a desk; the phone's in the dark too.
"""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright  # noqa: E402

from config.embedded.processes import free_port  # noqa: E402
from inquiries.models import StaffMember  # noqa: E402
from tests.browser.chromium import launched  # noqa: E402
from tests.browser.desk_gallery import desk_pages  # noqa: E402
from tests.browser.gallery import addresses  # noqa: E402
from tests.factories import a_staff_member, an_appointment, an_inquiry, free_times  # noqa: E402

FOLDER = Path(settings.BASE_DIR) / "docs" / "screenshots"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
LOOKS = [("phone", PHONE, "light"), ("phone", PHONE, "dark"), ("desk", DESK, "light")]
PATIENT = [
    ("clinic", "home", "en", DESK, "light"),
    ("contact", "contact-with-time", "es", PHONE, "light"),
    ("picker", "picker", "en", PHONE, "light"),
    ("held", "pending", "es", PHONE, "light"),
    ("confirmed", "booked", "en", PHONE, "dark"),
]
CALLERS = [("Rosa", "Prado", "es"), ("Tom", "Ellis", "en"), ("June", "Hart", "en"), ("Iván", "Soto", "es")]


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_demo", stdout=StringIO())
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with served() as site, sync_playwright() as playwright, launched(playwright) as browser:
        if len(sys.argv) > 1:
            take_everything(browser, site, folder)
        else:
            take_the_desk(browser, site)
            take_the_patients_side(browser, site)


@contextmanager
def served() -> Iterator[str]:
    """The address of the site, served by Gunicorn as in production until the pictures are taken."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env={**os.environ, "PORT": str(port)})
    site = f"http://127.0.0.1:{port}"
    try:
        wait_for(site + "/healthz")
        yield site
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str, seconds: float = 30) -> None:
    """Return once it answers. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


def take_the_patients_side(browser: Browser, site: str) -> None:
    paths = {language: addresses(language=language, now=timezone.now()) for language in ("en", "es")}
    for name, page, language, screen, scheme in PATIENT:
        take(browser, site, paths[language][page], name, screen=screen, scheme=scheme, language=language)


def take_everything(browser: Browser, site: str, folder: Path) -> None:
    """The whole length of each page; one browser window for all pages of a kind."""
    now, member = timezone.now(), a_staff_member("max", role="manager", first_name="Max", last_name="Rivera")
    desk = desk_pages(member, now)
    for language in ("en", "es"):
        StaffMember.objects.filter(pk=member.pk).update(language=language)
        pages = addresses(language=language, now=now) | {f"desk.{name}": path for name, path in desk.items()}
        for screen_name, screen, scheme in LOOKS:
            with opened(browser, site, screen=screen, scheme=scheme, language=language, member=member) as page:
                for name, path in pages.items():
                    page.goto(site + path, wait_until="networkidle")
                    picture = f"{name}.{language}.{screen_name}.{scheme}.png".replace(" ", "-")
                    page.screenshot(path=folder / picture, full_page=True)


def take_the_desk(browser: Browser, site: str) -> None:
    now = timezone.now()
    for (given, family, language), start in zip(CALLERS, free_times(8, now=now)[::2], strict=False):
        inquiry = an_inquiry(now=now, given_name=given, family_name=family, language=language, email="")
        appointment = an_appointment(inquiry=inquiry, start=start, now=now)
    dana = a_staff_member("dana")
    take(browser, site, "/desk/", "desk-queue", member=dana)
    take(browser, site, f"/desk/appointments/{appointment.pk}/", "desk-request", member=dana)


def take(browser: Browser, site: str, path: str, name: str, **look: Any) -> None:
    with opened(browser, site, **look) as page:
        answer = page.goto(site + path)
        if answer is None or not answer.ok or page.url != site + path:
            raise RuntimeError(f"{name}: {page.url} answered {answer and answer.status}")
        page.screenshot(path=FOLDER / f"{name}.png")


@contextmanager
def opened(
    browser: Browser,
    site: str,
    *,
    screen: ViewportSize = DESK,
    scheme: str = "light",
    language: str = "en",
    member: StaffMember | None = None,
) -> Iterator[Page]:
    """A page of a fresh window; signed in where a member is given."""
    context = browser.new_context(
        viewport=screen,
        color_scheme="dark" if scheme == "dark" else "light",
        locale=language,
        timezone_id=settings.CLINIC_TIME_ZONE,
    )
    if member:
        client = Client()
        client.force_login(member)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    main()
