from typing import Any

from django.conf import settings
from django.http import HttpRequest

from inquiries import crisis


def clinic(request: HttpRequest) -> dict[str, Any]:
    """What every page says of the clinic, and where help is."""
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "clinic_time_zone": settings.CLINIC_TIME_ZONE,
        "clinic_address": settings.CLINIC_ADDRESS,
        "crisis": crisis.WORDING,
    }
