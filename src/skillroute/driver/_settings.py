"""
Settings of the driver: how long, how many, and what to do when the journal fails.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["DriverSettings"]


class DriverSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a driver runs; the defaults suit a site of any size.
    """

    on_failure: Literal["route", "stop"] = "route"
    """When the journal cannot be written: calls go on, with an alarm, and nothing is
    acknowledged as durable; or the driver stops, and nothing unrecorded is ordered."""
    heartbeat_ms: int = 1_000
    """The journal learns at least so often that the driver runs (rule 1.7)."""
    gap_after_ms: int = 5_000
    """So long without a heartbeat while running, as on a suspended machine, is a gap:
    every host is asked what still exists."""
    wall_tolerance_ms: int = 250
    """The engine is told when the wall clock differs from its own by more than that
    from what it was told last."""
    in_flight_max: int = 4_096
    """Events that may be handled and not yet durable; others wait."""
    waiting_max: int = 10_000
    """Told events that may wait; then new calls are refused as ``overloaded``.  At
    four times as many, the host that told most is cut off, and asked again."""
    orders_max: int = 10_000
    """Orders that a host may owe; then it is cut off, and asked again."""
    order_budget_ms: int = 10_000
    """A host that takes longer over one order has failed to carry it out."""
    hook_budget_ms: int = 300
    """A hook that takes longer is recorded, and passed over."""
    observed_max: int = 10_000
    """Moments kept for an observer that is busy; then it misses some."""
    commit_late_ms: int = 2_000
    """A commit that takes longer counts as failed until it has returned."""
    retry_ms: int = 1_000
    """How long after a failed commit the next is tried."""
    unrecorded_max: int = 10_000
    """Events that wait for a journal that fails; then it gets a hole, and a snapshot
    behind it."""
    snapshot_every: int = 50_000
    """Records between two snapshots; a restart replays no more than that."""
    drain_ms: int = 0
    """How long a stop waits for calls in progress; they survive it all the same."""

    def __post_init__(self) -> None:
        """
        Refuse what nobody can have meant, before a site runs on it.

        Raises:
            ValueError: A setting is out of its range.
        """
        if self.on_failure not in ("route", "stop"):
            message = f"on_failure must be 'route' or 'stop', not {self.on_failure!r}"
            raise ValueError(message)
        for name in self.__struct_fields__:
            value = getattr(self, name)
            # A bound of 0 would let nothing pass; a length of 0 is no wait.
            least = 0 if name.endswith("_ms") else 1
            if name != "on_failure" and not (isinstance(value, int) and value >= least):
                message = f"{name} must be a whole number from {least}, not {value!r}"
                raise ValueError(message)
