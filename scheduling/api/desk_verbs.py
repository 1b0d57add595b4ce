"""What staff decide about an appointment: one endpoint a verb, each a call of `booking`."""

from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries import intake
from inquiries.api.described import IF_MATCH, described
from inquiries.api.values import Count, Flag, Instant, NothingSent, Strict, Text
from inquiries.fields import message
from inquiries.models import Statement
from scheduling import booking, policy, wording
from scheduling.api.desk import ID_LIMIT, AppointmentView
from scheduling.api.shapes import DeskAppointmentDetail, TransitionShape
from scheduling.models import Appointment, Practitioner


class Why(Strict):
    reason = Text(
        clean=message,
        default="",
        allow_blank=True,
        help_text=f"one of {', '.join(wording.REASONS)}; any other text is kept as a note, and the code is `other`",
    )


class Offered(Strict):
    starts = serializers.ListField(child=Instant(), min_length=1, max_length=3)


class Moved(Strict):
    start = Instant()
    overrule = Flag(default=False, help_text="outside the rules, knowingly; never over another call")


class EarlierWanted(Strict):
    wanted = Flag()


class Reassigned(Strict):
    practitioner = Count(min_value=1, max_value=ID_LIMIT)

    def validate_practitioner(self, value: int) -> Practitioner:
        found = Practitioner.objects.active().filter(pk=value).first()
        if found is None:
            sentence = "There is no such practitioner at work."
            raise serializers.ValidationError(sentence, code="unknown_practitioner")
        return found


class Outcome(Strict):
    outcome = Text(
        clean=message,
        default="",
        allow_blank=True,
        help_text=f"one of {', '.join(wording.OUTCOMES)}; any other text is kept as a note, and the code is `other`",
    )
    note = Text(clean=message, default="", allow_blank=True, help_text="sealed")


def decides(summary: str, takes: Any) -> Any:
    return described(
        summary,
        DeskAppointmentDetail,
        takes=takes,
        refuses=(401, 404, 409, 412, 422),
        conflict=TransitionShape,
        headers=[IF_MATCH],
    )


class Decision(AppointmentView):
    """A POST on an appointment; answers with the appointment as it is then."""

    takes: ClassVar[type[Strict]] = NothingSent

    @transaction.atomic
    def decide(self, request: Request, pk: UUID) -> Response:
        row = self.appointment(pk)
        version = self.expected_version(row)
        given = self.given(self.takes)
        usual = {"appointment": row, "by": self.staff_member, "now": timezone.now(), "version": version}
        self.act(given, usual)
        return self.shown(self.appointment(pk))

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        raise NotImplementedError


def keep_note(row: Appointment, text: str, usual: dict[str, Any], kind: str = Statement.Kind.NOTE) -> None:
    if text:
        intake.note(inquiry=row.inquiry, text=text, by=usual["by"], now=usual["now"], kind=kind)


class Confirm(Decision):
    @decides("Yes: the call is booked", NothingSent)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.confirm(**usual)


class Decline(Decision):
    takes = Why

    @decides("No; the patient is told the reason", Why)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        reason, note = wording.coded(given["reason"], wording.REASONS)
        keep_note(booking.decline(**usual, reason=reason), note, usual)


class Propose(Decision):
    takes = Offered

    @decides("Offer one to three other times, each held", Offered)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.propose(**usual, starts=given["starts"])


class CancelCall(Decision):
    takes = Why

    @decides("Cancel the request or the call", Why)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        reason, note = wording.coded(given["reason"], wording.REASONS)
        keep_note(booking.cancel(**usual, reason=reason), note, usual)


class RescheduleCall(Decision):
    takes = Moved

    @decides("Move the call to a time agreed with the patient", Moved)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.reschedule(**usual, **given)


class Reassign(Decision):
    takes = Reassigned

    @decides("Give the call to another practitioner", Reassigned)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.reassign(**usual, practitioner=given["practitioner"])


class Complete(Decision):
    for_practitioners = True
    takes = Outcome
    verb = staticmethod(booking.complete)

    @decides("The call took place", Outcome)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        outcome, said = wording.coded(given["outcome"], wording.OUTCOMES)
        row = self.verb(**usual, outcome=outcome)
        for text in (said, given["note"]):
            keep_note(row, text, usual, Statement.Kind.OUTCOME)


class NoShow(Decision):
    for_practitioners = True

    @decides("The patient was not there", NothingSent)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.mark_no_show(**usual)


class CallBack(Complete):
    verb = staticmethod(booking.record_call_back)

    @decides("Somebody who was missed was spoken with after all", Outcome)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)


class WantEarlier(Decision):
    takes = EarlierWanted

    @decides("Put a booked call on the list for an earlier time, or take it off", EarlierWanted)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        booking.want_earlier(**usual, wanted=given["wanted"])


class Undo(Decision):
    for_practitioners = True

    @decides("Take back the last decision, within a minute", NothingSent)
    def post(self, request: Request, pk: UUID) -> Response:
        return self.decide(request, pk)

    def act(self, given: dict[str, Any], usual: dict[str, Any]) -> None:
        if not policy.may(usual["by"], "undo", usual["appointment"]):
            raise PermissionDenied
        booking.undo(**usual)
