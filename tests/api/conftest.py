import pytest
import time_machine

from scheduling.models import AppointmentType
from tests.api.caller import Caller, at_the_desk


@pytest.fixture(autouse=True)
def _monday_at_ten(clock: time_machine.Traveller, kind: AppointmentType) -> None:
    """Every test here begins at NOW with the demo clinic."""


@pytest.fixture
def visitor() -> Caller:
    return Caller()


@pytest.fixture
def desk() -> Caller:
    """A coordinator's calls."""
    return at_the_desk()


@pytest.fixture
def manager() -> Caller:
    return at_the_desk("manager")
