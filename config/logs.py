"""What no log line may hold: the token in the address of a patient's page, a feed, a new password, an invitation."""

import logging
import re

LINK = re.compile(r"(/(?:m|manage|calendar|no-reminders|key|join)/)[^/.\s?'\"]+")


class WithoutLinks(logging.Filter):
    """Takes the tokens out of a line; it stands at the handler, so that every library's lines pass it."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        record.msg, record.args = LINK.sub(r"\1…", said), None
        return True
