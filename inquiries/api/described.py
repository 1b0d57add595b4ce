"""How an endpoint is described in the OpenAPI schema: one decorator, so that every error is there."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from inquiries.api.idempotency import HEADER
from inquiries.api.problems import MEDIA_TYPE

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

ERRORS = {
    400: "A value cannot be used, or the body is not JSON that we read (`malformed`); `errors` says which.",
    401: "No token, or not a valid one.",
    403: "Not for this account.",
    404: "There is nothing here; unknown, expired and revoked links are one answer.",
    409: "The state of things does not allow it: `slot_taken`, `invalid_transition`, …",
    412: "`If-Match` is not the current version (`stale_version`).",
    413: "The body is larger than 256 KB.",
    415: "The body is not `application/json`.",
    422: "Understood, but not on offer (`not_offered`), or a key used twice (`idempotency_mismatch`).",
    429: "Too many requests; wait for `Retry-After` seconds.",
    503: "The database is busy or away; nothing was changed.",
}
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The version that the caller has read, as `"3"`.'
)
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="1 to 255 visible ASCII characters, of the caller's choice."
)


_SMALL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "inquiries.api.auth.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of `manage.py api_token USERNAME`."}


class StrictShape(OpenApiSerializerExtension):
    """A body that takes no unknown member says so."""

    target_class = "inquiries.api.values.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        shape: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return shape | ({"additionalProperties": False} if direction == "request" else {})


class FieldError(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemShape(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for people, in the language of Accept-Language")
    code = serializers.CharField(help_text="what programs read")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=FieldError(many=True), required=False, help_text="by field; nested ones are dotted: `appointment.start`"
    )


def described(
    summary: str,
    answer: Any,
    *,
    takes: Any = None,
    asks: Any = None,
    status: int = 200,
    refuses: Sequence[int] = (),
    conflict: Any = ProblemShape,
    headers: Sequence[OpenApiParameter] = (),
    description: str = "",
) -> Callable[[Endpoint], Endpoint]:
    """Describe an endpoint: what it takes (body) and asks (query), its answer, and the statuses it refuses with."""

    def describe(endpoint: Endpoint) -> Endpoint:
        view, method = endpoint.__qualname__.split(".")
        return extend_schema(operation_id=f"{method}_{_SMALL.sub('_', view).lower()}", **facts)(endpoint)

    known = {400, 429, 503, *refuses} | ({413, 415} if takes else set())
    responses: dict[Any, Any] = {status: answer or OpenApiResponse(description="Done.")}
    for code in sorted(known):
        shape = conflict if code in (409, 412) else ProblemShape
        responses[(code, MEDIA_TYPE)] = OpenApiResponse(shape, description=ERRORS[code])
    facts: dict[str, Any] = {
        "summary": summary,
        "description": description or None,
        "request": takes,
        "parameters": [*([asks] if asks else []), *headers],
        "responses": responses,
    }
    return describe
