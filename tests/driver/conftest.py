"""Fixtures of the driver's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from tests.driver.rig import Rig


class MakeRig(Protocol):
    """Make a rig on the one journal of the test."""

    def __call__(self, **options: object) -> Rig:
        """Make it; the journal is closed after the test."""


def _make(path: Path, opened: ExitStack, **options: object) -> Rig:
    rig = Rig(path, **options)  # type: ignore[arg-type]
    opened.callback(rig.journal.close)
    return rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[MakeRig]:
    """Give what makes rigs, all on the same file."""
    with ExitStack() as opened:
        yield partial(_make, tmp_path / "site.journal", opened)


@pytest.fixture
def rig(make_rig: MakeRig) -> Rig:
    """Give a core whose host is connected, everything durable."""
    made = make_rig()
    made.connect()
    made.commit()
    return made
