"""
What one replication counts: the same whole numbers on every backend.

Calls are counted by when they came to the engine, unless that was before the end of the
warm-up; times of agents and lines as far as they lie between the warm-up and the end of
the run (``length_ms``).  What is a ratio or a mean is made of these sums elsewhere.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "BIN_BITS",
    "OUTCOMES",
    "AgentTally",
    "CallTally",
    "GroupTally",
    "IntervalTally",
    "Moments",
    "PlayedCall",
    "Tallies",
    "bin_bounds",
    "bin_of",
]

OUTCOMES = (
    "answered",
    "abandoned",
    "voicemail",
    "forwarded",
    "rejected",
    "overflowed",
    "hung_up",
    "failed",
    "callback_done",
    "callback_expired",
    "blocked",
    "in_progress",
)
"""The engine's outcomes without what follows a colon; ``blocked``: all lines were
taken; ``in_progress``: not ended when the run did."""

BIN_BITS = 5
"""Bins of an octave of waiting time, as a power of two: a bin is 3 % wide."""


class _Counts(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """
    What every part of the tallies is.
    """


class Moments(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    Sums of lengths of time.
    """

    count: int = 0
    sum_ms: int = 0
    squares: tuple[int, int] = (0, 0)
    """Sum of squares in ms**2: its upper and its lower 64 bits."""
    max_ms: int = 0

    @property
    def sum_of_squares(self) -> int:
        """
        Sum of squares, ms**2.
        """
        return (self.squares[0] << 64) + self.squares[1]


class CallTally(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    What became of some calls.

    The wait of a call is the time from its arrival at the engine until caller and agent
    hear each other, or until it ends without that (of a message: until the mailbox
    answers; of an outside number: until that is rung).
    """

    outcomes: tuple[int, ...]
    """How many, by index in ``OUTCOMES``; their sum is the number of calls."""
    again: int = 0
    """Calls that were a further try."""
    offers: int = 0
    """Offers made for them."""
    delayed: int = 0
    """Calls whose wait was more than 0 ms."""
    answered_within: tuple[int, ...] = ()
    """By threshold: answered with wait <= threshold."""
    abandoned_within: tuple[int, ...] = ()
    """By threshold: abandoned with wait <= threshold."""
    answered_waits: Moments = Moments()
    abandoned_waits: Moments = Moments()
    other_waits: Moments = Moments()
    """Of calls that ended otherwise, the blocked and those in progress left out."""
    handling: Moments = Moments()
    """Conversations of calls that were answered and have ended."""

    @property
    def arrived(self) -> int:
        """
        How many calls there were.
        """
        return sum(self.outcomes)


class GroupTally(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    Calls of a class or queue.
    """

    name: str
    calls: CallTally
    answered_bins: tuple[int, ...] = ()
    """Waits of the answered, by bin (see ``bin_of``), zeros at the end left out."""
    abandoned_bins: tuple[int, ...] = ()
    line_ms: int = 0
    """Of a queue: sum of the times that calls stood in its line, also those of other
    groups; divided by the length it is the mean length of the line."""
    wrap_up_ms: int = 0
    """Of a queue: sum of the work after calls that were answered in it."""


class IntervalTally(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    One interval of the day, all days together.
    """

    calls: CallTally
    """Those that came in it."""
    line_ms: int = 0
    """Sum over calls: stood in a line."""
    ring_ms: int = 0
    """Sum over agents: were rung, or were being connected."""
    talk_ms: int = 0
    wrap_up_ms: int = 0
    paused_ms: int = 0


class AgentTally(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    What one agent of the plan did; two calls at once count twice.

    How long an agent was on shift follows from the plan alone and is not here.
    """

    agent: str
    offers: int = 0
    answered: int = 0
    """Conversations that began."""
    declined: int = 0
    missed: int = 0
    """Rang until the engine gave up."""
    ring_ms: int = 0
    """Were rung, or were being connected."""
    talk_ms: int = 0
    wrap_up_ms: int = 0
    paused_ms: int = 0
    """In breaks of the scenario."""


class PlayedCall(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    One call, where calls were asked for; in the order in which they ended.
    """

    kind: int
    """Index of its class."""
    number: int
    """In its class, from 0."""
    tries: int
    """1 for the first try of a caller, and so on."""
    arrived_after_ms: int
    queue: int
    """Index into ``Tallies.queues`` of the first it entered; -1: none."""
    outcome: int
    """Index into ``OUTCOMES``."""
    wait_ms: int
    handling_ms: int
    """0: there was no conversation."""
    agent: int
    """Index into ``Tallies.agents`` of who answered; -1: nobody."""
    offers: int


class Tallies(_Counts, frozen=True, kw_only=True, array_like=True):
    """
    One replication.
    """

    replication: int
    events: int
    """That the engine handled, among them ``advance`` where timers were due."""
    classes: tuple[GroupTally, ...]
    """In the order of the scenario; their sum is the total."""
    queues: tuple[GroupTally, ...]
    """In the order of the compiled plan (by name): calls by the first queue they
    entered."""
    intervals: tuple[IntervalTally, ...]
    agents: tuple[AgentTally, ...]
    """In the order of the plan."""
    window_ms: int
    """Length of time counted: from the warm-up to the end of the run."""
    calls: tuple[PlayedCall, ...] = ()
    """Only where asked for: calls counted, in the order in which they ended."""
    state: str = ""
    """blake2b-128 of the engine's last snapshot, hexadecimal."""


def bin_of(wait_ms: int) -> int:
    """
    Return the bin of a wait.

    Below 64 ms each millisecond has its own bin, above each octave has 32.

    Args:
        wait_ms: 0 or more.
    """
    shift = max(0, wait_ms.bit_length() - 1 - BIN_BITS)
    return (shift << BIN_BITS) + (wait_ms >> shift)


def bin_bounds(number: int) -> tuple[int, int]:
    """
    Return the waits of a bin, [least, least of the next), in milliseconds.

    Args:
        number: As ``bin_of`` gave it.
    """
    shift = max(0, (number >> BIN_BITS) - 1)
    least = number - (shift << BIN_BITS)
    return least << shift, (least + 1) << shift
