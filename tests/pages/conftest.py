import pytest

from inquiries.models import Inquiry
from scheduling.models import AppointmentType
from tests.factories import a_link, an_inquiry


@pytest.fixture
def ana(kind: AppointmentType, clock: object) -> Inquiry:
    """Ana asked to be contacted and has chosen no time; the clinic is open and the clock stands still."""
    return an_inquiry()


@pytest.fixture
def page(ana: Inquiry) -> str:
    """The address of Ana's own page."""
    return f"/m/{a_link(ana)}/"
