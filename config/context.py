from typing import Any

from django.conf import settings
from django.http import HttpRequest

from inquiries import crisis
from inquiries.clinic import clinic as known_clinic


def clinic(request: HttpRequest) -> dict[str, Any]:
    """What every page says of the clinic, and where help is."""
    kept = known_clinic()
    return {
        "branding": kept,
        "clinic_name": kept.name,
        "clinic_phone": kept.phone,
        "clinic_time_zone": settings.CLINIC_TIME_ZONE,
        "clinic_address": settings.CLINIC_ADDRESS,
        "crisis": crisis.WORDING,
    }
