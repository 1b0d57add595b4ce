"""Ranges made of columns, for exclusion constraints."""

from django.db.models import F, Func


class IdRange(Func):
    """`int8range(x, x, '[]')`: lets GiST compare a number for equality without the btree_gist extension."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"

    def __init__(self, number: F | Func) -> None:
        super().__init__(number, number)


class MinuteRange(Func):
    function = "int4range"

    def __init__(self) -> None:
        super().__init__(F("start_minute"), F("end_minute"))
