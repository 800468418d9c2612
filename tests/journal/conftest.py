"""A day, and a journal of its own, for every test that asks."""

from __future__ import annotations

import os
import shutil
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


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder in memory, where there is one: tens of thousands are opened."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    own = memory / f"skillroute-{os.getpid()}"
    own.mkdir()
    yield own
    shutil.rmtree(own)
