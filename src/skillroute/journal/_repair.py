"""
Saves what is good of a damaged journal into a new one.

The damaged files are read and never changed.  A block is good if its checksum fits
that of the block before it, a snapshot if its own does.  What can be replayed is kept:
the good blocks from the beginning, and after damage those behind the next good
snapshot, with a hole in between.  Everything else is left out and listed; what of it
can be read is written beside the new journal as JSON Lines, for people.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from ..errors import JournalError
from ..plan.compiled import plan_id
from ..semantics import SEMANTICS
from . import _file, _rows
from ._blocks import Block, Entries, Note, chained, pack, unpack
from ._export import line_of
from ._people import DamagedPersonError, People
from ._rows import Head, SnapshotRow

__all__ = ["Repaired", "repair"]

_FAR = 2**50
"""Beyond every sequence number."""

_UNREADABLE = (
    msgspec.DecodeError,
    StopIteration,
    RuntimeError,
    DamagedPersonError,
    # Text that is no UTF-8, instants beyond every calendar.
    ValueError,
    OverflowError,
    OSError,
)
"""What a record can raise in which any bit may be another."""


class Repaired(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was saved, and what was not.
    """

    kept: int
    """How many records are in the new journal."""
    left_out: tuple[tuple[int, int], ...]
    """(first, last) of the records that are not, ascending; empty: none."""
    readable: int
    """How many of those could be read, and were written beside the new journal."""
    problems: tuple[str, ...]
    """What was found, in the order of the file."""


class _Found(msgspec.Struct, kw_only=True):
    """
    Everything that could be read.
    """

    head: Head | None
    blocks: list[tuple[Block, bytes, bool]]
    """(block, its checksum as kept, whether that is right), ascending."""
    snapshots: dict[int, SnapshotRow]
    plans: dict[str, bytes]
    people: list[tuple[int, str, str, str, int]]
    problems: list[str]


class _Piece(msgspec.Struct):
    """
    Blocks that can be replayed one after another.
    """

    snapshot: SnapshotRow | None
    """What they begin with; None: the plan with which the journal was made."""
    blocks: list[Block]


def repair(path: str | Path, new: str | Path) -> Repaired:
    """
    Save what is good of a journal into a new one.

    Args:
        path: The damaged journal; it stays as it is.
        new: The new journal, which must not exist.

    Returns:
        What was saved, and what was not.

    Raises:
        JournalError: There is none (``journal_missing``), it is in use
            (``journal_in_use``), *new* exists (``journal_exists``), or nothing can be
            saved (``journal_damaged``).
    """
    path, new = Path(path), Path(new)
    if not path.exists():
        raise JournalError(
            code="journal_missing", message=f"there is no {path}", where=str(path)
        )
    if new.exists():
        raise JournalError(
            code="journal_exists", message=f"{new} exists already", where=str(new)
        )
    with _file.reading(path):
        owner = _file.lock(path)
    try:
        with tempfile.TemporaryDirectory(dir=new.absolute().parent) as folder:
            copy = Path(folder, "copy")
            shutil.copyfile(path, copy)
            log = Path(f"{path}-wal")
            if log.exists():
                shutil.copyfile(log, f"{copy}-wal")
            found = _read(copy)
            pieces = _pieces(found)
            if not pieces:
                raise JournalError(
                    code="journal_damaged",
                    message=f"{path}: nothing of it can be saved; take a copy of it",
                    where=str(path),
                )
            made = Path(folder, "made")
            _write(made, found, pieces)
            repaired = _judged(found, pieces, made, new)
            made.replace(new)
            _file.sync_folder(new.absolute().parent)
    finally:
        _file.unlock(owner)
    return repaired


# Reading ---------------------------------------------------------------------


def _read(copy: Path) -> _Found:
    connection = sqlite3.connect(copy, isolation_level=None)
    found = _Found(head=None, blocks=[], snapshots={}, plans={}, people=[], problems=[])
    try:
        try:
            found.head = _rows.read_head(connection, copy)
        except JournalError:
            found.problems.append("where the journal begins and ends cannot be read")
        _read_snapshots(connection, copy, found)
        _read_blocks(connection, found)
        for id, compiled in _rows_of(connection, "plan", "id, compiled", found):
            if plan_id(compiled) == id:
                found.plans[id] = compiled
            else:
                found.problems.append(f"plan {id} is not what was written")
        columns = "id, number, raw, name, checksum"
        for row in _rows_of(connection, "person", columns, found):
            if People.is_whole(row):
                found.people.append(row)
            else:
                found.problems.append(f"the person {row[0]} is not what was written")
    finally:
        connection.close()
    return found


def _read_snapshots(connection: sqlite3.Connection, copy: Path, found: _Found) -> None:
    for (seq,) in _rows_of(connection, "snapshot", "seq", found):
        try:
            found.snapshots[seq] = _rows.read_snapshot(connection, copy, seq)
        except (JournalError, TypeError):
            found.problems.append(f"the snapshot behind {seq} is not what was written")


def _read_blocks(connection: sqlite3.Connection, found: _Found) -> None:
    """
    Read all blocks that can be reached, and tell the good ones.
    """
    before: dict[int, bytes] = {
        seq: snapshot.chain for seq, snapshot in found.snapshots.items()
    }
    if found.head is not None:
        before[found.head.base_seq] = found.head.base_chain
    names = Block.__struct_fields__
    columns = ", ".join((*names, "chain"))
    for row in _rows_of(connection, "block", columns, found):
        try:
            block = msgspec.convert(dict(zip(names, row[:-1], strict=True)), Block)
            chain = before.get(block.first_seq - block.lost - 1)
            good = chain is not None and chained(chain, block) == row[-1]
        except (msgspec.ValidationError, OverflowError, ValueError):
            found.problems.append(f"sequence {row[0]}: a record cannot be read")
            continue
        if not good:
            found.problems.append(
                f"sequence {block.first_seq}: a record is not what was written"
                if chain is not None
                else f"sequence {block.first_seq}: what stood before is not known"
            )
        before[block.last_seq] = row[-1]
        found.blocks.append((block, row[-1], good))


def _rows_of(
    connection: sqlite3.Connection, table: str, columns: str, found: _Found
) -> Iterator[tuple[Any, ...]]:
    """
    Yield every row of a table that can be reached, one by one.
    """
    key = columns.partition(",")[0]
    query = (
        f"SELECT {columns} FROM {table} WHERE {key} > ?"  # noqa: S608
        f" ORDER BY {key} LIMIT 1"
    )
    last: int | str = "" if table == "plan" else -1
    step = 1
    while True:
        try:
            row = _next_row(connection, query, last)
        except (sqlite3.Error, ValueError) as error:
            found.problems.append(f"table {table} behind {last}: {error}")
            if isinstance(last, str) or last + step > _FAR:
                return
            last, step = last + step, step * 2
            continue
        if row is None:
            return
        step = 1
        last = row[0]
        yield row


def _next_row(connection: sqlite3.Connection, query: str, last: Any) -> Any:
    """
    Read the row behind a key; None: there is none.

    Raises:
        ValueError: What comes is not behind it: the pages of a damaged table may lead
            back, and whoever followed them would never come to an end.
    """
    row = connection.execute(query, (last,)).fetchone()
    if row is None:
        return None
    key: Any = row[0]
    if not (isinstance(key, type(last)) and key > last):
        raise ValueError("its index leads back")
    return row


# Choosing --------------------------------------------------------------------


def _pieces(found: _Found) -> list[_Piece]:
    """
    Find what can be replayed: from the beginning, then from each next snapshot.
    """
    pieces: list[_Piece] = []
    first = _first_piece(found)
    if first is not None:
        _fill(first, found)
        pieces.append(first)
    while True:
        reached = _end(pieces[-1], found) if pieces else -1
        later = [
            snapshot
            for seq, snapshot in sorted(found.snapshots.items())
            if seq > reached and snapshot.plan_id in found.plans
        ]
        if not later:
            return pieces
        piece = _Piece(later[0], [])
        _fill(piece, found)
        pieces.append(piece)


def _first_piece(found: _Found) -> _Piece | None:
    head = found.head
    if head is None or head.base_plan not in found.plans:
        return None
    if head.base_seq == 0:
        return _Piece(None, [])
    snapshot = found.snapshots.get(head.base_seq)
    return None if snapshot is None else _Piece(snapshot, [])


def _fill(piece: _Piece, found: _Found) -> None:
    """
    Add the good blocks that follow one another without a gap.
    """
    seq = piece.snapshot.seq if piece.snapshot is not None else 0
    for block, _chain, good in found.blocks:
        if block.last_seq <= seq:
            continue
        if not good or block.lost or block.first_seq != seq + 1:
            return
        if not found.plans.keys() >= set(_rows.reloads_in(block)):
            found.problems.append(f"sequence {block.first_seq}: its plan is missing")
            return
        piece.blocks.append(block)
        seq = block.last_seq


def _end(piece: _Piece, found: _Found) -> int:
    if piece.blocks:
        return piece.blocks[-1].last_seq
    if piece.snapshot is not None:
        return piece.snapshot.seq
    return found.head.base_seq if found.head is not None else 0


# Writing ---------------------------------------------------------------------


def _write(made: Path, found: _Found, pieces: list[_Piece]) -> None:
    _file.create(made)
    connection = sqlite3.connect(made, isolation_level=None)
    connection.execute("BEGIN")
    head = _new_head(found, pieces[0])
    for id, compiled in found.plans.items():
        _rows.add_plan(connection, id, compiled)
    connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?)", found.people)
    for number, piece in enumerate(pieces):
        if number:
            head = _put_hole(connection, head, piece)
        elif piece.snapshot is not None:
            _rows.add_snapshot(connection, piece.snapshot)
        for block in piece.blocks:
            head = _put_block(connection, head, block, found)
    if found.head is not None and found.head.alive_ms is not None:
        alive_ms = max(found.head.alive_ms, head.last_ms or 0)
        head = msgspec.structs.replace(head, alive_ms=alive_ms)
    _rows.put_head(connection, head)
    connection.execute("COMMIT")
    connection.close()


def _new_head(found: _Found, first: _Piece) -> Head:
    durability = found.head.durability if found.head is not None else "fsync"
    if first.snapshot is None:
        assert found.head is not None
        seq, chain = 0, found.head.base_chain
        plan, at_ms = found.head.base_plan, None
    else:
        seq, chain = first.snapshot.seq, first.snapshot.chain
        plan, at_ms = first.snapshot.plan_id, first.snapshot.at_ms
    return Head(
        durability=durability,
        base_seq=seq,
        base_chain=chain,
        base_plan=plan,
        last_seq=seq,
        last_chain=chain,
        last_plan=plan,
        last_ms=at_ms,
        alive_ms=at_ms,
    )


def _put_hole(connection: sqlite3.Connection, head: Head, piece: _Piece) -> Head:
    """
    Write a note in place of the record behind which a piece begins, and its snapshot.
    """
    snapshot = piece.snapshot
    assert snapshot is not None
    lost = snapshot.seq - head.last_seq - 1
    note = Note("hole", f"{lost} records before this were damaged")
    block = pack(
        Entries([snapshot.at_ms], [note], [()], [""]),
        lambda events: events,
        first_seq=snapshot.seq,
        lost=lost,
        semantics=SEMANTICS,
    )
    chain = chained(head.last_chain, block)
    _rows.add_block(connection, block, chain)
    _rows.add_snapshot(connection, msgspec.structs.replace(snapshot, chain=chain))
    return msgspec.structs.replace(
        head,
        last_seq=snapshot.seq,
        last_chain=chain,
        last_ms=snapshot.at_ms,
        last_plan=snapshot.plan_id,
    )


def _put_block(
    connection: sqlite3.Connection, head: Head, block: Block, found: _Found
) -> Head:
    chain = chained(head.last_chain, block)
    _rows.add_block(connection, block, chain)
    plan = [head.last_plan, *_rows.reloads_in(block)][-1]
    head = msgspec.structs.replace(
        head,
        last_seq=block.last_seq,
        last_chain=chain,
        last_ms=block.last_ms,
        last_plan=plan,
    )
    snapshot = found.snapshots.get(block.last_seq)
    if snapshot is not None and snapshot.plan_id in found.plans:
        _rows.add_snapshot(connection, msgspec.structs.replace(snapshot, chain=chain))
    return head


# Reporting -------------------------------------------------------------------


def _judged(found: _Found, pieces: list[_Piece], made: Path, new: Path) -> Repaired:
    """
    Count what was kept, and write what was left out for people to read.
    """
    kept = {block.first_seq for piece in pieces for block in piece.blocks}
    connection = sqlite3.connect(made, isolation_level=None)
    people = People(connection)
    readable = 0
    beside = Path(f"{new}.left-out.jsonl")
    try:
        with beside.open("wb") as file:
            for block, _chain, _good in found.blocks:
                if block.first_seq not in kept:
                    readable += _write_lines(file, block, people)
    finally:
        connection.close()
    if not readable:
        beside.unlink()
    return Repaired(
        kept=sum(block.count for piece in pieces for block in piece.blocks),
        left_out=tuple(_left_out(found, pieces)),
        readable=readable,
        problems=tuple(found.problems),
    )


def _write_lines(file: IO[bytes], block: Block, people: People) -> int:
    """
    Write the records of a block as far as they can be read.
    """
    count = 0
    try:
        for record in unpack(block, people.reveal):
            file.write(msgspec.json.encode(line_of(record)) + b"\n")
            count += 1
    except _UNREADABLE:
        pass  # what follows in it cannot be told apart
    return count


def _left_out(found: _Found, pieces: list[_Piece]) -> Iterator[tuple[int, int]]:
    """
    List the records that are in none of the pieces.
    """
    seq = pieces[0].snapshot.seq if pieces[0].snapshot is not None else 0
    if found.head is not None and found.head.base_seq < seq:
        yield found.head.base_seq + 1, seq
    for number, piece in enumerate(pieces):
        if number:
            assert piece.snapshot is not None
            yield seq + 1, piece.snapshot.seq
        seq = _end(piece, found)
    known = [block.last_seq for block, _chain, _good in found.blocks]
    last = max([*known, found.head.last_seq if found.head is not None else 0])
    if seq < last:
        yield seq + 1, last
