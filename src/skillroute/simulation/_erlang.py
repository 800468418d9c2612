"""
Erlang's formulas: what a single line of equal agents does, without simulating it.

They start the search for staffing, and check the simulation.  Arrivals are Poisson,
conversations and patience exponential; B loses whom it cannot serve at once, C lets
everybody wait, A (Palm) lets them wait as long as they care to.
"""

from __future__ import annotations

import math

import msgspec

from ._incomplete import beta_below

__all__ = ["Waiting", "agents_for", "erlang_a", "erlang_b", "erlang_c"]

_AGENTS_MAX = 1_000_000
# What is left of the sum over the line when a term no longer counts.
_NEGLIGIBLE = 1e-18


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """
    How one line does in the long run.
    """

    occupancy: float
    """Of the agents, 0 to 1."""
    waits: float
    """Part of all calls that find every agent busy."""
    abandons: float
    """Part of all calls that hang up waiting."""
    answered_within: float
    """Part of all calls that are answered within the threshold."""
    abandoned_within: float
    """Part of all calls that hang up within the threshold."""
    mean_wait_s: float
    """Of all calls."""
    mean_wait_answered_s: float
    line: float
    """Mean number of calls that wait."""


def erlang_b(agents: int, offered: float) -> float:
    """
    Return the part of calls that find all agents busy, if those are lost.

    Args:
        agents: 0 or more.
        offered: Arrival rate times mean handling time.

    Cost: linear in *agents*.
    Source: Erlang 1917; the recursion of ITU-T E.501.
    """
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(
    agents: int, rate_per_s: float, handling_s: float, threshold_s: float
) -> Waiting | None:
    """
    Return how a line does in which nobody hangs up.

    Args:
        agents: 1 or more.
        rate_per_s: Calls a second.
        handling_s: Mean handling time.
        threshold_s: Of the service level.

    Returns:
        None: with so few agents the line grows for ever.

    Cost: linear in *agents*.
    Source: Erlang 1917; Gross and Harris, Fundamentals of Queueing Theory, 2.3.
    """
    offered = rate_per_s * handling_s
    if offered >= agents:
        return None
    blocked = erlang_b(agents, offered)
    waits = agents * blocked / (agents - offered * (1 - blocked))
    drain_per_s = (agents - offered) / handling_s
    wait_s = waits / drain_per_s
    return Waiting(
        occupancy=offered / agents,
        waits=waits,
        abandons=0.0,
        answered_within=1 - waits * math.exp(-drain_per_s * threshold_s),
        abandoned_within=0.0,
        mean_wait_s=wait_s,
        mean_wait_answered_s=wait_s,
        line=rate_per_s * wait_s,
    )


def erlang_a(
    agents: int,
    rate_per_s: float,
    handling_s: float,
    patience_s: float,
    threshold_s: float,
) -> Waiting:
    """
    Return how a line does whose callers hang up when their patience is over.

    A call that finds *j* others waiting gets an agent after j + 1 of them have gone.
    That time is minus the logarithm of a beta variable, over the rate of hanging up,
    so everything about the threshold is one incomplete beta function for each *j*.

    Args:
        agents: 1 or more.
        rate_per_s: Calls a second.
        handling_s: Mean handling time.
        patience_s: Mean patience.
        threshold_s: Of the service level.

    Cost: linear in the length that the line can have.
    Source: Palm 1957; Garnett, Mandelbaum and Reiman, MSOM 4 (2002), section 3.
    """
    blocked = erlang_b(agents, rate_per_s * handling_s)
    line = _line(agents / handling_s, rate_per_s, 1 / patience_s, threshold_s)
    # All busy and nobody waits, among states up to that one, is what B tells.
    busy = blocked / (1 + blocked * (line.total - 1))
    answered = 1 - busy * (line.total - line.served)
    return Waiting(
        occupancy=rate_per_s * answered * handling_s / agents,
        waits=busy * line.total,
        abandons=1 - answered,
        answered_within=1 - busy * (line.total - line.served_within),
        abandoned_within=busy * line.left_within,
        mean_wait_s=busy * line.length / rate_per_s,
        mean_wait_answered_s=busy * line.served_wait_s / answered,
        line=busy * line.length,
    )


class _Line(msgspec.Struct, kw_only=True):
    """
    Sums over how many wait, relative to "all agents busy and nobody waits".
    """

    total: float = 0.0
    length: float = 0.0
    served: float = 0.0
    served_within: float = 0.0
    left_within: float = 0.0
    served_wait_s: float = 0.0


def _line(
    drain_per_s: float, rate_per_s: float, leaving_per_s: float, threshold_s: float
) -> _Line:
    line = _Line()
    ratio = drain_per_s / leaving_per_s
    limit = math.exp(-leaving_per_s * threshold_s)
    weight, index, harmonic = 1.0, 0, 0.0
    while True:
        harmonic += 1 / (ratio + 1 + index)
        served = ratio / (ratio + index + 1)
        soon = served * (1 - beta_below(limit, ratio + 1, index + 1))
        still = limit * beta_below(limit, ratio, index + 1)
        line.total += weight
        line.length += weight * index
        line.served += weight * served
        line.served_within += weight * soon
        line.left_within += weight * (1 - soon - still)
        line.served_wait_s += weight * served * harmonic / leaving_per_s
        index += 1
        step = rate_per_s / (drain_per_s + index * leaving_per_s)
        weight *= step
        if step < 1 and weight < _NEGLIGIBLE * line.total:
            return line


def agents_for(
    target: float,
    rate_per_s: float,
    handling_s: float,
    patience_s: float | None,
    threshold_s: float,
) -> int:
    """
    Return the least number of agents that answer a part of all calls in time.

    Args:
        target: 0 to 1, such as 0.8 of "80/20".
        rate_per_s: Calls a second.
        handling_s: Mean handling time.
        patience_s: Mean patience; None: nobody hangs up.
        threshold_s: Such as 20 of "80/20".

    Cost: some twenty times ``erlang_a``.
    """

    def reaches(agents: int) -> bool:
        if patience_s is None:
            found = erlang_c(agents, rate_per_s, handling_s, threshold_s)
        else:
            found = erlang_a(agents, rate_per_s, handling_s, patience_s, threshold_s)
        return found is not None and found.answered_within >= target

    low, high = 0, max(1, math.ceil(rate_per_s * handling_s))
    while not reaches(high) and high < _AGENTS_MAX:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high
