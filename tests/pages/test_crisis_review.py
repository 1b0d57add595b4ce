"""The wording about where help is goes out of date on its own; a check says so."""

import time_machine

from inquiries import crisis
from inquiries.checks import crisis_wording_is_reviewed


def test_the_check_is_quiet_until_the_review_is_due() -> None:
    last_day = crisis.REVIEWED_ON + crisis.REVIEW_EVERY
    with time_machine.travel(last_day, tick=False):
        assert crisis_wording_is_reviewed() == []


def test_the_check_warns_from_the_day_after() -> None:
    with time_machine.travel(crisis.REVIEWED_ON + 2 * crisis.REVIEW_EVERY, tick=False):
        assert [message.id for message in crisis_wording_is_reviewed()] == ["inquiries.W001"]
