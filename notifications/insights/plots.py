"""Where the bars of a plot go, in the units of its SVG. The numbers themselves stand in the table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120
GAP = 0.5


@dataclass(frozen=True)
class Column:
    """One bar; `x`, `y` of its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    value: int


@dataclass(frozen=True)
class Plot:
    columns: list[Column]
    width: int = WIDTH
    height: int = HEIGHT


def columns(values: Sequence[int]) -> Plot:
    """Standing bars, the highest as high as the plot.

    >>> [(bar.x, bar.y, bar.height) for bar in columns([1, 2]).columns]
    [(75.0, 60.0, 60.0), (375.0, 0.0, 120.0)]
    """
    most, each = max(values, default=0) or 1, WIDTH / max(len(values), 1)
    return Plot(
        [
            Column(
                x=round(each * (number + GAP / 2), 1),
                y=round(HEIGHT * (1 - value / most), 1),
                width=round(each * (1 - GAP), 1),
                height=round(HEIGHT * value / most, 1),
                value=value,
            )
            for number, value in enumerate(values)
        ]
    )
