"""What production is told: every setting can be given, no port is open to the world, no secret has a default."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.stack.stacks import BASE_DIR

FIXED = {"DATA_DIR", "FIRSTCALL_MODE", "HOST", "PORT"}
"""Settled by the image, or never set by hand."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text()))


@pytest.fixture(scope="module")
def settings_read() -> set[str]:
    """Names that settings read from the environment."""
    text = (BASE_DIR / "config" / "settings.py").read_text()
    return set(re.findall(r'(?:env\.\w+|required)\("([A-Z_]+)"', text)) - FIXED


def test_compose_passes_on_every_setting(compose: dict[str, Any], settings_read: set[str]) -> None:
    given = set(compose["services"]["web"]["environment"])
    assert settings_read <= given
    assert compose["services"]["worker"]["environment"] == compose["services"]["web"]["environment"]


def test_the_example_names_every_setting(settings_read: set[str]) -> None:
    named = set(re.findall(r"^(?:# )?([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    assert settings_read <= named


def test_compose_opens_ports_on_loopback_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_compose_holds_no_secret(compose: dict[str, Any]) -> None:
    environment = compose["services"]["web"]["environment"]
    assert [environment[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")] == [None, None]
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-}"


def test_every_service_of_compose_says_whether_it_is_healthy(compose: dict[str, Any]) -> None:
    silent = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert silent == {"migrate"}


@pytest.mark.parametrize("name", ["prod", "embedded", "dev"])
def test_a_lock_file_has_a_hash_for_each_package_and_names_no_host_and_no_path(name: str) -> None:
    text = (BASE_DIR / "requirements" / f"{name}.txt").read_text()
    pinned = re.findall(r"^[a-z0-9-]+==\S+.*\\$\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
    assert not re.search(r"https?://|(?:^|\s)/\w", text, re.MULTILINE)
