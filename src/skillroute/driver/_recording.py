"""
The record as the driver decides it: what is appended, when it is committed, and what
becomes of it when the journal fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..events import PlanReloaded
from ..hookspecs import ObservedMoment
from ._desk import Desk, Held
from ._engine import Engine
from ._messages import Happened, KeptState, LeftOut
from ._settings import DriverSettings

__all__ = ["Record"]


class Record:
    """
    Keeps what is not durable yet.

    Args:
        engine: Gives the snapshots.
        settings: How much is committed at once, and what follows from a failure.
        desk: Where entries and alarms go.
    """

    def __init__(self, engine: Engine, settings: DriverSettings, desk: Desk) -> None:
        self._engine = engine
        self._settings = settings
        self._desk = desk
        self.is_down = False
        """Nothing is acknowledged as durable at present."""
        self._group: list[Held] = []
        """Handled, and not yet part of a commit."""
        self._committing: list[Held] | None = None
        """The group of the commit under way; None: there is none."""
        self._commits = 0
        self._commit_late_at = 0
        self._retry_at: int | None = None
        self._since_snapshot = 0
        """Appended since the last snapshot."""
        self._unrecorded = 0
        """Appended since the journal failed."""
        self._lost_plan_id = ""
        """The plan in force behind the hole, if a reload is among the lost events."""

    @property
    def has_hole(self) -> bool:
        """
        Tell whether events were left out that no snapshot stands for yet.
        """
        return self._desk.lost > 0

    @property
    def is_settled(self) -> bool:
        """
        Tell whether all that was entered is durable.
        """
        return not self._desk.is_dirty and self._committing is None

    @property
    def in_flight(self) -> int:
        """
        Return how many events are handled and not durable.
        """
        return len(self._group) + len(self._committing or ())

    def wake_times(self) -> Iterator[int]:
        """
        List when something must be looked at, by the monotonic clock.
        """
        if self._committing is None:
            if self._retry_at is not None:
                yield self._retry_at
        elif self._may_go_on():
            yield self._commit_late_at

    # Entering ----------------------------------------------------------------

    def hold(self, held: Held) -> bool:
        """
        Append what happened, and hold it until it is durable; False: let it go now.
        """
        is_held = self.append(held.moment) and not self.is_down
        if is_held:
            self._group.append(held)
        self._since_snapshot += 1
        if self._since_snapshot >= self._settings.snapshot_every:
            self.keep_state()
        return is_held

    def append(self, moment: ObservedMoment) -> bool:
        """
        Append to the journal; False: it fails for so long that there will be a hole.
        """
        is_too_much = self._unrecorded >= self._settings.unrecorded_max
        if self._desk.lost or (self.is_down and is_too_much):
            self._desk.lost += 1
            if isinstance(moment.event, PlanReloaded) and not moment.refused:
                self._lost_plan_id = moment.event.plan_id
            return False
        self._unrecorded += self.is_down
        self._desk.enter(Happened(moment))
        return True

    def keep_state(self) -> None:
        """
        Append a snapshot, unless one will stand behind a hole.
        """
        if not self._desk.lost:
            self._since_snapshot = 0
            self._desk.enter(KeptState(self._engine.snapshot()))

    # Committing --------------------------------------------------------------

    def want_commit(self) -> None:
        """
        Ask for a commit if there is something, none is under way, and it may be tried.
        """
        desk = self._desk
        if self._committing is not None:
            return
        if self._retry_at is not None and desk.monotonic_ms < self._retry_at:
            return
        if desk.lost:
            state, plan_id = self._engine.snapshot(), self._lost_plan_id
            left_out = LeftOut(desk.lost, state, desk.engine_ms, plan_id)
            desk.lost = self._unrecorded = self._since_snapshot = 0
            self._lost_plan_id = ""
            desk.enter(left_out)
        if not desk.is_dirty:
            return
        self._committing, self._group = self._group, []
        desk.is_dirty = False
        self._commits += 1
        desk.outbox.commit = self._commits
        self._commit_late_at = desk.monotonic_ms + self._settings.commit_late_ms

    def committed(self, number: int) -> list[Held]:
        """
        End a commit that succeeded; return its group.
        """
        group = self._returned(number)
        self._retry_at = None
        if self.is_down:
            self.is_down = False
            self._unrecorded = 0
            self._desk.alarm("journal_works", "the journal is written again")
        return group

    def commit_failed(self, number: int, monotonic_ms: int) -> list[Held]:
        """
        End a commit that failed; return its group.
        """
        group = self._returned(number)
        self._retry_at = monotonic_ms + self._settings.retry_ms
        return group

    def late_commit(self) -> list[Held] | None:
        """
        Return the group of a commit that takes too long, once; None: none does.
        """
        is_late = self._desk.monotonic_ms >= self._commit_late_at
        if self._committing is None or not is_late or not self._may_go_on():
            return None
        group, self._committing = self._committing, []
        return group

    def take_back(self) -> list[Held]:
        """
        Return what would have been committed next.
        """
        group, self._group = self._group, []
        return group

    def go_on_without(self, why: str, unrecorded: int) -> None:
        """
        Acknowledge nothing from now on; what was appended is pending in the journal.

        Args:
            why: What the journal said.
            unrecorded: How many events may not be durable.
        """
        if not self.is_down:
            self.is_down = True
            self._unrecorded = unrecorded
            self._desk.alarm("journal_failed", f"the journal is not written: {why}")
        self._desk.is_dirty = True

    def _returned(self, number: int) -> list[Held]:
        assert number == self._commits
        assert self._committing is not None
        group, self._committing = self._committing, None
        return group

    def _may_go_on(self) -> bool:
        """
        Tell whether the driver would go on without the journal, and does not yet.
        """
        return self._settings.on_failure == "route" and not self.is_down
