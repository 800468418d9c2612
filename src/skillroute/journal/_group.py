"""
One commit: what waits in the queue becomes blocks, rows and a new head.
"""

from __future__ import annotations

import sqlite3
import zlib
from itertools import groupby
from typing import TypeAlias, cast

import msgspec

from ..events import PlanReloaded
from ..semantics import SEMANTICS
from . import _rows
from ._blocks import Entry, chained, pack
from ._people import People
from ._rows import Head, SnapshotRow

__all__ = ["Attempt", "Hole", "Item", "Plan", "State", "put", "put_snapshot"]

BLOCK_RECORDS_MAX = 4096
"""A longer group is written as several blocks: so much is read and checked at once."""


class Plan(msgspec.Struct, frozen=True):
    """
    A plan on its way into the journal.
    """

    id: str
    compiled: bytes


class State(msgspec.Struct, frozen=True):
    """
    A snapshot on its way, behind the record before it in the queue.
    """

    state: bytes
    plan_id: str


class Hole(msgspec.Struct, frozen=True):
    """
    The records before this one are missing; a note that says so follows.
    """

    next_seq: int


Item: TypeAlias = Entry | Plan | State | Hole


class Attempt(msgspec.Struct, frozen=True):
    """
    What a commit tried to write.
    """

    items: tuple[Item, ...]
    head: Head


def put(
    connection: sqlite3.Connection,
    people: People,
    head: Head,
    items: tuple[Item, ...],
    alive_ms: int | None,
) -> Head:
    """
    Write items, and return where the journal ends then.

    Args:
        connection: To the database, with a transaction open.
        people: Those of the journal.
        head: Where it ends now.
        items: What waits, in its order.
        alive_ms: The last heartbeat; None: there was none.
    """
    lost = 0
    for kind, run in groupby(items, key=type):
        if kind is tuple:
            entries = cast("list[Entry]", list(run))
            for start in range(0, len(entries), BLOCK_RECORDS_MAX):
                part = entries[start : start + BLOCK_RECORDS_MAX]
                head = _put_block(connection, people, head, part, lost)
                lost = 0
            continue
        for item in run:
            if isinstance(item, Plan):
                _rows.add_plan(connection, item.id, item.compiled)
            elif isinstance(item, State):
                put_snapshot(connection, people, head, item)
                # Behind a hole the reload that led to this plan was not recorded.
                head = msgspec.structs.replace(head, last_plan=item.plan_id)
            elif isinstance(item, Hole):
                lost = item.next_seq - 1 - head.last_seq
    people.flush()
    times = [ms for ms in (head.last_ms, alive_ms) if ms is not None]
    head = msgspec.structs.replace(head, alive_ms=max(times, default=None))
    _rows.put_head(connection, head)
    return head


def put_snapshot(
    connection: sqlite3.Connection, people: People, head: Head, item: State
) -> None:
    """
    Write a snapshot of the state at the end of *head*.
    """
    row = SnapshotRow(
        seq=head.last_seq,
        at_ms=head.last_ms or 0,
        plan_id=item.plan_id,
        semantics=SEMANTICS,
        chain=head.last_chain,
        state=zlib.compress(people.conceal_state(item.state), 1),
    )
    _rows.add_snapshot(connection, row)


def _put_block(
    connection: sqlite3.Connection,
    people: People,
    head: Head,
    entries: list[Entry],
    lost: int,
) -> Head:
    block = pack(
        entries,
        people.conceal,
        first_seq=head.last_seq + lost + 1,
        lost=lost,
        semantics=SEMANTICS,
    )
    chain = chained(head.last_chain, block)
    _rows.add_block(connection, block, chain)
    return msgspec.structs.replace(
        head,
        last_seq=block.last_seq,
        last_chain=chain,
        last_ms=block.last_ms,
        last_plan=_last_reloaded(entries) or head.last_plan,
    )


def _last_reloaded(entries: list[Entry]) -> str:
    """
    Name the plan that came into force last among records; empty: none did.
    """
    if PlanReloaded not in {type(entry[1]) for entry in entries}:
        return ""
    reloads = [
        event.plan_id
        for _at_ms, event, _actions, refused in entries
        if isinstance(event, PlanReloaded) and not refused
    ]
    return reloads[-1] if reloads else ""
