"""Mail about an account, to the person whose it is. It names nobody but them, and no secret of it is logged.

It goes by Django's mail and not through the ledger: a message there is about an inquiry, is retried for hours and keeps
its text, while a link to an account has to be new, and who asked for it waits for it and asks again.
"""

import logging
import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from inquiries.clinic import clinic

logger = logging.getLogger(__name__)


def send(letter: str, /, *, to: str, language: str, **context: Any) -> bool:
    """Sends `account/email/LETTER`; whether the mail server took it."""
    with translation.override(language):
        subject = render_to_string(f"account/email/{letter}_subject.txt", context).strip()
        body = render_to_string(f"account/email/{letter}_message.txt", context)
    try:
        EmailMessage(subject, body, clinic().sender, [to]).send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("mail about an account could not be sent (%s: %s)", letter, type(error).__name__)
        return False
    return True
