"""
Decision records: what ``Engine.explain`` is asked, and what it answers.

They are pure data; of those of which there may be thousands none can be in a cycle, so
the garbage collector need not look at them.  ``skillroute.explain`` turns them into
text and JSON, and finds the smallest changes that would lead to another decision.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .contract import Need
from .events import CallArrived

__all__ = [
    "AgentAssumption",
    "AgentDecision",
    "AgentQuery",
    "AgentVerdict",
    "AssumedTag",
    "CallVerdict",
    "CompetingCall",
    "Decision",
    "ExplainQuery",
    "FlowStep",
    "NeedSource",
    "ReasonCount",
]


class AssumedTag(msgspec.Struct, frozen=True, array_like=True):
    """
    A tag that an agent is taken to hold.
    """

    tag: str
    level: int = 100
    """1 to 100, in place of the level held; 0: not held at all."""


class AgentAssumption(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What is taken for granted of an agent in a hypothetical decision.
    """

    agent: str
    state: Literal["available", "logged_out", "paused", "busy", "wrap_up", "unchanged"]
    """``available``: there, every unit free, and reachable."""
    reason: str = ""
    """Why paused; empty: not said."""
    idle_ms: int | None = None
    """Idle for so long; None: as long as everybody."""
    tags: tuple[AssumedTag, ...] = ()
    """Held beside what the plan says, or in place of it."""
    on_shift: bool = False
    """Always on shift, whatever the schedule says."""
    cleared: bool = False
    """The call holds nothing against them: not tried, not declined, not excluded."""


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    A question: what would be done with this call, or why is that one where it is?

    With anything assumed it is decided again under the assumptions; a call that
    rings is then taken back first, as if its offer had not been made.
    """

    now_ms: int
    """The instant; not before the engine's clock."""
    arrival: CallArrived | None = None
    """A call that would arrive at that instant; None: *call* is asked about."""
    call: str = ""
    """A call that the engine knows; empty with *arrival*."""
    assume: tuple[AgentAssumption, ...] = ()
    """What is taken for granted of agents, in place of what is so."""
    assume_rested: bool = False
    """First make every agent logged in, free, and idle since the same instant,
    manual ones included; then apply *assume*."""
    waited_ms: int = 0
    """As if the call had waited for so much longer."""
    only: tuple[str, ...] | None = None
    """Agents to give verdicts of; None: every agent of the site."""


class AgentQuery(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    A question: why does this agent have no call?
    """

    now_ms: int
    """The instant; not before the engine's clock."""
    agent: str


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


class AgentVerdict(
    msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False
):
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
    every agent, eligible or not.  A ratio is in millionths, rounded down, and
    ``drawn`` of one who takes no part in the draw is 0."""
    until_ms: int | None
    """The earliest instant at which time alone would make the agent eligible;
    None: never, or eligible already."""


class CompetingCall(
    msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False
):
    """
    Another call that waits for the same agents.
    """

    call: str
    queue: str
    waited_ms: int
    """Since when it is in its queue."""
    is_before: bool
    """It stands before the explained call in the line."""
    agent: str
    """The first agent of the plan who could take both."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Why a call goes where it goes.
    """

    now_ms: int
    call: str
    next: str
    """``offer``, ``wait``, ``connecting``, ``connected``, ``voicemail``,
    ``forward``, ``forwarded``, ``hang_up`` or ``ended``: what happens (next) to the
    call."""
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
    next_change_ms: int | None = None
    """When the step changes next, or time alone makes the first of *agents*
    eligible, whichever is earlier; None: neither will be."""
    competing: tuple[CompetingCall, ...] = ()
    """Other waiting calls that some agent could take as well as this one, now or
    once free; in line order, at most 20."""
    waited_ms: int = 0
    """Since when the call is in its queue, or was in its last."""
    position: int | None = None
    """Its place in line, 1 is first, those being rung included; None: it is in no
    line."""
    expected_wait_ms: int | None = None
    """How long it may still have to wait, by how long the last calls of the queue
    took; None: nobody is there to take it, or it is in no line."""


class CallVerdict(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """
    What is said of one waiting call to an agent who has none.
    """

    call: str
    queue: str
    waited_ms: int
    """Since when it is in its queue."""
    verdict: str
    """``eligible`` (theirs, but for their own state), or the code of the first test
    of the pair that failed."""
    also: tuple[str, ...]
    """Codes of all other such tests that fail."""


class ReasonCount(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """
    How many waiting calls one code keeps from an agent.
    """

    code: str
    calls: int
    first: str
    """The first of them in line."""


class AgentDecision(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    Why an agent has no call: what they do, and what is wrong with each that waits.
    """

    now_ms: int
    agent: str
    verdict: str
    """``eligible`` (there and free), or the code of the first test of the agent's
    own state that fails."""
    also: tuple[str, ...]
    """Codes of all other such tests that fail."""
    until_ms: int | None
    """When time alone would make them free; None: never, or they are."""
    waiting: int
    """How many calls wait in all queues, with nobody being rung for them."""
    calls: tuple[CallVerdict, ...]
    """The first of them in line order, at most 100."""
    reasons: tuple[ReasonCount, ...]
    """All of them by verdict, the most frequent first."""
