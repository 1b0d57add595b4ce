"""Says when the wording about where help is wants its review."""

from typing import Any

from django.core.checks import WARNING, CheckMessage, register
from django.utils import timezone

from inquiries import crisis


@register(deploy=True)
def crisis_wording_is_reviewed(**_: Any) -> list[CheckMessage]:
    if not crisis.review_is_due(timezone.now().date()):
        return []
    return [
        CheckMessage(
            WARNING,
            f"The wording about 911 and 988 was last reviewed on {crisis.REVIEWED_ON}.",
            hint="Review inquiries/crisis.py with a clinician, then set REVIEWED_ON.",
            id="inquiries.W001",
        )
    ]
