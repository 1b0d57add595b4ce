"""PostgreSQL is really stopped under a running Gunicorn: whoever needs help still finds it, and nobody loses words."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar

import pytest

from config.embedded.postgres_server import PostgresServer
from config.embedded.processes import free_port, spawn, stop
from tests.race.server import call, wait_until_ready
from tests.servers import BASE_DIR, FAST_AND_CARELESS

CRISIS = ["tel:911", "tel:988", "sms:988"]
ANA = {"given_name": "Ana", "email": "ana@example.com", "consent_contact": "on", "time_zone": "America/New_York"}


@dataclass
class Site:
    """A clinic of its own: its PostgreSQL, its port, and one visitor with a browser's cookies."""

    postgres: PostgresServer
    port: int

    def __post_init__(self) -> None:
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def read(self, path: str, sent: dict[str, str] | None = None) -> tuple[int, str]:
        body = urllib.parse.urlencode(sent).encode() if sent else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body)
        request.add_header("Referer", f"http://127.0.0.1:{self.port}{path}")
        try:
            with self.browser.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("clinic")
    postgres = PostgresServer(folder / "postgres", log=folder / "postgres.log", options=FAST_AND_CARELESS)
    postgres.start()
    port = free_port()
    ours = {"DATABASE_URL": postgres.url, "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    for command in ("migrate", "seed_demo"):
        argv = [sys.executable, "manage.py", command]
        subprocess.run(argv, env={**os.environ, **ours}, cwd=BASE_DIR, check=True, capture_output=True)
    gunicorn = spawn(
        [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py"],
        log=folder / "web.log",
        env={**os.environ, **ours},
        cwd=BASE_DIR,
    )
    try:
        wait_until_ready(gunicorn, port, folder / "web.log")
        yield Site(postgres, port)
    finally:
        stop([gunicorn], signal.SIGTERM, seconds=10)
        postgres.stop()


@pytest.fixture(scope="module")
def away(site: Site) -> tuple[Site, str]:
    """The site after its PostgreSQL has gone under its open connections, and a patient's page from before."""
    wish = {"given_name": "Ana", "email": "a@example.com", "time_zone": "UTC", "consent": {"contact": True}}
    kept = call(site.port, "POST", "/api/v1/inquiries/", wish)
    assert kept.status == 201, kept.body
    (page,) = set(re.findall(r"/m/[\w-]{43}/", str(kept.body)))
    assert site.read("/")[0] == 200
    site.postgres.stop()
    return site, page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/es/", 200),
        ("/treatment/", 200),
        ("/help/", 200),
        ("/es/help/", 200),
        ("/contact/", 200),
        ("{page}help/", 200),
        ("/es{page}help/", 200),
        ("{page}", 500),
        ("{page}time/", 500),
        ("/nowhere/", 404),
    ],
)
def test_every_page_still_says_where_help_is(away: tuple[Site, str], path: str, status: int) -> None:
    site, page = away

    answered, text = site.read(path.format(page=page))

    assert answered == status
    assert re.findall(r'href="(tel:911|tel:988|sms:988)"', text)[:3] == CRISIS


def test_a_form_that_cannot_be_kept_comes_back_filled_in_and_help_stands_first(away: tuple[Site, str]) -> None:
    site, _ = away
    (mark,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', site.read("/contact/")[1])

    status, text = site.read("/contact/", {**ANA, "needs_help_now": "yes", "csrfmiddlewaretoken": mark})

    assert status == 503
    assert 'value="ana@example.com"' in text
    assert text.index("You do not have to wait for us") < text.index('name="given_name"')


def test_a_form_without_its_mark_is_refused_with_the_way_to_help(away: tuple[Site, str]) -> None:
    site, _ = away

    status, text = site.read("/contact/", ANA | {"csrfmiddlewaretoken": "x" * 64})

    assert (status, re.findall(r'href="(tel:911|tel:988|sms:988)"', text)[:3]) == (403, CRISIS)
