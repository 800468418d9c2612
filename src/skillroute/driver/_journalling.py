"""
Between the core and a journal: what is appended, and how a driver comes back from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from ..actions import Action
from ..errors import EventRefusedError
from ..journal import Journal, StartedJournal, restart
from ._engine import Engine
from ._messages import (
    Entry,
    Happened,
    KeptPlan,
    KeptState,
    LeftOut,
    Lived,
    Noted,
)

__all__ = ["ComeBack", "come_back", "write_entries"]

_REDELIVERED_RECORDS = 200
_REDELIVERED_MS = 2_000


class ComeBack(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where a driver goes on.
    """

    engine: Engine
    alive_ms: int | None
    """When the driver lived last; None: the journal is new."""
    redeliver: tuple[Action, ...] = ()
    """Orders of the last moments, which may not have reached their hosts."""


def write_entries(journal: Journal, entries: Iterable[Entry]) -> None:
    """
    Append what the core wants kept, in order; nothing is written before a commit.
    """
    for entry in entries:
        match entry:
            case Happened(moment=moment):
                journal.append(
                    moment.event,
                    moment.at_ms,
                    actions=moment.actions,
                    refused=moment.refused,
                )
            case Noted(kind=kind, text=text, at_ms=at_ms):
                journal.note(kind, text, at_ms)
            case Lived(at_ms=at_ms):
                journal.heartbeat(at_ms)
            case KeptPlan(compiled=compiled):
                journal.add_plan(compiled)
            case KeptState(state=state):
                journal.keep_snapshot(state)
            case LeftOut(lost=lost, state=state, at_ms=at_ms, plan_id=plan_id):
                journal.skip(lost, state, at_ms, plan_id=plan_id)


def come_back(journal: StartedJournal, *, backend: str = "") -> ComeBack:
    """
    Make the engine of a journal: its last snapshot, and what came after.

    The last few records are handled one by one for their orders: those of the last
    two seconds may not have reached their hosts, who carry out no order twice.

    Args:
        journal: Open for writing.
        backend: Which engine; empty: the active one.

    Raises:
        JournalError: The journal is damaged.
        ImportError: The backend is unknown or not installed.

    Cost: linear in the records behind the last snapshot.
    """
    last_ms = journal.last_ms
    if last_ms is None:
        again = restart(journal, backend=backend)
        return ComeBack(engine=again.engine, alive_ms=journal.alive_ms)
    snapshot = journal.last_snapshot()
    until_seq = max(
        journal.last_seq - _REDELIVERED_RECORDS,
        journal.base_seq if snapshot is None else snapshot.seq,
    )
    again = restart(journal, backend=backend, until_seq=until_seq)
    ordered: list[Action] = []
    for record in journal.records(again.seq):
        if record.event is None:
            continue
        actions: tuple[Action, ...] = ()
        with suppress(EventRefusedError):
            actions = again.engine.handle(record.event, record.at_ms)
        if record.at_ms >= last_ms - _REDELIVERED_MS:
            ordered += actions
    alive_ms = max(last_ms, journal.alive_ms or last_ms)
    return ComeBack(engine=again.engine, alive_ms=alive_ms, redeliver=tuple(ordered))
