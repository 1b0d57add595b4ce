"""What every test may ask for: a clinic, a clock that stands still at `NOW`, and counters that start at nought."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from inquiries import clinic
from scheduling.models import AppointmentType
from tests.calendar_servers import FeedServer, feed_server
from tests.factories import NOW, a_clinic


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the append-only logs otherwise refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("alter table inquiries_activity disable trigger activity_never_truncated")
        cursor.execute("alter table inquiries_accountevent disable trigger account_trail_never_truncated")
        cursor.execute("alter table scheduling_export disable trigger export_never_truncated")


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """No test is throttled by what an earlier one did."""
    cache.clear()


@pytest.fixture(autouse=True)
def _clinic_as_configured() -> None:
    """No test knows what an earlier one called the clinic, and none asks the database for it."""
    clinic.known(None, lasts=3600)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """No test hears the language that an earlier one spoke."""
    with translation.override("en"):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands still at NOW until the test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """A server with somebody's calendar on it, empty until the test fills it."""
    with feed_server() as server:
        yield server


@pytest.fixture
def kind(db: None) -> AppointmentType:
    """The demo clinic's screening call, with three practitioners at work."""
    return a_clinic()
