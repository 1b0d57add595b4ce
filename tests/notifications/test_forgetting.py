"""Who asks to be forgotten is told so, and forgotten then."""

from typing import Any

import pytest
import time_machine
from django.utils import timezone

from inquiries import intake, story
from notifications.models import Notification
from scheduling import booking
from tests.factories import NOW, an_appointment, an_inquiry
from tests.notifications.conftest import kinds
from tests.sink import SmtpSink

pytestmark = pytest.mark.django_db


def test_who_asked_to_be_forgotten_is_told_once_and_then_forgotten(
    clinic: SmtpSink, work: Any, clock: time_machine.Traveller
) -> None:
    inquiry = an_inquiry()
    work()
    intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=NOW)

    work()

    inquiry.refresh_from_db()
    assert clinic.subjects()[-1] == "Your details are being erased"
    assert inquiry.erased_at == NOW
    assert {row.body.reveal() for row in Notification.objects.filter(inquiry=inquiry)} == {""}


def test_who_is_forgotten_with_a_call_booked_hears_that_it_is_cancelled(clinic: SmtpSink, work: Any) -> None:
    call = an_appointment("booked")
    work(60)
    booking.forget(inquiry=call.inquiry, now=timezone.now())

    work()

    call.inquiry.refresh_from_db()
    assert call.inquiry.erased_at is not None
    told = kinds(appointment=call.pk, status="sent")
    assert told[-1] == "appointment_cancelled sent"
    parts = [part for received in clinic.messages[-2:] for part in received.message.walk()]
    assert "CANCEL" in {part.get_param("method") for part in parts if part.get_content_type() == "text/calendar"}


def test_forgetting_waits_for_its_message_no_longer_than_a_day(clinic: SmtpSink, work: Any, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    inquiry = an_inquiry()
    intake.request_erasure(inquiry=inquiry, by=story.PATIENT, now=NOW)

    work()
    inquiry.refresh_from_db()
    assert inquiry.erased_at is None
    work(24 * 3600)

    inquiry.refresh_from_db()
    assert inquiry.erased_at is not None
