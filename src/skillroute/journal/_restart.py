"""
From a journal back to an engine: the last snapshot, then what was recorded since.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from .. import backends
from ..errors import JournalError
from ..events import PlanReloaded
from ._interface import Journal, KeptSnapshot

__all__ = ["Restarted", "StartedJournal", "restart", "state_hash"]


class StartedJournal(Journal, Protocol):
    """
    A journal that knows where it begins.
    """

    @property
    def base_seq(self) -> int:
        """
        The record behind which it begins; 0: nothing was taken away.
        """
        ...

    @property
    def base_plan_id(self) -> str:
        """
        The plan in force there.
        """
        ...


class Restarted(msgspec.Struct, frozen=True, kw_only=True):
    """
    An engine in the state that a journal leads to.
    """

    engine: Any
    """An ``Engine``; it was given all plans of the journal."""
    seq: int
    """The record right behind which it stands."""
    at_ms: int | None
    """Time of that record; None: there is none."""
    plan_id: str
    """The plan in force."""
    snapshot_seq: int | None
    """The snapshot from which it was made; None: from the start."""
    replayed: int
    """How many recorded events were handled again."""


def state_hash(state: bytes) -> str:
    """
    Return by what two states of an engine are compared: equal states, equal text.

    Args:
        state: What ``Engine.snapshot`` gave.

    Source: BLAKE2b, 16 bytes, RFC 7693.
    """
    return blake2b(state, digest_size=16).hexdigest()


def restart(
    journal: StartedJournal, *, backend: str = "", until_seq: int | None = None
) -> Restarted:
    """
    Make an engine in the state right behind a record.

    Args:
        journal: The journal; only what is committed counts.
        backend: ``rust``, ``python`` or ``cython``; empty: the active one.
        until_seq: The record; None: the last.

    Returns:
        The engine, and what it took.

    Raises:
        JournalError: The way there is damaged (``journal_damaged``), leads over a
            hole (``journal_hole``), or begins with a snapshot that this version
            cannot read (``snapshot_malformed``).

    Cost: reading a snapshot, then a replay of what follows it.
    """
    engine_class = backends.load(backend or backends.active()).Engine
    plans = journal.plans()
    last_seq = journal.durable_seq if until_seq is None else until_seq
    engine, snapshot = _begun(journal, engine_class, plans, last_seq)
    for compiled in plans.values():
        engine.add_plan(compiled)
    after_seq = journal.base_seq if snapshot is None else snapshot.seq
    replayed = 0
    for frames in journal.frames(after_seq=after_seq, until_seq=last_seq):
        replayed += engine.replay(frames)
    at_ms, plan_id = _where(journal, snapshot, last_seq)
    return Restarted(
        engine=engine,
        seq=last_seq,
        at_ms=at_ms,
        plan_id=plan_id,
        snapshot_seq=None if snapshot is None else snapshot.seq,
        replayed=replayed,
    )


def _begun(
    journal: StartedJournal, engine_class: Any, plans: Mapping[str, bytes], seq: int
) -> tuple[Any, KeptSnapshot | None]:
    """
    Make an engine of the last snapshot, or of the plan with which all began.

    A snapshot of another version's layout is passed over if there is a way without.
    """
    snapshot = journal.last_snapshot(seq)
    if snapshot is not None:
        try:
            restored = engine_class.restore(plans[snapshot.plan_id], snapshot.state)
        except JournalError:
            if journal.base_seq:
                raise
        else:
            return restored, snapshot
    return engine_class(plans[journal.base_plan_id]), None


def _where(
    journal: StartedJournal, snapshot: KeptSnapshot | None, seq: int
) -> tuple[int | None, str]:
    """
    Return the time of a record, and the plan in force behind it.
    """
    if seq == journal.last_seq:
        return journal.last_ms, journal.plan_id
    at_ms = None if snapshot is None else snapshot.at_ms
    plan_id = journal.base_plan_id if snapshot is None else snapshot.plan_id
    after_seq = journal.base_seq if snapshot is None else snapshot.seq
    for record in journal.records(after_seq=after_seq, until_seq=seq):
        at_ms = record.at_ms
        if isinstance(record.event, PlanReloaded) and not record.refused:
            plan_id = record.event.plan_id
    return at_ms, plan_id
