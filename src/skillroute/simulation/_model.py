"""
What goes into a simulated run, and what comes out of it.

Lengths of time end in ``_ms``, instants in ``_at_ms`` (epoch milliseconds) or, where
they count from the start of the run, in ``_after_ms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ..actions import Action
from ..contract import Need
from ..events import Event

__all__ = [
    "AgentSummary",
    "Behaviour",
    "CallRecord",
    "GroupSummary",
    "Moment",
    "Reaction",
    "Result",
    "SimulatedCall",
    "Summary",
]

DAY_MS = 86_400_000


class SimulatedCall(msgspec.Struct, frozen=True, kw_only=True):
    """
    One call that comes in during the run.
    """

    call: str
    """Id of the call; unique in the run."""
    arrival_after_ms: int
    """After the start of the run, 0 or more."""
    caller: str = ""
    """As a switch gives it; empty: withheld."""
    dialled: str = ""
    """Number of ours; empty: the plan's first."""
    needs: tuple[Need, ...] = ()
    """What the call brings along, besides the needs of number and queue."""
    priority: int = 0
    patience_ms: int | None = None
    """The caller hangs up after so long without an agent; None: never."""
    handling_ms: int | None = None
    """How long the conversation takes; None: drawn."""


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an agent does with one offer.
    """

    kind: Literal["answer", "decline", "ignore", "busy", "unreachable"]
    after_ms: int = 0
    """After it began to ring; without meaning for ``ignore``."""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """
    How the world around the engine behaves.

    Pairs are the least and the most milliseconds of a draw; every whole number
    between is equally likely, so that all machines draw alike.
    """

    answer_ms: tuple[int, int] = (0, 0)
    """From the first ring to the pick-up (or the refusal)."""
    ignore_percent: int = 0
    """Of a hundred offers, how many ring until the engine gives up."""
    decline_percent: int = 0
    """Of a hundred offers, how many are refused."""
    connect_ms: int = 0
    """From the pick-up until both hear each other: whisper and bridge."""
    release_ms: int = 200
    """Until the switch confirms that a leg is gone."""
    handling_ms: tuple[int, int] = (120_000, 240_000)
    """Length of conversations that say none."""
    message_ms: int = 20_000
    """Length of a message left in a voicemail box."""
    patience_ms_max: int = DAY_MS
    """Nobody waits longer, so that every run ends."""
    reactions: Mapping[tuple[str, str], Reaction] = {}
    """By (call, agent): what is not drawn but written down."""
    log_in: bool = True
    """Agents whose log-in is ``manual`` log in as the run begins."""
    told: tuple[tuple[int, Event], ...] = ()
    """(milliseconds after the start, event): log-ins, pauses and the like."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing the engine was told, and what it ordered.
    """

    at_ms: int
    event: Event
    """``Advanced`` where only time had passed."""
    actions: tuple[Action, ...]


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of one call.
    """

    call: str
    arrived_at_ms: int
    ended_at_ms: int
    priority: int
    queue: str
    """Empty: no queue was reached."""
    outcome: str
    """Exactly one of the engine's outcomes."""
    wait_ms: int
    """From the arrival to the conversation, or to the end of waiting."""
    rung: tuple[str, ...]
    """Agents it was offered to, in that order."""
    answered_by: str
    """Empty: nobody."""
    overflow: str
    """Limit at which the queue gave it up; empty: it did not."""


class GroupSummary(msgspec.Struct, frozen=True, kw_only=True):
    """
    Figures of some calls: a queue's, a priority's or all.
    """

    name: str
    offered: int
    answered: int
    abandoned: int
    voicemail: int
    other: int
    """Ended otherwise, such as ``overflowed``; the five add up to ``offered``."""
    overflowed: int
    """Given up by their queue, whatever came then: a part of the others."""
    wait_mean_ms: int | None
    """Of the answered, rounded; None: none was answered."""
    wait_p90_ms: int | None
    """Nine in ten of the answered waited no longer; None: none was answered."""
    abandoned_wait_mean_ms: int | None
    """None: nobody abandoned."""
    answered_in_time: int
    """Answered within the threshold of the service level."""


class AgentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """
    Figures of one agent.
    """

    agent: str
    answered: int
    missed: int
    """Offers that were not answered, refused ones included."""
    busy_ms: int
    """From pick-up to the end of the wrap-up, within the run; it may go on after the
    shift."""
    on_shift_ms: int
    """Within the run."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """
    Figures of a run.
    """

    total: GroupSummary
    queues: tuple[GroupSummary, ...]
    """By name; those that no call reached included."""
    priorities: tuple[GroupSummary, ...]
    """By the priority that calls brought, highest first."""
    agents: tuple[AgentSummary, ...]
    """In the order of the plan."""
    service_level_name: str
    service_level_ms: int
    """The threshold."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """
    A whole run.
    """

    backend: str
    seed: int
    start_ms: int
    end_ms: int
    calls: tuple[CallRecord, ...]
    """In the order of arrival."""
    summary: Summary
    history: tuple[Moment, ...]
    """Everything the engine was told and ordered."""
    seconds: float
    """What the run took on this machine; differs from run to run."""

    @property
    def events_per_s(self) -> float:
        """
        Return how many events a second were handled, the world's work included.
        """
        return len(self.history) / self.seconds if self.seconds else 0.0
