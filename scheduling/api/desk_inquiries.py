"""The staff's view of inquiries: lists, one with its story, callers on the phone, and what staff do about one."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inquiries import intake
from inquiries.api.described import IDEMPOTENCY_KEY, described
from inquiries.api.idempotency import answer_once
from inquiries.api.pages import CursorPages
from inquiries.api.shapes import InquiryDetail, InquirySummary
from inquiries.api.values import Choice, Count, Flag, NothingSent, Strict, Text
from inquiries.api.view import DeskView
from inquiries.fields import message
from inquiries.models import Activity, Inquiry, Statement
from scheduling import booking, policy, wording
from scheduling.api.desk import ID_LIMIT, appointments, in_list
from scheduling.api.inquiries import InquiryWithTime, keep
from scheduling.api.shapes import (
    DeskAppointment,
    KeptShape,
    SlotTakenShape,
    TimeRequest,
    TimeShape,
    TransitionShape,
)
from scheduling.choosing import screening_call
from scheduling.matching import free_times_for


class InquiryQuestions(Strict):
    status = Choice(choices=Inquiry.Status.choices, required=False)
    urgent = serializers.BooleanField(required=False, allow_null=True, default=None)
    q = serializers.CharField(required=False, max_length=200, help_text="a name, an e-mail address or a phone number")


class InquiryPage(serializers.Serializer[Any]):
    results = InquirySummary(many=True)
    next = serializers.URLField(allow_null=True)


class InquiryWithAppointments(InquiryDetail):
    appointments = serializers.SerializerMethodField()
    matching_times = serializers.SerializerMethodField(help_text="free times that fit `preferred_windows`")

    @extend_schema_field(DeskAppointment(many=True))
    def get_appointments(self, inquiry: Inquiry) -> Any:
        rows = appointments(self.context["member"]).filter(inquiry=inquiry).order_by("-created_at", "pk")
        return [in_list(row) for row in rows]

    @extend_schema_field(TimeShape(many=True))
    def get_matching_times(self, inquiry: Inquiry) -> Any:
        kind = screening_call() if inquiry.preferred_windows else None
        found = free_times_for(inquiry=inquiry, kind=kind, now=timezone.now()) if kind else []
        return TimeShape(found, many=True, context=self.context).data


class DeskInquiries(DeskView):
    @described("Inquiries, the newest first", InquiryPage, asks=InquiryQuestions, refuses=(401,))
    def get(self, request: Request) -> Response:
        asked = self.asked(InquiryQuestions, also=("cursor",))
        found = policy.inquiries(self.staff_member)
        found = found.matching(asked["q"]) if "q" in asked else found.admitted()
        if "status" in asked:
            found = found.filter(status=asked["status"])
        if asked["urgent"] is not None:
            urgent = Inquiry.objects.urgent().values("pk")
            found = found.filter(pk__in=urgent) if asked["urgent"] else found.exclude(pk__in=urgent)
        pages = CursorPages("-created_at", "pk")
        rows = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(InquirySummary(rows, many=True).data)

    @described(
        "Somebody is on the phone",
        KeptShape,
        takes=InquiryWithTime,
        status=201,
        refuses=(401, 409, 422),
        conflict=SlotTakenShape,
        headers=[IDEMPOTENCY_KEY],
        description="As the public endpoint, but a time is booked at once.",
    )
    def post(self, request: Request) -> HttpResponse:
        now = timezone.now()

        def work() -> tuple[int, dict[str, Any]]:
            return keep(self.given(InquiryWithTime, now=now), by=self.staff_member, now=now)

        return answer_once(request, scope="desk-inquiries", work=work)


class InquiryView(DeskView):
    now: dt.datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = timezone.now()

    def inquiry(self, pk: UUID) -> Inquiry:
        rows = policy.inquiries(self.staff_member).select_related("contact", "acknowledged_by")
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def shown(self, pk: UUID, status: int = 200) -> Response:
        """The whole inquiry: four queries, whatever its story."""
        said = Prefetch("statements", Statement.objects.select_related("written_by").order_by("written_at", "pk"))
        told = Prefetch("activities", Activity.objects.story(), to_attr="told")
        row = Inquiry.objects.select_related("contact", "acknowledged_by").prefetch_related(said, told).get(pk=pk)
        data = InquiryWithAppointments(row, context={"zone": row.time_zone, "member": self.staff_member}).data
        return Response(data, status=status)


class DeskInquiry(InquiryView):
    for_practitioners = True

    @described("One inquiry with its story", InquiryWithAppointments, refuses=(401, 404))
    def get(self, request: Request, pk: UUID) -> Response:
        self.asked()
        return self.shown(self.inquiry(pk).pk)


class Booked(TimeRequest):
    practitioner = Count(min_value=1, max_value=ID_LIMIT, required=False)
    overrule = Flag(default=False, help_text="outside the rules, knowingly; never over another call")


class Noted(Strict):
    text = Text(clean=message, help_text="sealed")


class Closed(Strict):
    reason = Text(
        clean=message,
        default="",
        allow_blank=True,
        help_text=f"one of {', '.join(wording.CLOSINGS)}; any other text is kept as a note, and the code is `other`",
    )


class Book(InquiryView):
    @described(
        "Book a time for the person",
        InquiryWithAppointments,
        takes=Booked,
        status=201,
        refuses=(401, 404, 409, 422),
        conflict=TransitionShape,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        inquiry, given = self.inquiry(pk), self.given(Booked)
        self.zone = inquiry.time_zone
        if inquiry.erasure_requested_at is not None:
            raise intake.AlreadyErased
        with transaction.atomic():
            intake.reopen(inquiry=inquiry, by=self.staff_member, now=self.now)
            kind = given.pop("appointment_type")
            booking.request(inquiry=inquiry, kind=kind, by=self.staff_member, now=self.now, **given)
        return self.shown(pk, 201)


class Notes(InquiryView):
    for_practitioners = True

    @described("Keep a note", InquiryWithAppointments, takes=Noted, status=201, refuses=(401, 404))
    def post(self, request: Request, pk: UUID) -> Response:
        inquiry, given = self.inquiry(pk), self.given(Noted)
        intake.note(inquiry=inquiry, text=given["text"], by=self.staff_member, now=self.now)
        return self.shown(pk, 201)


class Acknowledge(InquiryView):
    @described(
        "I take on that this person needs help today",
        InquiryWithAppointments,
        takes=NothingSent,
        refuses=(401, 404, 409),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        self.given(NothingSent)
        intake.acknowledge(inquiry=self.inquiry(pk), by=self.staff_member, now=self.now)
        return self.shown(pk)


class Close(InquiryView):
    @described("Nothing is left to do", InquiryWithAppointments, takes=Closed, refuses=(401, 404, 409))
    def post(self, request: Request, pk: UUID) -> Response:
        inquiry, given = self.inquiry(pk), self.given(Closed)
        reason, note = wording.coded(given["reason"], wording.CLOSINGS)
        with transaction.atomic():
            if note:
                intake.note(inquiry=inquiry, text=note, by=self.staff_member, now=self.now)
            intake.close(inquiry=inquiry, reason=reason, by=self.staff_member, now=self.now)
        return self.shown(pk)
