"""
Where a run's journal is: in memory, or in a file that is cut as a kill would cut it.
"""

from __future__ import annotations

import contextlib
import random
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from ...actions import Action
from ...driver import come_back
from ...journal import SqliteJournal, open_journal
from ...plan.compiled import CompiledPlan, decode
from .disk import MemoryJournal

__all__ = ["FileStore", "MemoryStore", "Replayed", "Store", "make_store"]

REDELIVERED_MS = 10_000
"""Orders so young at the end may not have reached their hosts."""


class Replayed(msgspec.Struct, kw_only=True):
    """
    What a journal leads to.
    """

    engine: Any
    alive_ms: int | None
    """None: the journal is new."""
    plan_id: str
    redeliver: list[Action]


class Store(Protocol):
    """
    A journal and its disk.
    """

    journal: Any

    def plan(self, first: CompiledPlan) -> CompiledPlan:
        """
        Return the plan in force in it.
        """
        ...

    def commit(self, *, fails: bool, draw: random.Random) -> None:
        """
        Commit what waits.

        Args:
            fails: Whether the disk is full.
            draw: Chance, for how much of it is still written.
        """
        ...

    def crash(self, draw: random.Random, *, loses_last: bool) -> None:
        """
        Open it again as after a kill.

        Args:
            draw: Chance, for where a file is cut.
            loses_last: Whether the last commit had not returned.
        """
        ...

    def restart(self, backend: str) -> Replayed:
        """
        Bring an engine to where it ends.
        """
        ...

    def close(self) -> None:
        """
        Let go of it.
        """
        ...


class MemoryStore:
    """
    A journal in memory.
    """

    def __init__(self, plan: bytes) -> None:
        self.journal = MemoryJournal(plan)

    def plan(self, first: CompiledPlan) -> CompiledPlan:
        """
        Return the first plan.
        """
        return first

    def commit(self, *, fails: bool, draw: random.Random) -> None:
        """
        Commit what waits.
        """
        del draw
        self.journal.fails = "no space left" if fails else ""
        self.journal.commit()

    def crash(self, draw: random.Random, *, loses_last: bool) -> None:
        """
        Forget what was not durable.
        """
        del draw
        self.journal.crash(loses_last=loses_last)

    def restart(self, backend: str) -> Replayed:
        """
        Bring an engine to where it ends.
        """
        return _restarted(self.journal, backend)

    def close(self) -> None:
        """
        Let go of it: nothing of it is kept.
        """
        self.journal.close()


class FileStore:
    """
    A journal in a file.

    Args:
        folder: Where it and its copies are.
        plan: The first plan in force, for a new one.
        kept: A journal to go on with.
        name: Of the file.
    """

    def __init__(self, folder: Path, plan: bytes, kept: Path | None, name: str) -> None:
        self._folder = folder
        self._turn = 0
        self._name = name
        self._log_bytes = 0
        if kept is not None:
            shutil.copy(kept, self._path)
        self.journal: SqliteJournal = open_journal(
            self._path, plan=None if kept else plan, durability="os"
        )

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._name}-{self._turn}.journal"

    @property
    def _log(self) -> Path:
        return Path(f"{self._path}-wal")

    def plan(self, first: CompiledPlan) -> CompiledPlan:
        """
        Return the plan in force in it.
        """
        del first
        return decode(self.journal.plans()[self.journal.plan_id])

    def commit(self, *, fails: bool, draw: random.Random) -> None:
        """
        Commit what waits, and remember how long the log was before.
        """
        self._log_bytes = self._log.stat().st_size if self._log.exists() else 0
        if fails:
            with _full(self._log_bytes + draw.choice((0, 100, 4_000, 5_000))):
                self.journal.commit()
        else:
            self.journal.commit()

    def crash(self, draw: random.Random, *, loses_last: bool) -> None:
        """
        Copy the files as they are, cut what was not yet durable, open the copy.
        """
        old, old_log = self._path, self._log
        self._turn += 1
        shutil.copy(old, self._path)
        if old_log.exists():
            shutil.copy(old_log, self._log)
            length = self._log.stat().st_size
            if loses_last and length > self._log_bytes:
                with self._log.open("r+b") as log:
                    log.truncate(draw.randint(self._log_bytes, length - 1))
        self.journal.close()
        for file in old.parent.glob(f"{old.name}*"):
            file.unlink()
        self.journal = open_journal(self._path, durability="os")

    def restart(self, backend: str) -> Replayed:
        """
        Bring an engine to where it ends.
        """
        return _restarted(self.journal, backend)

    def close(self) -> None:
        """
        Let go of the file, and remove it.
        """
        self.journal.close()
        for file in self._folder.glob(f"{self._path.name}*"):
            file.unlink()


@contextlib.contextmanager
def _full(bytes_max: int) -> Iterator[None]:
    """
    Let no file of this process grow beyond so many bytes: a write is cut short there.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def make_store(
    plan: bytes, folder: Path | None, *, kept: Path | None, seed: int
) -> MemoryStore | FileStore:
    """
    Make the journal of a run.
    """
    if folder is None:
        return MemoryStore(plan)
    return FileStore(folder, plan, kept, f"seed-{seed}")


def _restarted(journal: Any, backend: str) -> Replayed:
    back = come_back(journal, backend=backend)
    return Replayed(
        engine=back.engine,
        alive_ms=back.alive_ms,
        plan_id=journal.plan_id,
        redeliver=list(back.redeliver),
    )
