"""
Provoke what a journal raises, so that the page shows what people really get to read.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from skillroute.errors import JournalError
from skillroute.events import Advanced, PlanReloaded
from skillroute.journal import (
    SqliteJournal,
    export_parquet,
    open_journal,
    repair,
)
from skillroute.plan import parse_plan
from skillroute.reference import Engine

from .codes import Code
from .provoked import HEAD

NAME = "site.journal"


def messages() -> dict[Code, str]:
    """
    Provoke the exceptions, and return the message of each code.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return _provoked()


def _provoked() -> dict[Code, str]:
    found: dict[Code, str] = {}
    plan = parse_plan(HEAD).compiled
    path = Path(NAME)
    _note(found, lambda: open_journal(path))
    path.write_text("to be, or not to be\n" * 99, "ascii")
    _note(found, lambda: open_journal(path))
    path.unlink()
    path.mkdir()
    with mock.patch.object(Path, "read_bytes", side_effect=PermissionError(13, "no")):
        Path(f"{NAME}-wal").touch()
        _note(found, lambda: open_journal(path))
    path.rmdir()
    with open_journal(path, plan=plan) as journal:
        _note(found, lambda: open_journal(path))
        _note(found, lambda: journal.append(PlanReloaded(plan_id="ab" * 16), 0))
        _write(journal)
        _note(found, lambda: b"".join(journal.frames()))
        full = sqlite3.OperationalError("database or disk is full")
        with mock.patch("skillroute.journal._sqlite.put", side_effect=full):
            _note(found, journal.commit)
    with open_journal(path, read_only=True) as journal:
        _note(found, journal.commit)
        with mock.patch.dict("sys.modules", pyarrow=None):
            _note(found, lambda: export_parquet(journal, "out.parquet"))
    _note(found, lambda: repair(path, path))
    _changed("UPDATE block SET frames = x'00'")
    _note(found, lambda: open_journal(path))
    _changed("PRAGMA user_version = 2")
    _note(found, lambda: open_journal(path))
    return found


def _write(journal: SqliteJournal) -> None:
    """
    Write something, a hole, and something that is not committed.
    """
    for second in range(2):
        journal.append(Advanced(), second)
    journal.commit()
    journal.skip(5, Engine(journal.plans()[journal.plan_id]).snapshot(), 2)
    journal.commit()
    journal.append(Advanced(), 3)


def _changed(statement: str) -> None:
    connection = sqlite3.connect(NAME)
    connection.execute(statement)
    connection.commit()
    connection.close()


def _note(found: dict[Code, str], provoke: Callable[[], object]) -> None:
    try:
        provoke()
    except JournalError as error:
        found.setdefault(("JournalError", error.code), error.message)
        return
    raise AssertionError("nothing was raised")
