"""Whether messages may leave at all. After a restore none does, until a person says so.

Every batch that is claimed raises a number in the database and notes it in a file beside it. A restored database is
behind its note, or has none where it runs now; then sending stops by itself. A database that never sent has no row.
"""

import datetime as dt
import logging
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from notifications.models import Notification, Outbox

logger = logging.getLogger(__name__)


def is_open(*, now: dt.datetime) -> bool:
    """Whether a batch may be claimed; stops sending when the database is older than what was sent."""
    row = Outbox.objects.filter(pk=Outbox.ONLY).first()
    if row is None:
        row, _created = Outbox.objects.get_or_create(pk=Outbox.ONLY)
    if row.epoch == 0:  # nothing was ever claimed; noted again, in case whoever made the row died before the note
        note(row.identity, row.epoch)
    return _look_again(now=now) if _looks_restored(row) else row.paused_at is None


@transaction.atomic
def _look_again(*, now: dt.datetime) -> bool:
    """The same under the row's lock: row and note are read one after the other, and a worker beside us may have counted
    on, or a person resumed, in between."""
    row = Outbox.objects.select_for_update().get(pk=Outbox.ONLY)
    if not _looks_restored(row):
        return row.paused_at is None
    logger.error("nothing is sent: this database was restored or moved; see `manage.py outbox status`")
    _pause(Outbox.Why.RESTORED, now=now)
    return False


def _looks_restored(row: Outbox) -> bool:
    return row.paused_at is None and row.epoch > 0 and _noted(row.identity) not in range(row.epoch + 1)


def next_batch() -> Outbox | None:
    """Count one more batch, in the transaction that claims it; None when sending was stopped meanwhile."""
    if not Outbox.objects.filter(pk=Outbox.ONLY, paused_at=None).update(epoch=F("epoch") + 1):
        return None
    return Outbox.objects.get(pk=Outbox.ONLY)


def note(identity: object, epoch: int) -> None:
    """Write the number outside the database. Raises OSError."""
    put_in_place(draft(identity, epoch), identity, epoch)


def draft(identity: object, epoch: int) -> Path:
    """The note, written beside its place before the batch is committed: where there is no room, none is. Raises
    OSError."""
    path = _path(identity)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{uuid4().hex}")
    try:
        fresh.write_text(str(epoch))
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def put_in_place(fresh: Path, identity: object, epoch: int) -> None:
    """Make the draft the note; before the batch is sent, after it is committed."""
    if _noted(identity) >= epoch:  # another worker's later batch
        fresh.unlink()
    else:
        fresh.replace(_path(identity))


def _noted(identity: object) -> int:
    """-1 where there is no note."""
    try:
        return int(_path(identity).read_text())
    except (OSError, ValueError):
        return -1


def _path(identity: object) -> Path:
    return Path(settings.DATA_DIR) / "outbox" / str(identity)


def pause(*, now: dt.datetime) -> None:
    """Nothing more is claimed; what is in a worker's hand goes out."""
    Outbox.objects.get_or_create(pk=Outbox.ONLY)
    _pause(Outbox.Why.BY_HAND, now=now)


def _pause(why: str, *, now: dt.datetime) -> None:
    Outbox.objects.filter(pk=Outbox.ONLY, paused_at=None).update(paused_at=now, paused_why=why)


@transaction.atomic
def resume(*, skip_due_before: dt.datetime | None = None) -> int:
    """Send again. What was due before that moment may have been sent by the database that was: it is skipped; how
    many were."""
    row = Outbox.objects.select_for_update().get_or_create(pk=Outbox.ONLY)[0]
    row.epoch = max(row.epoch, _noted(row.identity)) + 1
    row.paused_at, row.paused_why = None, ""
    row.save()
    note(row.identity, row.epoch)
    if skip_due_before is None:
        return 0
    old = Notification.objects.filter(status=Notification.Status.DUE, due_at__lt=skip_due_before)
    return old.update(status=Notification.Status.SKIPPED, reason=Notification.Reason.RESTORED, try_at=None)
