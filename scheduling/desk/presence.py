"""Who is looking at a request now: a page beats while it is open and seen. It changes nothing of the case itself."""

import datetime as dt
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from scheduling.desk import looking
from scheduling.desk.access import StaffRequest, for_everybody
from scheduling.desk.appointments import find
from scheduling.models import Presence

FORGOTTEN_AFTER = dt.timedelta(hours=1)


@for_everybody
@require_POST
def beat(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Keeps that the asker looks at it now, and answers with who else does."""
    now, row = timezone.now(), find(request, pk)
    mine = Presence(appointment=row, staff_member=request.user, seen_at=now)
    Presence.objects.bulk_create(
        [mine], update_conflicts=True, unique_fields=["appointment", "staff_member"], update_fields=["seen_at"]
    )
    Presence.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    lookers = list(looking.names(Presence.objects.of_others(request.user, now).filter(appointment=row)))
    return render(request, "scheduling/desk/parts/lookers.html", {"lookers": lookers})
