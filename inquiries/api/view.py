"""What every endpoint of the API has in common."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.http import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from inquiries.api.auth import BearerAuthentication, IsStaff
from inquiries.api.problems import invalid
from inquiries.api.throttles import PerVisitor
from inquiries.api.values import Strict
from inquiries.models import StaffMember


class AlwaysJSON(DefaultContentNegotiation):
    """Answers JSON whatever Accept says; the body's type still has to be JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class NoQuestions(Strict):
    """A query without parameters."""


class ApiView(APIView):
    """Speaks the language of Accept-Language, takes one strict object in, and limits visitors by `throttle_scope`."""

    content_negotiation_class = AlwaysJSON
    metadata_class = None
    throttle_classes = [PerVisitor]
    throttle_scope = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, Response):
                response.render()
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language"])
        return response

    def given(self, shape: type[Serializer[Any]], **context: Any) -> dict[str, Any]:
        """The clean body. Raises ValidationError."""
        serializer = shape(data=self.request.data, context=context)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def asked(self, shape: type[Serializer[Any]] = NoQuestions, also: Sequence[str] = ()) -> dict[str, Any]:
        """The clean query; an empty parameter counts as not given, and those in `also` are somebody else's.

        Raises ValidationError and Problem.
        """
        query = {name: values for name, values in self.request.query_params.lists() if name not in also}
        repeated = [name for name, values in query.items() if len(values) > 1]
        if repeated:
            error = {"code": "repeated", "message": _("Give this parameter once.")}
            raise invalid({name[:80]: [error] for name in repeated[:10]})
        serializer = shape(data={name: values[0] for name, values in query.items() if values[0] != ""})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class DeskView(ApiView):
    """For staff, by bearer token; a view that practitioners may use says so, and starts at `scheduling.policy`."""

    for_practitioners = False
    authentication_classes = [BearerAuthentication]
    permission_classes = [IsStaff]

    @property
    def staff_member(self) -> StaffMember:
        """Who calls; the permissions let nobody else in."""
        return cast(StaffMember, self.request.user)
