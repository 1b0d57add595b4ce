#!/usr/bin/env python
"""Django's commands for Firstcall; while `make run` is up they reach its servers."""

import os
import sys


def main() -> None:
    """Run the command on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as trouble:  # a sentence that says what to set; the traceback would hide it
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
