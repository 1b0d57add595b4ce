"""One stack that the tests of this folder share; those that end or kill one start their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.stacks import Stack, copy_of_clone


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code in a path with a space."""
    return copy_of_clone(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="session")
def stack(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole stack that is up, with a space in the name of its data folder."""
    shared = Stack(clone, tmp_path_factory.mktemp("shared") / "data folder")
    try:
        shared.start_and_wait()
        yield shared
    finally:
        shared.stop()
