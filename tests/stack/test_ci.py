"""Where CI is set, a skipped test is a failed one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.stacks import BASE_DIR

SKIPS = """
import pytest

@pytest.mark.skip(reason="no browser")
def test_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_expected_to_fail(): assert False
"""


@pytest.mark.parametrize(
    ("ci", "code", "outcome"), [("true", 1, "1 xfailed, 1 error"), ("", 0, "1 skipped, 1 xfailed")]
)
def test_a_skip_fails_in_ci_only(tmp_path: Path, ci: str, code: int, outcome: str) -> None:
    place = tmp_path / "test_it.py"
    place.write_text(SKIPS)
    argv = [sys.executable, "-m", "pytest", "-p", "tests.servers", "-p", "no:randomly", "-c", "/dev/null", str(place)]
    run = subprocess.run(argv, cwd=BASE_DIR, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False)
    assert (run.returncode, outcome in run.stdout) == (code, True), run.stdout + run.stderr
