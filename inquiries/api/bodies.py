"""Reads JSON bodies within bounds; whatever does not fit is a 4xx before anything looks at it."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from inquiries.api.problems import Problem, too_large

LIMIT_BYTES = 256 * 1024
LIMIT_DEPTH = 20


class _Unusable(ValueError):
    """JSON in form, but with a value that we do not take."""


class BoundedJSONParser(BaseParser):
    """JSON of at most 256 KB and 20 levels, in UTF-8, without NaN, Infinity or a name given twice.

    Raises Problem 400 `malformed`, 413 `too_large`.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = stream.read(LIMIT_BYTES + 1)
        if len(raw) > LIMIT_BYTES:
            raise too_large()
        try:
            return read(raw)
        except (ValueError, RecursionError) as error:
            raise Problem(400, "malformed", _("This is not JSON that we can read. Send one JSON object.")) from error


def read(raw: bytes) -> Any:
    """The value. Raises ValueError (which covers undecodable text) or RecursionError."""
    value = json.loads(
        raw.decode(),
        object_pairs_hook=_without_doubles,
        parse_constant=_refused,
        parse_float=_finite,
    )
    _look_through(value)
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unusable
    return found


def _refused(constant: str) -> None:
    raise _Unusable


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Unusable
    return number


def _look_through(value: Any) -> None:
    """Refuse what is nested too deeply, and half characters (lone surrogates), which no database or answer takes."""
    level = [value]
    for _depth in range(LIMIT_DEPTH + 1):
        for text in (item for item in level if isinstance(item, str)):
            text.encode()
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    raise _Unusable


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    return item if isinstance(item, list) else []
