"""
A disk that is full or broken: once, or from some moment on.

Two ways: every statement in turn fails inside Python, as SQLite reports a full disk, a
short write or an ``fsync`` that failed; and a child process that the operating system
really lets write no further (``RLIMIT_FSIZE``).
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skillroute.errors import JournalError
from skillroute.journal import open_journal, restart

from .days import Day, append

EVENTS = 36
REASONS = ("disk I/O error", "database or disk is full")


class Disk:
    """Counts what is done with a database, and fails at some of it."""

    def __init__(self) -> None:
        self.fails_at = 0
        """The operation that fails, from 1; 0: none."""
        self.for_ever = False
        self.done = 0

    def operate(self) -> None:
        """Fail, if it is this operation's turn."""
        self.done += 1
        behind = self.for_ever and self.done > self.fails_at
        if self.fails_at and (behind or self.done == self.fails_at):
            raise sqlite3.OperationalError(REASONS[self.done % 2])


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Put a disk that can fail below every database that is opened."""
    disk = Disk()

    class Connection(sqlite3.Connection):
        """A connection whose writes may fail before or after they are done."""

        def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
            """Run a statement; a commit may fail though it was done."""
            writes = statement.startswith(("INSERT", "BEGIN", "COMMIT", "PRAGMA"))
            late = statement == "COMMIT" and disk.done % 2 == 0
            if writes and not late:
                disk.operate()
            answer = super().execute(statement, *parameters)
            if writes and late:
                disk.operate()
            return answer

    plain = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened: sqlite3.Connection = plain(*arguments, factory=Connection, **options)
        return opened

    monkeypatch.setattr(sqlite3, "connect", connect)
    yield disk
    disk.fails_at = 0


def write(path: Path, disk: Disk, fails_at: int, *, for_ever: bool) -> int:
    """
    Write a day in groups, trying each commit three times; return what was durable.

    The disk begins to fail when the journal is open.
    """
    day = Day(11)
    with open_journal(path, plan=day.plan, snapshot_every=20) as journal:
        disk.done, disk.fails_at, disk.for_ever = 0, fails_at, for_ever
        for plan in day.plans:
            journal.add_plan(plan)
        acknowledged = 0
        for number, one in enumerate(day.events(EVENTS), 1):
            append(journal, one)
            if journal.snapshot_due:
                journal.keep_snapshot(day.engine.snapshot())
            if number % 4 == 0:
                for _ in range(3):
                    try:
                        acknowledged = journal.commit()
                        assert acknowledged == number
                        break
                    except JournalError as error:
                        assert error.code == "journal_write_failed"  # noqa: PT017
                        assert acknowledged == journal.durable_seq
    return acknowledged


def check(path: Path, acknowledged: int) -> None:
    """Find all that was acknowledged, and nothing that never happened."""
    day = Day(11)
    with open_journal(path) as journal:
        journal.verify()
        assert acknowledged <= journal.last_seq
        written = list(day.events(journal.last_seq))
        assert [one.event for one in written] == [r.event for r in journal.records()]
        assert day.engine.snapshot() == restart(journal).engine.snapshot()


@pytest.mark.parametrize("for_ever", [False, True])
def test_a_failure_at_any_operation_loses_nothing(
    disk: Disk, folder: Path, *, for_ever: bool
) -> None:
    """One bad write, and calls would be routed that nobody can explain."""
    write(folder / "0.journal", disk, 0, for_ever=False)
    operations = disk.done
    assert operations > 20
    reached = 0
    for fails_at in range(1, operations + 1):
        path = folder / f"{fails_at}.journal"
        acknowledged = write(path, disk, fails_at, for_ever=for_ever)
        assert disk.done >= fails_at
        disk.fails_at = 0
        check(path, acknowledged)
        reached += acknowledged == EVENTS
        path.unlink()
    if not for_ever:
        assert operations == reached, "trying again did not help"


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_stops_and_goes_on(path: Path) -> None:
    """What could not be kept is kept as soon as there is room again."""
    import resource  # noqa: PLC0415 - not on every platform

    day = Day(11)
    with open_journal(path, plan=day.plan) as journal:
        day.write(journal, 10)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        log = Path(f"{path}-wal")
        failed = 0
        soon = 4096  # less than the first page of a log
        resource.setrlimit(resource.RLIMIT_FSIZE, (soon, limits[1]))
        try:
            for one in day.events(40):
                append(journal, one)
                try:
                    journal.commit()
                except JournalError as error:
                    assert error.code == "journal_write_failed"  # noqa: PT017
                    failed += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert failed > 20
        durable = journal.durable_seq
        assert 50 - durable == journal.pending
        copied = path.with_name("copy.journal")
        copied.write_bytes(path.read_bytes())
        Path(f"{copied}-wal").write_bytes(log.read_bytes())
        with open_journal(copied) as copy:
            assert durable == copy.last_seq
        assert 50 == journal.commit()
    with open_journal(path) as journal:
        assert day.engine.snapshot() == restart(journal).engine.snapshot()
