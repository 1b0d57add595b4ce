"""The SMTP sink of the tests does what its script says."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from tests.sink import SmtpSink

LETTER = b"Subject: Hello\r\n\r\nCome in.\r\n"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        yield running


def send(sink: SmtpSink, timeout: float = 5) -> None:
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout) as link:
        link.sendmail("clinic@example.org", ["ana@example.org"], LETTER)


def test_it_keeps_the_message_and_its_envelope(sink: SmtpSink) -> None:
    send(sink)
    (received,) = sink.wait_for(1)
    assert (received.sender, received.recipients) == ("clinic@example.org", ("ana@example.org",))
    assert (received.message["Subject"], received.raw) == ("Hello", LETTER)


def test_a_scripted_reply_refuses_so_many_times_and_then_accepts(sink: SmtpSink) -> None:
    sink.reply_with("450 4.2.1 Try later", times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError, match="450"):
            send(sink)
    send(sink)
    sink.wait_for_refusals(2)
    assert len(sink.wait_for(1)) == 1


def test_a_recipient_can_be_refused(sink: SmtpSink) -> None:
    sink.reply_with("550 5.1.1 No such person", at="RCPT")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sink)
    assert sink.messages == []


def test_it_can_drop_the_connection_after_the_message(sink: SmtpSink) -> None:
    sink.drop_after_data()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(sink)
    assert len(sink.wait_for(1)) == 1


def test_it_can_stay_silent_after_the_message(sink: SmtpSink) -> None:
    sink.hang_after_data()
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(sink, timeout=0.3)
    assert len(sink.wait_for(1)) == 1


def test_waiting_in_vain_says_what_came(sink: SmtpSink) -> None:
    send(sink)
    with pytest.raises(AssertionError, match=r"only 1 messages came in 0.1 s: \['Hello'\]"):
        sink.wait_for(2, timeout=0.1)
