"""
What the core of the driver is told, and what it wants done.

Instants ending in ``_at_ms`` are those of the engine's clock, ``monotonic_ms`` counts
from an arbitrary start and never goes back.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ..actions import Action, LookUp
from ..hookspecs import ObservedMoment

__all__ = [
    "Alarm",
    "AskLookUp",
    "AskObserver",
    "Entry",
    "Happened",
    "KeptPlan",
    "KeptState",
    "LeftOut",
    "Lived",
    "Noted",
    "Outbox",
    "Reading",
    "Receipt",
    "Release",
]


class Reading(msgspec.Struct, frozen=True):
    """
    Both clocks, read at the same time.
    """

    monotonic_ms: int
    wall_ms: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of one event that was told.
    """

    ticket: int
    code: str
    """Empty: applied; else the code of the engine's refusal, or ``overloaded``,
    ``stopping``, ``stopped``, ``host_dropped``, ``no_event``: not even recorded."""
    durable: bool
    """It is in the journal, and survives whatever happens to this process."""


class Happened(msgspec.Struct, frozen=True):
    """
    To be appended: one event with its orders.
    """

    moment: ObservedMoment


class Noted(msgspec.Struct, frozen=True):
    """
    To be appended: a note for people.
    """

    kind: str
    text: str
    at_ms: int


class Lived(msgspec.Struct, frozen=True):
    """
    To be kept: the driver ran at that instant.
    """

    at_ms: int


class KeptPlan(msgspec.Struct, frozen=True):
    """
    To be kept: a plan that an event is going to name.
    """

    compiled: bytes


class KeptState(msgspec.Struct, frozen=True):
    """
    To be kept: the engine's snapshot behind all that was appended.
    """

    state: bytes


class LeftOut(msgspec.Struct, frozen=True):
    """
    To be appended: a hole, since too much happened while the journal failed.
    """

    lost: int
    """Events that were never appended."""
    state: bytes
    """The engine's snapshot behind the hole."""
    at_ms: int
    plan_id: str = ""
    """The plan in force then; empty: that of the last record appended."""


Entry: TypeAlias = Happened | Noted | Lived | KeptPlan | KeptState | LeftOut
"""One thing for the journal, in order."""


class Release(msgspec.Struct, frozen=True):
    """
    An order for a host to carry out now.
    """

    host: str
    action: Action


class AskLookUp(msgspec.Struct, frozen=True):
    """
    Ask the hooks about a caller.
    """

    id: int
    order: LookUp


class AskObserver(msgspec.Struct, frozen=True):
    """
    Let one observer see what happened.
    """

    id: int
    observer: str
    moments: tuple[ObservedMoment, ...]


class Alarm(msgspec.Struct, frozen=True):
    """
    Somebody should look at it.
    """

    code: str
    text: str
    at_ms: int


class Outbox(msgspec.Struct, kw_only=True):
    """
    What the core wants done, each list in order; entries first, then the commit.
    """

    entries: list[Entry] = []
    """Append these to the journal."""
    commit: int = 0
    """Then commit, and say how group of this number went; 0: not now."""
    releases: list[Release] = []
    receipts: list[Receipt] = []
    asks: list[AskLookUp | AskObserver] = []
    alarms: list[Alarm] = []
    drops: list[str] = []
    """Cut off these hosts; they connect again."""
    resyncs: list[str] = []
    """Ask these hosts what exists, and pass it to ``host_returned``."""
