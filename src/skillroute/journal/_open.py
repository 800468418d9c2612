"""
Opens a journal, or makes one, and finds out how it ended.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import IO, get_args

import msgspec

from ..errors import JournalError
from ..plan.compiled import decode, plan_id
from . import _file, _rows
from ._interface import Check, Durability, Recovery
from ._rows import Head
from ._sqlite import Settings, SqliteJournal
from ._verify import begin_of, check_chain
from ._wal import read_log

__all__ = ["open_journal"]


def open_journal(
    path: str | Path,
    *,
    plan: bytes | None = None,
    durability: Durability = "fsync",
    max_delay_ms: int = 5,
    group_max: int = 512,
    snapshot_every: int = 50_000,
    check: Check = "recent",
    read_only: bool = False,
) -> SqliteJournal:
    """
    Open the journal of a site; make it if there is none.

    What a crash left unfinished at its end is cut off; ``recovered`` of the journal
    says how much that was.  Nothing of it was ever acknowledged.

    Args:
        path: The file; SQLite keeps ``-wal`` and ``-shm`` beside it, we ``-lock``.
        plan: A compiled plan: the first in force if the journal is made now, else
            kept beside the others.
        durability: What a commit survives.
        max_delay_ms: How long a record may wait for others before ``commit_due``.
        group_max: With so many records ``commit_due`` at once.
        snapshot_every: Records between snapshots, for ``snapshot_due``.
        check: What is read and checked now: by default what is recent, which is
            everything in a journal of up to a million commits and a GiB.
        read_only: Never write; whoever writes to it may go on.

    Returns:
        The journal, a context manager.

    Raises:
        JournalError: There is none and no plan to make one (``journal_missing``), it
            is in use (``journal_in_use``), is something else (``journal_foreign``) or
            newer (``journal_newer``), or damaged before its end (``journal_damaged``).
        PlanError: *plan* is no compiled plan.
        ValueError: A setting is out of its range; nothing was written.

    Cost: by default at most some seconds; with ``all`` linear in the file.
    """
    path = Path(path)
    settings = Settings(
        durability=durability,
        max_delay_ms=max_delay_ms,
        group_max=group_max,
        snapshot_every=snapshot_every,
    )
    _refuse_check(check)
    if plan is not None:
        decode(plan)
    if not path.exists() and (plan is None or read_only):
        raise JournalError(
            code="journal_missing", message=f"there is no {path}", where=str(path)
        )
    owner = None
    if not read_only:
        with _file.reading(path):
            owner = _file.lock(path)
    try:
        if not path.exists():
            assert plan is not None
            _make(path, plan, durability)
        journal = _opened(path, owner, settings, check)
    except BaseException:
        if owner is not None:
            _file.unlock(owner)
        raise
    if plan is not None and not read_only:
        journal.add_plan(plan)
    return journal


def _refuse_check(check: str) -> None:
    if check not in get_args(Check):
        message = f"check must be one of {', '.join(get_args(Check))}, not {check!r}"
        raise ValueError(message)


def _make(path: Path, plan: bytes, durability: Durability) -> None:
    """
    Make a journal beside its place and move it there.
    """
    new = Path(f"{path}-new")
    new.unlink(missing_ok=True)
    id = plan_id(plan)
    head = Head(
        durability=durability,
        base_seq=0,
        base_chain=bytes.fromhex(id),
        base_plan=id,
        last_seq=0,
        last_chain=bytes.fromhex(id),
        last_plan=id,
        last_ms=None,
        alive_ms=None,
    )
    with _file.reading(path):
        _file.create(new)
        connection = sqlite3.connect(new)
        try:
            _rows.add_plan(connection, id, plan)
            _rows.put_head(connection, head)
            connection.commit()
        finally:
            connection.close()
        new.replace(path)
        _file.sync_folder(path.absolute().parent)


def _opened(
    path: Path, owner: IO[bytes] | None, settings: Settings, check: Check
) -> SqliteJournal:
    torn_bytes = _looked_over(path) if owner is not None else _looked_at(path)
    connection = _file.connect(
        path, durability=settings.durability, read_only=owner is None
    )
    try:
        with _file.reading(path):
            head = _rows.read_head(connection, path)
            begin = begin_of(connection, path, head, check)
            check_chain(connection, path, head, begin)
            if owner is not None and head.durability != settings.durability:
                head = msgspec.structs.replace(head, durability=settings.durability)
                _rows.put_head(connection, head)
            recovered = Recovery(
                last_seq=head.last_seq,
                torn_bytes=torn_bytes,
                unchecked_seq=0 if begin == head.base_seq else begin,
            )
            return SqliteJournal(path, connection, owner, settings, recovered)
    except BaseException:
        connection.close()
        raise


def _looked_over(path: Path) -> int:
    """
    Read the log before SQLite does; return how many bytes of it are torn.

    A log that ends before what the database has already taken over from it would
    bring back older pages.  Then the database alone is whole, and the log goes.

    Raises:
        JournalError: Whole commits follow a bad one, and all were durable.
    """
    log = Path(f"{path}-wal")
    with _file.reading(path):
        found = read_log(log)
        alone = _head_of(path, "immutable=1")
        if found.bad_frame is not None and (alone is None or alone.is_durable):
            what = f"page {found.bad_frame} of its log is bad, and commits follow it"
            raise _file.damaged(log, what)
        if alone is not None and log.exists():
            with_log = _head_of(path, "cache=private")
            if with_log is None or with_log.last_seq < alone.last_seq:
                _check_alone(path, alone)
                log.unlink()
                Path(f"{path}-shm").unlink(missing_ok=True)
    return found.torn_bytes


def _looked_at(path: Path) -> int:
    """
    Read the log as well if nobody writes; return how many bytes of it are torn.

    Raises:
        JournalError: Whole commits follow a bad one.
    """
    log = Path(f"{path}-wal")
    if not log.exists():
        return 0
    try:
        owner = _file.lock(path)
    except JournalError:
        return 0
    try:
        with _file.reading(path):
            found = read_log(log)
    finally:
        _file.unlock(owner)
    if found.bad_frame is not None:
        what = f"page {found.bad_frame} of its log is bad, and commits follow it"
        raise _file.damaged(log, what)
    return found.torn_bytes


def _head_of(path: Path, how: str) -> Head | None:
    """
    Read where a journal ends without changing anything; None: that cannot be read.
    """
    connection = sqlite3.connect(_reading_uri(path, how), uri=True)
    try:
        return _rows.read_head(connection, path)
    except JournalError:
        return None
    finally:
        connection.close()


def _check_alone(path: Path, head: Head) -> None:
    connection = sqlite3.connect(_reading_uri(path, "immutable=1"), uri=True)
    try:
        check_chain(connection, path, head, begin_of(connection, path, head, "recent"))
    finally:
        connection.close()


def _reading_uri(path: Path, how: str) -> str:
    return f"{path.absolute().as_uri()}?mode=ro&{how}"
