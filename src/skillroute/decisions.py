"""
Decision records: what ``Engine.explain`` is asked, and what it answers.

They are pure data.  ``skillroute.explain`` turns them into text and JSON.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .contract import Need
from .events import CallArrived

__all__ = [
    "AgentAssumption",
    "AgentVerdict",
    "Decision",
    "ExplainQuery",
    "FlowStep",
    "NeedSource",
]


class AgentAssumption(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    The state of an agent, taken for granted in a hypothetical decision.
    """

    agent: str
    state: Literal["available", "logged_out", "paused", "busy", "wrap_up"]
    reason: str = ""
    """Why paused; empty: not said."""
    idle_ms: int | None = None
    """Idle for so long; None: as long as everybody."""


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    A question: what would be done with this call, or why is that one where it is?
    """

    now_ms: int
    """The instant; not before the engine's clock."""
    arrival: CallArrived | None = None
    """A call that would arrive at that instant; None: *call* is asked about."""
    call: str = ""
    """A call that the engine knows; empty with *arrival*."""
    assume: tuple[AgentAssumption, ...] = ()
    """Only with *arrival*: states of agents, in place of the real ones."""
    assume_rested: bool = False
    """Only with *arrival*: first make every agent logged in, free, and idle since
    the same instant, manual ones included; then apply *assume*."""


class NeedSource(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    One need that is in force, and where it comes from.
    """

    need: Need
    source: str
    """``queue:<name>``, ``number:<number>`` or ``call``; of several sources of
    one tag the one that decided its level."""


class FlowStep(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    One block that the call passed.
    """

    block: str
    exit: str
    why: str


class AgentVerdict(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What the decision says of one agent.
    """

    agent: str
    verdict: str
    """``eligible``, or the code of the first test that failed."""
    also: tuple[str, ...]
    """Codes of all other tests that fail, in the order of the tests."""
    rank: int | None
    """Place among the eligible, 1 is first; None: not eligible."""
    keys: tuple[int, ...]
    """Sort keys in the order of ``Decision.key_names``, the smaller first; of
    every agent, eligible or not."""
    until_ms: int | None
    """The earliest instant at which time alone would make the agent eligible;
    None: never, or eligible already."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Why a call goes where it goes.
    """

    now_ms: int
    call: str
    next: str
    """``offer``, ``wait``, ``connecting``, ``connected``, ``voicemail``,
    ``hang_up`` or ``ended``: what happens (next) to the call."""
    queue: str
    """Empty: no queue was reached."""
    step: int
    """Step of the queue in force; 0: the queue's own rules."""
    chosen: str
    """The agent who gets it, or has it; empty: nobody."""
    needs: tuple[NeedSource, ...]
    """Sorted by kind (required, any_of, forbidden, preferred), then by name."""
    flow: tuple[FlowStep, ...]
    key_names: tuple[str, ...]
    """Names of the sort keys of the queue's strategy; empty without a queue."""
    agents: tuple[AgentVerdict, ...]
    """Every agent of the site: the eligible by rank, then the others in the
    order of the plan."""
    ahead: tuple[str, ...]
    """Calls that stand before this one in the queue's line, first to last."""
