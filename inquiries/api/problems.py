"""Every refusal of the API is an RFC 9457 problem: `type, title, status, detail, code`, and `errors` by field.

`code` is what programs read; `detail` is a sentence for people, in the language of Accept-Language. `errors` maps a
field (nested ones dotted: `appointment.start`, `preferred_windows.0.date`; `body` for the whole) to a list of
`{code, message}`. What somebody sent is never echoed, but for the names of unknown fields.
"""

import logging
from collections.abc import Mapping
from functools import singledispatch
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.views import View
from rest_framework import exceptions
from rest_framework.response import Response

from inquiries.intake import AlreadyErased, InquiryClosed, NothingToAcknowledge

MEDIA_TYPE = "application/problem+json"
WHOLE = "body"
SECONDS_UNTIL_ANOTHER_TRY = 2

logger = logging.getLogger(__name__)
Errors = dict[str, list[dict[str, str]]]


class Problem(Exception):
    """Something that a request asked for was not done. `members` stand in the answer beside the usual ones."""

    def __init__(
        self, status: int, code: str, detail: Any, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.members = dict(headers or {}), members

    def body(self) -> dict[str, Any]:
        about = {"type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status}
        return {**about, "detail": str(self.detail), "code": self.code, **self.members}

    def answer(self) -> Response:
        return Response(self.body(), status=self.status, headers=self.headers, content_type=MEDIA_TYPE)


def as_problem(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's exception handler."""
    return problem_of(error, context.get("view")).answer()


@singledispatch
def problem_of(error: Exception, view: View | None) -> Problem:
    """The problem that an exception is answered with; a floor above registers its own refusals.

    What nobody foresaw is logged with its traceback, which holds no value of a variable.
    """
    logger.error("unforeseen %s", type(error).__name__, exc_info=error)
    got_request_exception.send(sender=type(view), request=getattr(view, "request", None))
    return Problem(500, "server_error", _("Something went wrong on our side. Try again in a minute."))


@problem_of.register
def _already(error: Problem, view: View | None) -> Problem:
    return error


@problem_of.register
def _rest_framework(error: exceptions.APIException, view: View | None) -> Problem:
    names = {"WWW-Authenticate": "auth_header"}
    headers = {name: getattr(error, attribute) for name, attribute in names.items() if hasattr(error, attribute)}
    codes = error.get_codes()
    return Problem(
        error.status_code,
        codes if isinstance(codes, str) else error.default_code,
        str(error.detail),
        headers=headers,
    )


@problem_of.register
def _throttled(error: exceptions.Throttled, view: View | None) -> Problem:
    wait = str(int(getattr(error, "wait", None) or 1))
    return Problem(429, "throttled", _("Too many requests. Try again in a minute."), headers={"Retry-After": wait})


@problem_of.register
def _invalid(error: exceptions.ValidationError, view: View | None) -> Problem:
    return invalid(flattened(error.detail))


@problem_of.register
def _invalid_value(error: DjangoValidationError, view: View | None) -> Problem:
    return invalid(flattened(exceptions.ValidationError(error.messages, code=error.error_list[0].code).detail))


def invalid(errors: Errors) -> Problem:
    """400 with errors by field. `code` is the one code that they share, else `invalid`."""
    codes = {error["code"] for of_field in errors.values() for error in of_field}
    if len(errors) == 1 and len(next(iter(errors.values()))) == 1:
        ((first,),) = errors.values()
        detail = first["message"]
    else:
        detail = _("Some values cannot be used; `errors` says which, and what to do.")
    return Problem(400, codes.pop() if len(codes) == 1 else "invalid", detail, errors=errors)


def flattened(detail: Any, path: tuple[str, ...] = ()) -> Errors:
    """REST framework's nested error details by dotted field name."""
    if isinstance(detail, str):
        return {".".join(path) or WHOLE: [{"code": getattr(detail, "code", "invalid"), "message": str(detail)}]}
    if isinstance(detail, Mapping):
        steps = [((*path, str(name)) if name != "non_field_errors" else path, value) for name, value in detail.items()]
    else:
        steps = [(path if isinstance(value, str) else (*path, str(index)), value) for index, value in enumerate(detail)]
    found: Errors = {}
    for step, value in steps:
        for name, errors in flattened(value, step).items():
            found.setdefault(name, []).extend(errors)
    return found


def not_found() -> Problem:
    """One answer for what is unknown, expired, revoked or not yours."""
    return Problem(404, "not_found", _("There is nothing here. The link may have expired or been replaced."))


@problem_of.register(Http404)
@problem_of.register(ObjectDoesNotExist)
@problem_of.register(exceptions.NotFound)
def _nothing_there(error: Exception, view: View | None) -> Problem:
    return not_found()


@problem_of.register
def _forbidden(error: DjangoPermissionDenied, view: View | None) -> Problem:
    return Problem(403, "permission_denied", _("This is not for this account. Ask a manager of the clinic."))


@problem_of.register
def _suspicious(error: SuspiciousOperation, view: View | None) -> Problem:
    if isinstance(error, RequestDataTooBig):
        return too_large()
    return Problem(400, "bad_request", _("We could not read that request."))


def too_large() -> Problem:
    return Problem(413, "too_large", _("This is too large. Send 256 KB at most."))


@problem_of.register(OperationalError)
@problem_of.register(InterfaceError)
def _busy(error: Exception, view: View | None) -> Problem:
    """The database is away, or a lock took longer than anybody should wait; nothing was changed."""
    logger.warning("the database does not answer (%s)", type(error.__cause__ or error).__name__)
    again = {"Retry-After": str(SECONDS_UNTIL_ANOTHER_TRY)}
    return Problem(503, "unavailable", _("We are busy. Nothing was changed; try again in a moment."), headers=again)


@problem_of.register
def _closed(error: InquiryClosed, view: View | None) -> Problem:
    return Problem(409, "inquiry_closed", _("This inquiry is closed."))


@problem_of.register
def _acknowledged(error: NothingToAcknowledge, view: View | None) -> Problem:
    sentence = _("Nobody asked for help today in this inquiry, or somebody has acknowledged it already.")
    return Problem(409, "nothing_to_acknowledge", sentence)


@problem_of.register
def _erased(error: AlreadyErased, view: View | None) -> Problem:
    return Problem(409, "erased", _("What we knew about this person has been erased, or is about to be."))
