"""
Decides everything in a journal once more, and compares.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .. import backends
from ..errors import EventRefusedError
from ._blocks import digest_of
from ._interface import Progress, Record
from ._restart import StartedJournal, restart

__all__ = ["Difference", "Rechecked", "recheck"]

DIFFERENCES_MAX = 20
"""So many are named; a state that differs once decides otherwise ever after."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """
    One record that would be decided otherwise now.
    """

    seq: int
    at_ms: int
    semantics: int
    """By which number of behaviour it was decided."""
    what: str
    """``orders``, ``refusal`` or ``state`` (that of a snapshot)."""
    recorded: str
    now: str


class Rechecked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was decided once more.
    """

    events: int
    snapshots: int
    """So many kept states were compared with those of the replay."""
    differing: int
    differences: tuple[Difference, ...]
    """The first of them."""


def recheck(
    journal: StartedJournal, *, backend: str = "", progress: Progress | None = None
) -> Rechecked:
    """
    Decide everything in a journal once more and compare orders, refusals and states.

    Args:
        journal: The journal.
        backend: ``rust``, ``python`` or ``cython``; empty: the active one.
        progress: Told how far it is.

    Returns:
        What differs.  With records of one ``SEMANTICS`` number nothing may; an older
        number explains a difference, and ``now`` says what would be decided today.

    Raises:
        JournalError: It is damaged, or begins with a state that this version cannot
            read.

    Cost: one event after another, with all orders.
    """
    replay = _Replay(journal, backend or backends.active())
    snapshots = set(journal.snapshots())
    begun_at = journal.base_seq
    for record in journal.records(after_seq=begun_at):
        if record.note_kind == "hole":
            replay.begin(record.seq)
            continue
        replay.decide(record)
        if record.seq in snapshots:
            replay.compare_state(record)
        if progress is not None and record.seq % 1000 == 0:
            progress(record.seq - begun_at, journal.durable_seq - begun_at)
    return Rechecked(
        events=replay.events,
        snapshots=replay.snapshots,
        differing=replay.differing,
        differences=tuple(replay.differences),
    )


class _Replay:
    """
    An engine that is told what was recorded, and what it says otherwise.
    """

    def __init__(self, journal: StartedJournal, backend: str) -> None:
        self._journal = journal
        self._backend = backend
        self._engine: Any = None
        self.events = self.snapshots = self.differing = 0
        self.differences: list[Difference] = []
        self.begin(journal.base_seq)

    def begin(self, seq: int) -> None:
        """
        Go on from the state behind a record: a snapshot, or the start.
        """
        found = restart(self._journal, backend=self._backend, until_seq=seq)
        self._engine = found.engine

    def decide(self, record: Record) -> None:
        """
        Tell the engine one event and compare.
        """
        if record.event is None:
            return
        self.events += 1
        try:
            actions, code = self._engine.handle(record.event, record.at_ms), ""
        except EventRefusedError as refusal:
            actions, code = refusal.actions, refusal.code
        if code != record.refused:
            self._differs(record, "refusal", record.refused, code)
        digest = digest_of(actions)
        if digest != record.digest:
            now = f"{digest.hex() or 'none'}: {list(actions)}"
            self._differs(record, "orders", record.digest.hex() or "none", now)

    def compare_state(self, record: Record) -> None:
        """
        Compare with the snapshot behind a record.
        """
        kept = self._journal.last_snapshot(record.seq)
        if kept is None or kept.seq != record.seq:
            return
        self.snapshots += 1
        if kept.state != self._engine.snapshot():
            self._differs(record, "state", "a snapshot", "another state")

    def _differs(self, record: Record, what: str, recorded: str, now: str) -> None:
        self.differing += 1
        if len(self.differences) < DIFFERENCES_MAX:
            self.differences.append(
                Difference(
                    seq=record.seq,
                    at_ms=record.at_ms,
                    semantics=record.semantics,
                    what=what,
                    recorded=recorded,
                    now=now,
                )
            )
