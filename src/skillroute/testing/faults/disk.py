"""
A journal in memory, with a disk below it that fails and a machine that is killed.

It fills the same protocol as the embedded journal and keeps the same promises: a group
is wholly there after its commit has returned, and wholly there or wholly absent if the
process was killed in the middle of it.  What the disk does is decided from outside.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from ...actions import Action
from ...errors import JournalError
from ...events import Event, PlanReloaded
from ...journal import KeptSnapshot, Record, Verified, digest_of
from ...plan.compiled import plan_id
from ...semantics import SEMANTICS

__all__ = ["MemoryJournal"]

_encode = msgspec.msgpack.encode


class _Kept(msgspec.Struct, frozen=True):
    """
    One record, as cheap as it can be.
    """

    seq: int
    at_ms: int
    event: Event | None
    actions: tuple[Action, ...] = ()
    refused: str = ""
    note_kind: str = ""
    text: str = ""


class _Disk(msgspec.Struct):
    """
    What is durable.
    """

    records: list[_Kept]
    plans: dict[str, bytes]
    snapshots: list[KeptSnapshot]
    holes: list[int]
    """Records after which some are missing."""
    alive_ms: int | None = None


class _Marks(msgspec.Struct, frozen=True):
    """
    How much was durable before the last commit.
    """

    records: int
    snapshots: int
    holes: int
    alive_ms: int | None


class MemoryJournal:
    """
    The record of every event of a site, in memory.

    Args:
        plan: The first plan in force, compiled.
    """

    def __init__(self, plan: bytes) -> None:
        first = plan_id(plan)
        self._disk = _Disk([], {first: plan}, [], [])
        self._first_plan = first
        self.fails = ""
        """Why commits fail; empty: they do not."""
        self._undo: _Marks | None = None
        self._forget_pending()

    def _forget_pending(self) -> None:
        """
        Have nothing but what is on the disk.
        """
        disk = self._disk
        self._records: list[_Kept] = []
        self._plans: dict[str, bytes] = {}
        self._snapshots: list[KeptSnapshot] = []
        self._holes: list[int] = []
        self._heartbeat_ms: int | None = None
        self._seq = self._first_free() - 1
        self._last_ms = disk.records[-1].at_ms if disk.records else None
        self._plan_id = self._first_plan
        for record in disk.records:
            if isinstance(record.event, PlanReloaded) and not record.refused:
                self._plan_id = record.event.plan_id
        if disk.snapshots and disk.holes:
            behind = disk.snapshots[-1]
            if behind.seq >= disk.holes[-1]:
                self._plan_id = self._plan_behind(behind)

    def _plan_behind(self, snapshot: KeptSnapshot) -> str:
        current = snapshot.plan_id
        for record in self._disk.records:
            if (
                record.seq > snapshot.seq
                and isinstance(record.event, PlanReloaded)
                and not record.refused
            ):
                current = record.event.plan_id
        return current

    def _first_free(self) -> int:
        disk = self._disk
        last = disk.records[-1].seq if disk.records else 0
        kept = disk.snapshots[-1].seq if disk.snapshots else 0
        return max(last, kept) + 1

    # Faults --------------------------------------------------------------------

    def crash(self, *, loses_last: bool) -> None:
        """
        Go on as after a kill: what was not committed is gone.

        Args:
            loses_last: Whether the last commit had not returned, and is gone, too.
        """
        if loses_last and self._undo is not None:
            disk, undo = self._disk, self._undo
            del disk.records[undo.records :]
            del disk.snapshots[undo.snapshots :]
            del disk.holes[undo.holes :]
            disk.alive_ms = undo.alive_ms
        self._undo = None
        self.fails = ""
        self._forget_pending()

    def swap_last(self) -> None:
        """
        Let the last two records that wait change places: a planted fault.
        """
        if len(self._records) > 1:
            one, two = self._records[-2:]
            swapped = msgspec.structs.replace
            self._records[-2:] = [
                swapped(two, seq=one.seq),
                swapped(one, seq=two.seq),
            ]

    # Adding --------------------------------------------------------------------

    def append(
        self,
        event: Event,
        at_ms: int,
        *,
        actions: Sequence[Action] = (),
        refused: str = "",
    ) -> int:
        """
        Add an event that the engine was told.
        """
        self._seq += 1
        kept = _Kept(self._seq, at_ms, event, tuple(actions), refused)
        self._records.append(kept)
        self._last_ms = at_ms
        if isinstance(event, PlanReloaded) and not refused:
            known = event.plan_id in self._plans or event.plan_id in self._disk.plans
            if not known:
                raise JournalError(
                    code="plan_missing",
                    message=f"no plan {event.plan_id} was given",
                    where="memory",
                )
            self._plan_id = event.plan_id
        return self._seq

    def note(self, kind: str, text: str, at_ms: int) -> int:
        """
        Add a note for people.
        """
        self._seq += 1
        kept = _Kept(self._seq, at_ms, None, note_kind=kind, text=text)
        self._records.append(kept)
        return self._seq

    def heartbeat(self, at_ms: int) -> None:
        """
        Say that the driver runs.
        """
        self._heartbeat_ms = at_ms

    def keep_snapshot(self, state: bytes) -> None:
        """
        Keep the engine's snapshot.
        """
        at_ms = self._last_ms or 0
        self._snapshots.append(
            KeptSnapshot(
                seq=self._seq,
                at_ms=at_ms,
                plan_id=self._plan_id,
                semantics=SEMANTICS,
                state=state,
            )
        )

    def add_plan(self, compiled: bytes) -> str:
        """
        Keep a plan.
        """
        id = plan_id(compiled)
        self._plans[id] = compiled
        return id

    def skip(self, lost: int, state: bytes, at_ms: int, *, plan_id: str = "") -> int:
        """
        Leave a hole.
        """
        self._plan_id = plan_id or self._plan_id
        missing = lost + len(self._records)
        self._records.clear()
        self._snapshots.clear()
        self._seq = self._first_free() - 1
        self._holes.append(self._seq)
        self._seq += missing
        self._last_ms = at_ms
        self.note("hole", f"{missing} events before this were not recorded", at_ms)
        self.keep_snapshot(state)
        return missing

    def commit(self) -> int:
        """
        Make durable what was added.
        """
        self._undo = None
        if self.fails:
            raise JournalError(
                code="journal_write_failed", message=self.fails, where="memory"
            )
        disk = self._disk
        self._undo = _Marks(
            len(disk.records), len(disk.snapshots), len(disk.holes), disk.alive_ms
        )
        disk.records += self._records
        disk.plans.update(self._plans)
        disk.snapshots += self._snapshots
        disk.holes += self._holes
        last = [record.at_ms for record in self._records[-1:]]
        alive = (disk.alive_ms, self._heartbeat_ms, *last)
        disk.alive_ms = max((ms for ms in alive if ms is not None), default=None)
        self._records, self._plans = [], {}
        self._snapshots, self._holes = [], []
        return self._seq

    def close(self) -> None:
        """
        Let go of what is pending.
        """
        self._forget_pending()

    # Asking --------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """
        How many records wait for a commit.
        """
        return len(self._records)

    @property
    def last_seq(self) -> int:
        """
        Number of the last record added.
        """
        return self._seq

    @property
    def durable_seq(self) -> int:
        """
        Number of the last record committed.
        """
        return self._first_free() - 1

    @property
    def last_ms(self) -> int | None:
        """
        Time of the last record added.
        """
        return self._last_ms

    @property
    def alive_ms(self) -> int | None:
        """
        The last committed heartbeat or record.
        """
        return self._disk.alive_ms

    @property
    def base_seq(self) -> int:
        """
        Nothing is ever taken away.
        """
        return 0

    @property
    def base_plan_id(self) -> str:
        """
        The first plan in force.
        """
        return self._first_plan

    @property
    def plan_id(self) -> str:
        """
        The plan in force behind the last record added.
        """
        return self._plan_id

    @property
    def snapshot_due(self) -> bool:
        """
        Never: the driver counts itself.
        """
        return False

    def commit_due(self, now_ms: int) -> bool:
        """
        Whether anything waits.
        """
        return bool(self._records) and now_ms >= 0

    # Reading -------------------------------------------------------------------

    def records(
        self, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[Record]:
        """
        Read committed records in their order.
        """
        for kept in self._between(after_seq, until_seq):
            yield Record(
                seq=kept.seq,
                at_ms=kept.at_ms,
                event=kept.event,
                digest=digest_of(kept.actions),
                refused=kept.refused,
                note_kind=kept.note_kind,
                text=kept.text,
                semantics=SEMANTICS,
            )

    def frames(
        self, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[bytes]:
        """
        Read the same as pieces for ``Engine.replay``, without notes.
        """
        if any(hole >= after_seq for hole in self._disk.holes):
            raise JournalError(
                code="journal_hole", message="records are missing", where="memory"
            )
        bodies = [
            _encode((kept.at_ms, kept.event))
            for kept in self._between(after_seq, until_seq)
            if kept.event is not None
        ]
        yield b"".join(len(body).to_bytes(4, "big") + body for body in bodies)

    def plans(self) -> Mapping[str, bytes]:
        """
        Return all plans kept.
        """
        return self._disk.plans

    def snapshots(self) -> Sequence[int]:
        """
        List the records behind which a snapshot is kept.
        """
        return [snapshot.seq for snapshot in self._disk.snapshots]

    def last_snapshot(self, until_seq: int | None = None) -> KeptSnapshot | None:
        """
        Return the newest snapshot that is not behind a record.
        """
        fitting = [
            snapshot
            for snapshot in self._disk.snapshots
            if until_seq is None or snapshot.seq <= until_seq
        ]
        return fitting[-1] if fitting else None

    def verify(self) -> Verified:
        """
        Count what is there; nothing in memory is ever damaged.
        """
        records = self._disk.records
        return Verified(
            first_seq=records[0].seq if records else 0,
            last_seq=self.durable_seq,
            records=len(records),
            lost=len(self._disk.holes),
            snapshots=len(self._disk.snapshots),
            plans=len(self._disk.plans),
            people=0,
        )

    def erase(self, number: str) -> int:
        """
        Forget nobody: people here are made up.
        """
        return len(number) * 0

    def _between(self, after_seq: int, until_seq: int | None) -> Iterator[_Kept]:
        records = self._disk.records
        start = bisect_right(records, after_seq, key=lambda kept: kept.seq)
        for kept in islice(records, start, None):
            if until_seq is not None and kept.seq > until_seq:
                return
            yield kept
