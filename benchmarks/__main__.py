"""`make bench`: the table of ratios, each against its peer in the same run; `python -m benchmarks slots` runs one."""

import os
import sys
from importlib import import_module

import django

FIGURES = (
    "availability",
    "slots",
    "history",
    "growth",
    "booking",
    "race",
    "django_appointment",
    "delivery",
    "minute",
    "pages",
    "desk",
)


def main(wanted: list[str]) -> int:
    """0 when every figure was measured; a figure that missed its goal says so and changes nothing of that."""
    unknown = set(wanted) - set(FIGURES)
    if unknown:
        print(f"There is no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}.", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ |= {"THROTTLE_SLOTS": "1000000", "THROTTLE_INQUIRIES": "1000000"}
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DATABASE_ANSWERS_WITHIN_SECONDS = 3600  # the long forms fill tables with one statement
    from benchmarks.table import HEAD, line

    call_command("migrate", verbosity=0)
    print(line(HEAD), line(("---",) * len(HEAD)), sep="\n", flush=True)
    for name in wanted or FIGURES:
        for row in import_module(f"benchmarks.{name}").measure():
            print(line(row.cells()), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
