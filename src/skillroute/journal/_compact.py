"""
Takes away what is older than it has to be kept, and everybody who is in nothing else.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from ..events import PlanReloaded
from . import _rows
from ._blocks import personal_events, unpack
from ._people import People, named_ids, named_in_state
from ._rows import Head

__all__ = ["Compacted", "last_before", "take_away"]


class Compacted(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was taken away.
    """

    records: int
    people: int
    """Numbers and names that stand in nothing that is left."""
    plans: int
    base_seq: int
    """The record behind which the journal begins now."""


def last_before(connection: sqlite3.Connection, before_ms: int) -> int:
    """
    Return the last record of the last block that ends before an instant; 0: none.
    """
    query = "SELECT max(first_seq + count - 1) FROM block WHERE last_ms < ?"
    found: int | None = connection.execute(query, (before_ms,)).fetchone()[0]
    return found or 0


def take_away(
    connection: sqlite3.Connection, people: People, path: Path, head: Head, seq: int
) -> tuple[Head, Compacted]:
    """
    Take away records, up to one behind which a snapshot is kept.

    Args:
        connection: To the database, with a transaction open.
        people: Those of the journal.
        path: The file, for errors.
        head: Where the journal begins and ends.
        seq: The record.

    Returns:
        Where it begins and ends now, and what was taken away.
    """
    snapshot = _rows.read_snapshot(connection, path, seq)
    records = connection.execute(
        "SELECT coalesce(sum(count), 0) FROM block WHERE first_seq <= ?", (seq,)
    ).fetchone()[0]
    connection.execute("DELETE FROM block WHERE first_seq <= ?", (seq,))
    connection.execute("DELETE FROM snapshot WHERE seq < ?", (seq,))
    head = msgspec.structs.replace(
        head, base_seq=seq, base_chain=snapshot.chain, base_plan=snapshot.plan_id
    )
    _rows.put_head(connection, head)
    plans = _unneeded_plans(connection, path, head)
    for id in plans:
        connection.execute("DELETE FROM plan WHERE id = ?", (id,))
    gone = people.keep_only(_named(connection, path, head))
    done = Compacted(records=records, people=gone, plans=len(plans), base_seq=seq)
    return head, done


def _unneeded_plans(
    connection: sqlite3.Connection, path: Path, head: Head
) -> list[str]:
    needed = {head.base_plan, head.last_plan}
    for seq in _rows.snapshot_seqs(connection, path):
        needed.add(_rows.read_snapshot(connection, path, seq).plan_id)
    for block, _chain in _rows.blocks(connection, path, head, head.base_seq):
        for record in unpack(block, lambda event: event):
            if isinstance(record.event, PlanReloaded):
                needed.add(record.event.plan_id)
    return sorted(_rows.read_plans(connection, path).keys() - needed)


def _named(connection: sqlite3.Connection, path: Path, head: Head) -> set[int]:
    """
    List everybody who stands in what is left.
    """
    ids: set[int] = set()
    for block, _chain in _rows.blocks(connection, path, head, head.base_seq):
        ids.update(named_ids(personal_events(block)))
    for seq in _rows.snapshot_seqs(connection, path):
        ids.update(named_in_state(_rows.read_snapshot(connection, path, seq).plain))
    return ids
