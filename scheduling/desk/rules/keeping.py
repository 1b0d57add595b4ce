"""A change that leaves calls outside is saved only by somebody who has seen which, and keeps them knowingly."""

from collections.abc import Iterable

from scheduling.desk.access import StaffRequest
from scheduling.models import Appointment


def are_kept(request: StaffRequest, left: Iterable[Appointment]) -> bool:
    """Whether every one of them was shown with the button that was pressed; somebody new is shown first."""
    return {str(row.pk) for row in left} <= set(request.POST.getlist("keep"))
