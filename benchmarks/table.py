"""One line of the table, and how the numbers in it come about: interleaved rounds, and their median."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ours` and `against` as a person reads them; `value` is held against a limit, where there is one."""

    figure: str
    ours: str
    against: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def reached(self) -> bool:
        high = self.at_most is None or self.value <= self.at_most
        return high and (self.at_least is None or self.value >= self.at_least)

    @property
    def limit(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    def cells(self) -> tuple[str, ...]:
        said = "ok" if self.reached else "missed"
        said = said if self.limit else ""
        return self.figure, self.ours, self.against, f"{self.value:.3g}", self.limit, said


HEAD = ("figure", "ours", "against, in the same run", "ratio", "to reach", "")


def line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def medians(*measures: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """The median of each measure over rounds that take turns, after one turn that does not count."""
    turns = [[measure() for measure in measures] for _ in range(rounds + 1)]
    return [median(column) for column in zip(*turns[1:], strict=True)]
