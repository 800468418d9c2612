"""
One commit: what waits in the queue becomes blocks, rows and a new head.

The queue is flat, four elements an item: the time, what there is, the orders, the code
of the refusal.  A tuple for each record would be one more object that lives until the
commit, and the collector looks at each of those again and again: in groups of 4,096
records that took a quarter of the whole time.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from ..actions import Action
from ..events import Event, PlanReloaded
from ..semantics import SEMANTICS
from . import _rows
from ._blocks import Entries, Note, chained, pack
from ._people import People
from ._rows import Head, SnapshotRow

__all__ = [
    "Attempt",
    "Hole",
    "Plan",
    "State",
    "begins_alike",
    "item",
    "oldest_ms",
    "plans_in",
    "put",
    "put_snapshot",
]

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


_BESIDE = frozenset({Plan, State, Hole})
"""What is no record."""
_WIDTH = 4


def item(
    what: Event | Note | Plan | State | Hole,
    at_ms: int = 0,
    orders: Sequence[Action] = (),
    code: str = "",
) -> tuple[Any, ...]:
    """
    Return what the queue is extended by.
    """
    return at_ms, what, orders, code


def plans_in(queue: list[Any]) -> list[Any]:
    """
    Return a queue in which only plans are left.
    """
    plans = [what for what in queue[1::_WIDTH] if type(what) is Plan]
    return list(chain.from_iterable(map(item, plans)))


def oldest_ms(queue: list[Any]) -> int | None:
    """
    Return the time of the first record that waits; None: there is none.
    """
    waiting = zip(queue[::_WIDTH], queue[1::_WIDTH], strict=True)
    return next((ms for ms, what in waiting if type(what) not in _BESIDE), None)


def begins_alike(queue: list[Any], other: list[Any]) -> bool:
    """
    Tell whether the first items of two queues are the same.
    """
    return queue[:_WIDTH] == other[:_WIDTH]


class Attempt(msgspec.Struct, frozen=True):
    """
    What a commit tried to write.
    """

    items: list[Any]
    head: Head


def put(
    connection: sqlite3.Connection,
    people: People,
    head: Head,
    items: list[Any],
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
    entries = Entries(*(items[column::_WIDTH] for column in range(_WIDTH)))
    kinds = list(map(type, entries.told))
    beside = [n for n, kind in enumerate(kinds) if kind in _BESIDE]
    begin = lost = 0
    for end in (*beside, len(kinds)):
        for start in range(begin, end, BLOCK_RECORDS_MAX):
            part = entries.part(start, min(start + BLOCK_RECORDS_MAX, end))
            head = _put_block(connection, people, head, part, lost)
            lost = 0
        begin = end + 1
        what = entries.told[end] if end < len(kinds) else None
        if isinstance(what, Plan):
            _rows.add_plan(connection, what.id, what.compiled)
        elif isinstance(what, State):
            put_snapshot(connection, people, head, what)
            # Behind a hole the reload that led to this plan was not recorded.
            head = msgspec.structs.replace(head, last_plan=what.plan_id)
        elif isinstance(what, Hole):
            lost = what.next_seq - 1 - head.last_seq
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
    entries: Entries,
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


def _last_reloaded(entries: Entries) -> str:
    """
    Name the plan that came into force last among records; empty: none did.
    """
    if PlanReloaded not in set(map(type, entries.told)):
        return ""
    reloads = [
        what.plan_id
        for what, code in zip(entries.told, entries.codes, strict=True)
        if isinstance(what, PlanReloaded) and not code
    ]
    return reloads[-1] if reloads else ""
