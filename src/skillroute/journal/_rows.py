"""
The rows of an SQLite journal: written, read, and checked whenever they are read.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from ..events import PlanReloaded
from ..plan.compiled import plan_id
from ._blocks import Block, chained, unpack
from ._file import damaged, reading
from ._interface import Durability

__all__ = [
    "Head",
    "SnapshotRow",
    "add_block",
    "add_plan",
    "add_snapshot",
    "blocks",
    "put_head",
    "read_head",
    "read_plans",
    "read_snapshot",
    "recent_begin",
    "reloads_in",
    "snapshot_seqs",
]

_HEAD_COLUMNS = (
    "durability, base_seq, base_chain, base_plan, last_seq, last_chain, last_plan,"
    " last_ms, alive_ms"
)
_BLOCK_COLUMNS = (
    "first_seq, count, lost, first_ms, last_ms, semantics, frames, marks, chain"
)
_SNAPSHOT_COLUMNS = "seq, at_ms, plan_id, semantics, chain, state, checksum"
_READ_AT_ONCE = 64
"""Blocks in memory while all are read."""
RECENT_COMMITS = 1_000_000
RECENT_BYTES = 2**30
"""What is checked at every start: some seconds' reading, however long the journal."""


class Head(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Where a journal begins and ends; one row, changed by every commit.
    """

    durability: Durability
    base_seq: int
    """The record behind which it begins; 0: nothing was taken away."""
    base_chain: bytes
    base_plan: str
    """The plan in force there."""
    last_seq: int
    last_chain: bytes
    last_plan: str
    last_ms: int | None
    """Time of the last record; None: there is none."""
    alive_ms: int | None
    """The last heartbeat or record; None: neither."""

    @property
    def is_durable(self) -> bool:
        """
        Whether every commit was to survive a power failure.
        """
        return self.durability == "fsync"


class SnapshotRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    A snapshot as it is kept: with opaque ids, compressed.
    """

    seq: int
    at_ms: int
    plan_id: str
    semantics: int
    chain: bytes
    """Checksum of the record behind which it was taken."""
    state: bytes

    @property
    def plain(self) -> bytes:
        """
        The state, not compressed, with opaque ids.
        """
        return zlib.decompress(self.state)

    def checksum(self) -> bytes:
        """
        Return what is kept beside it.
        """
        return blake2b(_encode(self), digest_size=16).digest()


def _encode(row: msgspec.Struct) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.astuple(row))


# Head ------------------------------------------------------------------------


def put_head(connection: sqlite3.Connection, head: Head) -> None:
    """
    Write where the journal begins and ends.
    """
    row = (*msgspec.structs.astuple(head), zlib.crc32(_encode(head)))
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT OR REPLACE INTO head (one, {_HEAD_COLUMNS}, checksum)"  # noqa: S608
        f" VALUES (1, {marks})",
        row,
    )


def read_head(connection: sqlite3.Connection, path: Path) -> Head:
    """
    Read where the journal begins and ends.

    Raises:
        JournalError: The row is not what was written (``journal_damaged``).
    """
    query = f"SELECT {_HEAD_COLUMNS}, checksum FROM head"  # noqa: S608
    with reading(path):
        row = connection.execute(query).fetchone()
    try:
        head = msgspec.convert(row[:-1], type=Head)
    except (msgspec.ValidationError, TypeError) as error:
        raise damaged(path, "its head cannot be read") from error
    if zlib.crc32(_encode(head)) != row[-1]:
        raise damaged(path, "its head is not what was written")
    return head


# Blocks ----------------------------------------------------------------------


def add_block(connection: sqlite3.Connection, block: Block, chain: bytes) -> None:
    """
    Write the records of one commit.
    """
    connection.execute(
        f"INSERT INTO block ({_BLOCK_COLUMNS})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(block), chain),
    )


def blocks(
    connection: sqlite3.Connection, path: Path, head: Head, after_seq: int
) -> Iterator[tuple[Block, bytes]]:
    """
    Read blocks and check their chain, from the one with the record behind *after_seq*.

    Args:
        connection: To the database.
        path: The file, for errors.
        head: Up to where.
        after_seq: Nothing that ends there or before is read.

    Yields:
        Each block and its checksum.

    Raises:
        JournalError: A block is missing or not what was written
            (``journal_damaged``); ``where`` has the first record of which this is so.
    """
    seq, chain = _before(connection, path, head, after_seq)
    for block, kept in _block_rows(connection, path, seq):
        if block.first_seq != seq + 1 + block.lost:
            raise damaged(path, "records are missing", seq=seq + 1)
        try:
            chain = chained(chain, block)
        except struct.error:  # a number larger than any that is written
            chain = b""
        if chain != kept:
            raise damaged(path, "a record is not what was written", seq=seq + 1)
        seq = block.last_seq
        if seq > head.last_seq:
            return  # written by the owner since the head was read
        yield block, chain
        if seq == head.last_seq:
            break
    if (seq, chain) != (head.last_seq, head.last_chain) and after_seq < head.last_seq:
        raise damaged(path, f"records up to {head.last_seq} are missing", seq=seq + 1)


def recent_begin(connection: sqlite3.Connection, path: Path, head: Head) -> int:
    """
    Return the record behind which the recent blocks begin; where all do, the first.
    """
    query = (
        "SELECT first_seq, ifnull(length(frames), 0) FROM block ORDER BY first_seq DESC"
    )
    size = 0
    with reading(path):
        rows: Iterator[tuple[int, int]] = connection.execute(query)
        for count, (first_seq, length) in enumerate(rows, 1):
            size += length
            if count == RECENT_COMMITS or size > RECENT_BYTES:
                return max(first_seq - 1, head.base_seq)
    return head.base_seq


def _before(
    connection: sqlite3.Connection, path: Path, head: Head, after_seq: int
) -> tuple[int, bytes]:
    """
    Return the end of the block before the one to begin with, and its checksum.
    """
    after_seq = max(after_seq, head.base_seq)
    query = (
        "SELECT first_seq + count - 1, chain FROM block"
        " WHERE first_seq + count - 1 <= ? AND first_seq <= ?"
        " ORDER BY first_seq DESC LIMIT 1"
    )
    with reading(path):
        row = connection.execute(query, (after_seq, after_seq)).fetchone()
    return (row[0], row[1]) if row else (head.base_seq, head.base_chain)


def _block_rows(
    connection: sqlite3.Connection, path: Path, after_seq: int
) -> Iterator[tuple[Block, bytes]]:
    names = Block.__struct_fields__
    query = (
        f"SELECT {_BLOCK_COLUMNS} FROM block WHERE first_seq > ?"  # noqa: S608
        " ORDER BY first_seq LIMIT ?"
    )
    while True:
        with reading(path):
            rows = connection.execute(query, (after_seq, _READ_AT_ONCE)).fetchall()
        if not rows:
            return
        for row in rows:
            try:
                block = msgspec.convert(dict(zip(names, row[:-1], strict=True)), Block)
            except msgspec.ValidationError as error:
                raise damaged(path, "a record cannot be read", seq=row[0]) from error
            yield block, row[-1]
            after_seq = block.first_seq


def reloads_in(block: Block) -> list[str]:
    """
    List the plans that came into force in a block, in their order.
    """
    return [
        record.event.plan_id
        for record in unpack(block, lambda event: event)
        if isinstance(record.event, PlanReloaded) and not record.refused
    ]


# Snapshots -------------------------------------------------------------------


def add_snapshot(connection: sqlite3.Connection, row: SnapshotRow) -> None:
    """
    Write a snapshot, in place of one behind the same record.
    """
    connection.execute(
        f"INSERT OR REPLACE INTO snapshot ({_SNAPSHOT_COLUMNS})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*msgspec.structs.astuple(row), row.checksum()),
    )


def snapshot_seqs(connection: sqlite3.Connection, path: Path) -> list[int]:
    """
    List the records behind which a snapshot is kept, ascending.
    """
    with reading(path):
        rows = connection.execute("SELECT seq FROM snapshot ORDER BY seq").fetchall()
    return [row[0] for row in rows]


def read_snapshot(connection: sqlite3.Connection, path: Path, seq: int) -> SnapshotRow:
    """
    Read the snapshot behind a record.

    Raises:
        JournalError: It is not what was written (``journal_damaged``).
    """
    query = f"SELECT {_SNAPSHOT_COLUMNS} FROM snapshot WHERE seq = ?"  # noqa: S608
    with reading(path):
        row = connection.execute(query, (seq,)).fetchone()
    if row is None:
        raise damaged(path, "the snapshot is missing", seq=seq)
    fields = dict(zip(SnapshotRow.__struct_fields__, row[:-1], strict=True))
    snapshot = SnapshotRow(**fields)
    if snapshot.checksum() != row[-1]:
        raise damaged(path, "the snapshot is not what was written", seq=seq)
    return snapshot


# Plans -----------------------------------------------------------------------


def add_plan(connection: sqlite3.Connection, id: str, compiled: bytes) -> None:
    """
    Write a plan, unless it is there.
    """
    connection.execute(
        "INSERT OR IGNORE INTO plan (id, compiled) VALUES (?, ?)", (id, compiled)
    )


def read_plans(connection: sqlite3.Connection, path: Path) -> dict[str, bytes]:
    """
    Read all plans.

    Raises:
        JournalError: One is not what was written (``journal_damaged``).
    """
    with reading(path):
        rows = connection.execute("SELECT id, compiled FROM plan ORDER BY id")
        found = dict(rows.fetchall())
    for id, compiled in found.items():
        if plan_id(compiled) != id:
            raise damaged(path, f"plan {id} is not what was written")
    return found
