"""
The values that events and actions share: parties, needs, destinations.

They are immutable, comparable and hashable, and are written in MessagePack as
arrays.  The order of their fields and their tags are append-only.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

__all__ = [
    "AnyOf",
    "Destination",
    "Forbidden",
    "Need",
    "OfferId",
    "Party",
    "PartyKind",
    "Preferred",
    "PreferredAgent",
    "Required",
]

OfferId: TypeAlias = int
"""Number of an offer: 1 for the first of a site, never used twice."""

PartyKind: TypeAlias = Literal["e164", "short", "extension", "uri", "anonymous"]


class Party(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    One end of a call: who calls, or which number of ours was dialled.
    """

    kind: PartyKind
    number: str
    """Normalised: ``+74951234567``, ``112``, ``205``, ``sip:a@b``; empty: anonymous."""
    raw: str = ""
    """As the switch gave it; empty: the same as ``number``."""
    region: str = ""
    """Region id of the plan or of the tables; empty: not known."""
    operator: str = ""
    """Carrier; empty: not known."""
    zones: tuple[str, ...] = ()
    """Possible IANA zones; empty: not known."""
    name: str = ""
    """Display name that the switch gave; empty: none."""


class Required(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """
    The agent must hold the tag, at least at this level.
    """

    tag: str
    level: int = 1
    """1 to 100."""


class AnyOf(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """
    The agent must hold at least one of the tags, at any level.
    """

    tags: tuple[str, ...]


class Forbidden(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """
    The agent must not hold the tag.
    """

    tag: str


class Preferred(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """
    Agents who hold the tag come first; no test depends on it.
    """

    tag: str
    weight: int = 1
    """1 to 1000; weights of several preferred tags add up."""


class PreferredAgent(msgspec.Struct, frozen=True, array_like=True):
    """
    An agent whom a call tries before its queue's strategy decides.
    """

    agent: str
    """Id of the agent; who is not in the plan is passed over."""
    for_ms: int = 0
    """How long the call is held for them while they are busy; 0: not at all."""


Need: TypeAlias = Required | AnyOf | Forbidden | Preferred
"""One thing that a call asks of an agent."""


class Destination(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Where a transfer, an overflow or a supervisor sends a call.
    """

    kind: Literal["agent", "queue", "tags", "flow", "number", "voicemail", "none"]
    name: str = ""
    """The agent, queue, flow, number or box; empty for ``tags`` and ``none``."""
    needs: tuple[Need, ...] = ()
    """For ``tags``: who may take it; for ``queue``: added to the call's needs."""
