"""Says whether anything contradicts itself: JSON, and exit code 0 or 1."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications import invariants


class Command(BaseCommand):
    help = "Check that no time is held twice, each message is there once, histories are legal and the log is whole."

    def handle(self, *args: Any, **options: Any) -> None:
        found = invariants.report(now=timezone.now())
        fine = not any(found.values())
        self.stdout.write(json.dumps({"ok": fine, **found}, indent=2))
        if not fine:
            sys.exit(1)
