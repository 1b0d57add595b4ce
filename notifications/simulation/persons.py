"""Who comes to a simulation: each with a language, a zone and habits by their own lot.

What they are called, write and give as numbers is planted, so that `promises` can look for it where it must not be.
"""

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from inquiries.models import Inquiry

ZONES = ("America/New_York",) * 5 + ("America/Los_Angeles", "America/Bogota", "Europe/Madrid", "Pacific/Auckland")
GIVEN_NAMES = ("Ana", "Noor", "Tomás", "Wren", "José María", "Li")
WHAT_THEY_WROTE = "I am depressed and ask about ketamine"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass
class Person:
    """Somebody with an address that is nobody else's. `family_name` occurs nowhere but in it."""

    number: int
    lot: Random = field(repr=False)
    language: str
    zone: str
    email: str
    contact_by: tuple[str, ...]
    discreet: bool
    urgent: bool
    reminders_ok: bool
    inquiry: Inquiry | None = None

    @classmethod
    def of(cls, seed: int, number: int) -> "Person":
        lot = Random(f"{seed}/person/{number}")
        return cls(
            number=number,
            lot=lot,
            language=lot.choice(("en", "en", "es")),
            zone=lot.choice(ZONES),
            email="" if lot.random() < 0.1 else f"p{number}@people.example",
            contact_by=lot.choice(((), (), (), ("email", "phone"), ("phone",))),
            discreet=lot.random() < 0.2,
            urgent=lot.random() < 0.07,
            reminders_ok=lot.random() < 0.85,
        )

    @property
    def family_name(self) -> str:
        return f"Zyxwarth{self.number}"

    @property
    def phone(self) -> str:
        return f"+1786555{self.number:04}"  # none of them the clinic's, which letters name

    def chance(self, likely: float) -> bool:
        return self.lot.random() < likely

    def within(self, first: dt.timedelta, last: dt.timedelta) -> dt.timedelta:
        return first + (last - first) * self.lot.random()
