"""
Reads a whole journal and stops at the first thing that is not what was written.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from . import _rows
from ._file import damaged
from ._interface import Check, Progress, Verified
from ._people import People
from ._rows import Head

__all__ = ["begin_of", "check_chain", "verify"]


def begin_of(
    connection: sqlite3.Connection, path: Path, head: Head, check: Check
) -> int:
    """
    Return the record behind which a check begins.
    """
    seqs = _rows.snapshot_seqs(connection, path) or [head.base_seq]
    match check:
        case "all":
            return head.base_seq
        case "tail":
            return seqs[-1]
        case "recent":
            recent = _rows.recent_begin(connection, path, head)
            return min(recent, seqs[-1])


def check_chain(
    connection: sqlite3.Connection,
    path: Path,
    head: Head,
    start: int,
    progress: Progress | None = None,
) -> tuple[int, int]:
    """
    Check the chain of checksums, and the snapshots on it.

    Args:
        connection: To the database.
        path: The file, for errors.
        head: Up to where.
        start: From which record on, as ``begin_of`` gives it.
        progress: Told how far it is.

    Returns:
        How many records there are, and how many are missing in holes.

    Raises:
        JournalError: Something is not what was written (``journal_damaged``).
    """
    seqs = [seq for seq in _rows.snapshot_seqs(connection, path) if seq >= start]
    wanted = {seq: _rows.read_snapshot(connection, path, seq).chain for seq in seqs}
    if wanted.pop(head.base_seq, head.base_chain) != head.base_chain:
        raise damaged(path, "the snapshot is of another journal", seq=head.base_seq)
    records = lost = 0
    for block, chain in _rows.blocks(connection, path, head, start - 1):
        records += block.count
        lost += block.lost
        if block.lost and block.first_seq not in seqs:
            raise damaged(path, "a hole has no snapshot behind it", seq=block.first_seq)
        if wanted.pop(block.last_seq, chain) != chain:
            what = "the snapshot is of another journal"
            raise damaged(path, what, seq=block.last_seq)
        if progress is not None:
            progress(block.last_seq - start, head.last_seq - start)
    for seq in wanted:
        raise damaged(path, "a snapshot stands behind no record", seq=seq)
    return records, lost


def verify(
    connection: sqlite3.Connection,
    path: Path,
    head: Head,
    progress: Progress | None = None,
) -> Verified:
    """
    Read everything: the chain, snapshots, plans, people, and SQLite's own structure.

    Raises:
        JournalError: Something is not what was written (``journal_damaged``).
    """
    records, lost = check_chain(connection, path, head, head.base_seq, progress)
    plans = _rows.read_plans(connection, path)
    for id in (head.base_plan, head.last_plan):
        if id not in plans:
            raise damaged(path, f"plan {id} is missing")
    people = People(connection).check()
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, f"SQLite says: {found}")
    return Verified(
        first_seq=head.base_seq + 1 if records else 0,
        last_seq=head.last_seq,
        records=records,
        lost=lost,
        snapshots=len(_rows.snapshot_seqs(connection, path)),
        plans=len(plans),
        people=people,
    )
