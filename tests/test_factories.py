"""The factories make what they say."""

import pytest

from scheduling.models import Appointment, AppointmentType
from tests.factories import an_appointment


@pytest.mark.parametrize("status", Appointment.Status.values)
def test_an_appointment_comes_to_its_status_by_the_verbs(status: str, kind: AppointmentType) -> None:
    appointment = an_appointment(status)

    assert Appointment.objects.get(pk=appointment.pk).status == status
