"""The engine's refusals as problems. Importing this module registers them."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from rest_framework.views import APIView

from inquiries.api.problems import Problem, problem_of
from scheduling.booking import InvalidTransition, NotOffered, Refusal, SlotTaken, StaleVersion
from scheduling.slots import Slot


def times(slots: list[Slot], zone: str) -> list[dict[str, str]]:
    """Free times as JSON, with the offset of the reader's zone."""
    place = ZoneInfo(zone)
    return [
        {"start": slot.start.astimezone(place).isoformat(), "end": slot.end.astimezone(place).isoformat()}
        for slot in slots
    ]


def slot_taken(refusal: SlotTaken, zone: str, **members: Any) -> Problem:
    return Problem(409, refusal.code, refusal.sentence, alternatives=times(refusal.alternatives, zone), **members)


@problem_of.register
def _refused(refusal: Refusal, view: APIView | None) -> Problem:
    return Problem(409, refusal.code, refusal.sentence)


@problem_of.register
def _taken(refusal: SlotTaken, view: APIView | None) -> Problem:
    return slot_taken(refusal, getattr(view, "zone", "") or settings.CLINIC_TIME_ZONE)


@problem_of.register
def _not_offered(refusal: NotOffered, view: APIView | None) -> Problem:
    return Problem(422, refusal.code, refusal.sentence, reason=refusal.reason)


@problem_of.register
def _forbidden_by_state(refusal: InvalidTransition, view: APIView | None) -> Problem:
    return _with_state(Problem(409, refusal.code, refusal.sentence), refusal)


@problem_of.register
def _stale(refusal: StaleVersion, view: APIView | None) -> Problem:
    return _with_state(Problem(412, refusal.code, refusal.sentence), refusal)


def _with_state(problem: Problem, refusal: InvalidTransition | StaleVersion) -> Problem:
    """`status` is the appointment's here, not HTTP's: RFC 9457 has readers ignore a member of another type."""
    problem.members |= {"status": refusal.status, "version": refusal.version}
    return problem
