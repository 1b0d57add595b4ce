"""Why a verb was refused. A docstring is the sentence that people read."""

from collections.abc import Callable
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from scheduling.slots import Slot


class Refusal(Exception):
    """Something about this appointment could not be done."""

    code = "refused"
    sentence = _("This could not be done.")


class SlotTaken(Refusal):
    """This time has just been taken. Choose one of the nearest free times."""

    code = "slot_taken"
    sentence = _("This time has just been taken. Choose one of the nearest free times.")

    def __init__(self, find: Callable[[], list[Slot]]) -> None:
        super().__init__(self.code)
        self._find = find

    @cached_property
    def alternatives(self) -> list[Slot]:
        """The nearest free times, looked for when they are asked for: by then no lock is held any more."""
        return self._find()


class NotOffered(Refusal):
    """This time is not on offer. Choose one of the free times."""

    code = "not_offered"
    sentence = _("This time is not on offer. Choose one of the free times.")

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvalidTransition(Refusal):
    """The appointment's state does not allow this; look at it again."""

    code = "invalid_transition"
    sentence = _("This is not possible any more: the request has changed meanwhile. Look at it again.")

    def __init__(self, status: str, version: int) -> None:
        super().__init__(status)
        self.status, self.version = status, version


class StaleVersion(Refusal):
    """The appointment has changed since you read it; look at it again."""

    code = "stale_version"
    sentence = _("The appointment has changed since you read it. Look at it again.")

    def __init__(self, status: str, version: int) -> None:
        super().__init__(str(version))
        self.status, self.version = status, version


class AlreadyHasAppointment(InvalidTransition):
    """This person has an appointment already. Move or cancel that one."""

    code = "already_has_appointment"
    sentence = _("There is a request or an appointment already. Move or cancel that one.")


class LooksFirst(Refusal):
    """The clinic looks at this request before it holds a time for it, and gets in touch."""

    code = "looks_first"
    sentence = _("We have your request. We look at it before we hold a time, and get in touch with you.")


class NothingToUndo(Refusal):
    """There is no decision of the last minute to take back."""

    code = "nothing_to_undo"
    sentence = _("The time to take this decision back is over.")
