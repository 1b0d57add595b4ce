"""When no mail reaches somebody, a person of the staff calls instead, and says so here."""

import datetime as dt

from django.db import transaction

from inquiries import story
from inquiries.models import StaffMember
from notifications.models import Notification


class NothingToCallAbout(Exception):
    """This message reached its reader, is not of use any more, or somebody has called already."""

    permanent = True


@transaction.atomic
def called_instead(*, notification: Notification, by: StaffMember, now: dt.datetime) -> None:
    """Somebody told the patient on the phone what the message says; the story says so. Raises NothingToCallAbout."""
    open_one = Notification.objects.filter(pk__in=Notification.objects.to_act_on(now).values("pk"))
    if not open_one.filter(pk=notification.pk).update(handled_at=now, handled_by=by):
        raise NothingToCallAbout
    facts = {"message": notification.kind}
    story.tell(inquiry_id=notification.inquiry.pk, kind="inquiry.called_instead", by=by, now=now, facts=facts)
