"""Who may do what: every address, called by nobody, by a coordinator, by a manager, and by somebody disabled."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from inquiries.models import Activity, ApiToken, StaffMember
from tests.api.caller import NOBODY, Caller
from tests.factories import NOW, a_bearer_token, a_staff_member

EXAMPLES = {
    "<uuid:pk>": NOBODY,
    "<int:pk>": "999999",
    "<slug:slug>": "nothing",
    "<slug:name>": "none",
    "<api_date:date>": "2026-12-09",
}
METHODS = ("get", "post", "put", "patch", "delete")


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def desk_routes() -> list[tuple[str, str]]:
    """(method, address) of everything below desk/."""
    found = []
    for path, view in addresses(get_resolver().url_patterns):
        if path.startswith("api/v1/desk/"):
            example = reduce(lambda address, pair: address.replace(*pair), EXAMPLES.items(), path)
            methods = [method for method in METHODS if hasattr(view.cls, method)]
            found += [(method.upper(), example.removeprefix("api/v1/")) for method in methods]
    return found


ROUTES = desk_routes()
RULES = ("desk/appointment-types", "desk/practitioners", "desk/office-hours")
MANAGERS_ALONE = ("desk/webhooks",)


def test_the_walk_finds_the_desk() -> None:
    assert len(ROUTES) >= 25
    assert not [path for _method, path in ROUTES if "<" in path]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_gets_in(method: str, path: str, visitor: Caller) -> None:
    answer = visitor.send(method, path)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="desk"'


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_disabled_persons_token_is_no_token(method: str, path: str) -> None:
    gone = a_staff_member("gone")
    caller = Caller(Authorization=f"Bearer {a_bearer_token(gone)}")
    StaffMember.objects.filter(pk=gone.pk).update(is_active=False)

    answer = caller.send(method, path)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_coordinator_gets_in_and_only_managers_change_the_rules(method: str, path: str, desk: Caller) -> None:
    is_a_rule = path.startswith(MANAGERS_ALONE) or (path.startswith(RULES) and method != "GET")

    status = desk.send(method, path).status_code

    assert (status == 403) == is_a_rule
    assert status != 401
    assert status < 500


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_manager_gets_in_everywhere(method: str, path: str, manager: Caller) -> None:
    assert manager.send(method, path).status_code in (200, 400, 404, 405)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp4", "Bearer a b", "Bearer é"])
def test_a_broken_token_is_401(header: str) -> None:
    assert Caller(Authorization=header).get("desk/appointments/").status_code == 401


def test_a_revoked_token_is_401(desk: Caller) -> None:
    assert desk.get("desk/appointments/").status_code == 200
    ApiToken.objects.update(revoked_at=NOW)
    assert desk.get("desk/appointments/").status_code == 401


def test_reading_the_desk_changes_nothing(manager: Caller) -> None:
    for method, path in ROUTES:
        if method == "GET":
            manager.send("GET", path)
            manager.send("HEAD", path)
    assert not Activity.objects.exists()
