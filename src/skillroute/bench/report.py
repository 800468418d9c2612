"""
What a run found, as an object for programs; ``text.py`` writes it for people.
"""

from __future__ import annotations

import msgspec

from .machine import Machine
from .memory import MemoryRow

__all__ = ["Report", "Row", "read_report"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that was timed, of our own and of its peers.
    """

    name: str
    """``select_realistic`` and the like: what was done, and with which workload."""
    size: int
    """Agents; calls that wait in ``waiting_...`` and ``best_waiting_...``."""
    tags: int
    """Tags that there are; 0 where it does not matter."""
    ns_p50: float
    """Median nanoseconds an operation; see ``timing.py``."""
    ns_p99: float
    """What 99 percent of single operations do not exceed."""
    ns_p999: float
    """As much for 99.9 percent."""
    vs: dict[str, float]
    """For each peer how many times as long it takes."""
    left_out: dict[str, str] = {}
    """Peers that were not timed in this row, and why."""
    checked: int
    """Answers of ours that were compared with brute force before."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """
    A whole run.
    """

    version: int = 1
    date: str
    """ISO 8601, UTC."""
    effort: str
    """``quick`` or ``full``."""
    machine: Machine
    backend: str
    build: str
    """As ``machine.build_of`` says."""
    peers: dict[str, str]
    """What each peer is."""
    skipped: dict[str, str]
    """Peers that cannot run here, and why."""
    rows: tuple[Row, ...]
    memory: tuple[MemoryRow, ...] = ()

    def row(self, name: str, size: int) -> Row | None:
        """
        Return a row; None: it was not measured.
        """
        found = (r for r in self.rows if (r.name, r.size) == (name, size))
        return next(found, None)


def read_report(data: bytes) -> Report:
    """
    Read what ``skillroute bench --json`` printed.

    Raises:
        msgspec.DecodeError: It is something else.
    """
    return msgspec.json.decode(data, type=Report)
