"""Lists in pages: `results`, and `next`, the address of the page after it or null."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class CursorPages(CursorPagination):
    """Fifty a page. A row added or changed meanwhile neither repeats nor hides another."""

    page_size = 50
    cursor_query_description = "Where the page begins: taken from `next`, never made up."

    def __init__(self, *ordering: str) -> None:
        self.ordering = ordering

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            wrong = _("Begin at the first page again: this cursor is not one of ours.")
            raise ValidationError({"cursor": wrong}, code="invalid_cursor") from error

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.get_next_link()})
