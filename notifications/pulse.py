"""Whether messages leave: heartbeats, the hourly check, the oldest message due, the oldest change not planned."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from inquiries.models import Activity
from notifications import canary
from notifications.models import Canary, Heartbeat, Notification, Outbox

STAND_IN_AFTER = dt.timedelta(seconds=30)
SILENT_AFTER = dt.timedelta(seconds=90)
LATE_AFTER = dt.timedelta(minutes=5)
CANARY_LATE_AFTER = dt.timedelta(minutes=15)


def checks(*, now: dt.datetime) -> dict[str, Any]:
    """`{name: {ok, why, …}}` of worker, beat, messages, outbox, planning and, where it is on, the canary."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    return {
        Heartbeat.WORKER: _heard(beats.get(Heartbeat.WORKER), now),
        Heartbeat.BEAT: _heard(beats.get(Heartbeat.BEAT), now),
        "messages": _late(_oldest_due(now), now),
        "outbox": _outbox(),
        "planning": _late(Activity.objects.unplanned().values_list("at", flat=True).first(), now),
        **({"canary": _canary(now)} if canary.address() else {}),
    }


def worker_is_silent(*, now: dt.datetime) -> bool:
    """Whether somebody else should do its work: beat wakes it every 20 seconds."""
    last = Heartbeat.objects.filter(name=Heartbeat.WORKER).values_list("at", flat=True).first()
    return last is None or now - last > STAND_IN_AFTER


def _outbox() -> dict[str, Any]:
    paused = Outbox.objects.exclude(paused_at=None).first()
    return {"ok": paused is None, "why": paused.get_paused_why_display() if paused else ""}


def _canary(now: dt.datetime) -> dict[str, Any]:
    """Fine while the last hour's that should be out by now is, or a later one."""
    last = Canary.objects.exclude(sent_at=None).order_by("-due_at").first()
    if last is None:
        return {"ok": False, "why": _("none has left yet"), "age_seconds": None}
    ok = now - last.due_at <= canary.EVERY + CANARY_LATE_AFTER
    age = int((now - last.sent_at).total_seconds()) if last.sent_at else None
    return {"ok": ok, "why": "" if ok else _("the mail server did not take it"), "age_seconds": age}


def _oldest_due(now: dt.datetime) -> dt.datetime | None:
    """Of what was never tried: a message that a server puts off is not our lateness."""
    due = Notification.objects.filter(status=Notification.Status.DUE, attempts=0, try_at__lte=now)
    return due.order_by("try_at").values_list("try_at", flat=True).first()


def _heard(at: dt.datetime | None, now: dt.datetime) -> dict[str, Any]:
    if at is None:
        return {"ok": False, "why": _("never heard of"), "age_seconds": None}
    age = now - at
    ok = age <= SILENT_AFTER
    return {"ok": ok, "why": "" if ok else _("not heard of lately"), "age_seconds": int(age.total_seconds())}


def _late(oldest: dt.datetime | None, now: dt.datetime) -> dict[str, Any]:
    late = max(dt.timedelta(), now - oldest) if oldest else dt.timedelta()
    ok = late <= LATE_AFTER
    return {"ok": ok, "why": "" if ok else _("late"), "oldest_seconds": int(late.total_seconds())}
