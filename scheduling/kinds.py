"""What can be booked, and its rules."""

from typing import Any

from scheduling.models import AppointmentType


def set_rules(*, kind: AppointmentType, **rules: Any) -> AppointmentType:
    """Set some rules of an appointment type; calls that are booked stay as they are."""
    for rule, value in rules.items():
        setattr(kind, rule, value)
    kind.save(update_fields=[*rules])
    return kind
