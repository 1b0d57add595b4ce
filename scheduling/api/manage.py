"""The patient's own side: what their secret link lets them see and do. Only POST changes anything."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries import intake
from inquiries.api.described import described
from inquiries.api.problems import not_found
from inquiries.api.throttles import spend, visitor_of
from inquiries.api.values import Flag, Id, Instant, NothingSent, Strict
from inquiries.api.view import ApiView
from inquiries.models import AccessLink, Inquiry
from inquiries.story import PATIENT
from scheduling import booking
from scheduling.api.shapes import AppointmentShape, OfferShape, TimeRequest, TransitionShape, for_patient, proposals_of
from scheduling.booking.rules import PATIENT_VERBS
from scheduling.models import Appointment

ACTIONS = {
    "accept": "accept",
    "refuse": "refuse",
    "ask_to_move": "reschedule",
    "withdraw": "cancel",
    "confirm_attendance": "confirm-attendance",
    "want_earlier": "earlier",
}


class ManageShape(serializers.Serializer[Any]):
    """What stands for this person now, and what they can do: each action is the address of a POST."""

    status = serializers.ChoiceField(choices=Inquiry.Status.choices)
    appointment = AppointmentShape(allow_null=True)
    proposals = OfferShape(many=True)
    actions = serializers.ListField(child=serializers.ChoiceField(choices=[*ACTIONS.values(), "appointment", "erase"]))


class NewStart(Strict):
    start = Instant()


class Accepted(Strict):
    proposal = Id(help_text="the id of one of the proposals")


class EarlierWished(Strict):
    wanted = Flag(help_text="true: tell them when an earlier time comes free; false: no more")


def manage_state(inquiry: Inquiry, *, now: dt.datetime) -> dict[str, Any]:
    """The answer of every endpoint here, read afresh."""
    inquiry.refresh_from_db(fields=["status", "erasure_requested_at"])
    appointment = Appointment.objects.current_of(inquiry)
    return {
        "status": inquiry.status,
        "appointment": for_patient(appointment),
        "proposals": proposals_of(appointment, now=now) if appointment else [],
        "actions": _actions(inquiry, appointment, now),
    }


def _actions(inquiry: Inquiry, appointment: Appointment | None, now: dt.datetime) -> list[str]:
    if inquiry.erasure_requested_at is not None:
        return []
    if inquiry.set_aside:
        return ["erase"]
    if appointment is None or appointment.status not in Appointment.HOLDING:
        return ["appointment", "erase"]
    verbs = booking.allowed_verbs(appointment, of=PATIENT_VERBS, now=now)
    if booking.earlier_offers(appointment, now=now):
        verbs = ["accept", "refuse", *verbs]
    return [*(ACTIONS[verb] for verb in verbs), "erase"]


class ManageView(ApiView):
    """Behind a link's token; a wrong, expired, revoked or unknown one is the same 404, whatever is sent with it."""

    throttle_scope = "token"
    inquiry: Inquiry
    now: dt.datetime
    zone: str

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = timezone.now()
        link = AccessLink.find(kwargs["token"], now=self.now)
        if link is None:
            raise not_found()
        self.inquiry = link.inquiry
        self.zone = self.inquiry.time_zone or settings.CLINIC_TIME_ZONE

    def appointment(self) -> Appointment:
        """Theirs that is meant. Raises InvalidTransition when there is none."""
        found = Appointment.objects.current_of(self.inquiry)
        if found is None:
            raise booking.InvalidTransition("", 0)
        return found

    def state(self, status: int = 200) -> Response:
        return Response(manage_state(self.inquiry, now=self.now), status=status)


class Manage(ManageView):
    @described("What stands for this person", ManageShape, refuses=(404,))
    def get(self, request: Request, token: str) -> Response:
        self.asked()
        return self.state()


class ManageAppointment(ManageView):
    @described(
        "Ask for a time", ManageShape, takes=TimeRequest, status=201, refuses=(404, 409, 422), conflict=TransitionShape
    )
    def post(self, request: Request, token: str) -> Response:
        given = self.given(TimeRequest)
        if spend("hold", visitor_of(request)):
            raise booking.LooksFirst
        with transaction.atomic():
            intake.reopen(inquiry=self.inquiry, by=PATIENT, now=self.now)
            booking.request(
                inquiry=self.inquiry, kind=given["appointment_type"], start=given["start"], by=PATIENT, now=self.now
            )
        return self.state(201)


class Cancel(ManageView):
    @described(
        "Cancel the request or the call", ManageShape, takes=NothingSent, refuses=(404, 409), conflict=TransitionShape
    )
    def post(self, request: Request, token: str) -> Response:
        self.given(NothingSent)
        booking.withdraw(appointment=self.appointment(), now=self.now)
        return self.state()


class Reschedule(ManageView):
    @described(
        "Ask for another time",
        ManageShape,
        takes=NewStart,
        refuses=(404, 409, 422),
        conflict=TransitionShape,
        description="The new time is held; a confirmed one is kept until staff have answered.",
    )
    def post(self, request: Request, token: str) -> Response:
        given = self.given(NewStart)
        booking.ask_to_move(appointment=self.appointment(), start=given["start"], now=self.now)
        return self.state()


class Accept(ManageView):
    @described(
        "Take one of the offered times", ManageShape, takes=Accepted, refuses=(404, 409), conflict=TransitionShape
    )
    def post(self, request: Request, token: str) -> Response:
        given = self.given(Accepted)
        booking.accept(appointment=self.appointment(), proposal=str(given["proposal"]), now=self.now)
        return self.state()


class Refuse(ManageView):
    @described(
        "None of the offered times suits", ManageShape, takes=NothingSent, refuses=(404, 409), conflict=TransitionShape
    )
    def post(self, request: Request, token: str) -> Response:
        self.given(NothingSent)
        booking.refuse(appointment=self.appointment(), now=self.now)
        return self.state()


class ConfirmAttendance(ManageView):
    @described("I will be there", ManageShape, takes=NothingSent, refuses=(404, 409), conflict=TransitionShape)
    def post(self, request: Request, token: str) -> Response:
        self.given(NothingSent)
        booking.confirm_attendance(appointment=self.appointment(), now=self.now)
        return self.state()


class Earlier(ManageView):
    @described(
        "Be told when an earlier time comes free",
        ManageShape,
        takes=EarlierWished,
        refuses=(404, 409),
        conflict=TransitionShape,
        description="A freed time is held for one person at a time, and is then one of the proposals: accept moves the "
        "call there, refuse keeps it. It stays booked where it is until then. Sent by e-mail.",
    )
    def post(self, request: Request, token: str) -> Response:
        given = self.given(EarlierWished)
        booking.want_earlier(appointment=self.appointment(), wanted=given["wanted"], by=PATIENT, now=self.now)
        return self.state()


class Erase(ManageView):
    @described(
        "Forget me",
        ManageShape,
        takes=NothingSent,
        refuses=(404, 409),
        description="An open request or call is cancelled, this link ends now, and the personal facts are erased soon.",
    )
    def post(self, request: Request, token: str) -> Response:
        self.given(NothingSent)
        booking.forget(inquiry=self.inquiry, now=self.now)
        return self.state()
