"""Figures for machines: for those who may, and without a person in them."""

import re
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.test import Client

from tests.factories import a_link, an_appointment, an_inquiry
from tests.race.server import call, serving

pytestmark = pytest.mark.django_db


def test_metrics_tell_of_messages_calls_and_requests_and_of_no_person(
    kind: object, clock: object, client: Client
) -> None:
    call_of_ana = an_appointment("booked", inquiry=an_inquiry())
    token = a_link(call_of_ana.inquiry)
    client.get(f"/m/{token}/")

    told = client.get("/metrics").text

    assert 'firstcall_calls{status="booked"} 1.0' in told
    assert 'firstcall_requests_total{method="GET",route="m/<str:token>/",status="200"}' in told
    assert "firstcall_oldest_due_seconds 0.0" in told
    assert 'firstcall_healthy{part="worker"} 0.0' in told
    assert [secret for secret in (token, "Ana", "ana@", call_of_ana.inquiry.pk.hex) if secret in told] == []


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "203.0.113.5", 404),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 404),
        ({"Authorization": "Bearer right"}, "203.0.113.5", 200),
        ({"Authorization": "Bearer wrong"}, "203.0.113.5", 404),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    client: Client, settings: Any, headers: dict[str, str], address: str, status: int
) -> None:
    settings.METRICS_TOKEN = "right"

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_behind_a_proxy_only_the_token_counts(client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert client.get("/metrics").status_code == 404


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_processes_of_the_web_are_counted_together(tmp_path: Path) -> None:
    with serving("config.wsgi:application", tmp_path) as port:
        for _ in range(20):
            call(port, "GET", "/healthz")
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            told = answer.read().decode()

    (healthz,) = re.findall(r'firstcall_requests_total\{method="GET",route="healthz",status="200"\} (\S+)', told)
    assert float(healthz) >= 20
