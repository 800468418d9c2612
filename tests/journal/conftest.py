"""A day, and a journal of its own, for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skillroute.journal import SqliteJournal, open_journal

from .days import Day

SNAPSHOT_EVERY = 100


@pytest.fixture
def day() -> Day:
    """Give a day in which plans are reloaded and some events are refused."""
    return Day(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a place for a journal."""
    return tmp_path / "site.journal"


@pytest.fixture
def journal(day: Day, path: Path) -> Iterator[SqliteJournal]:
    """Give an empty journal of the day."""
    with open_journal(path, plan=day.plan, snapshot_every=SNAPSHOT_EVERY) as opened:
        yield opened
