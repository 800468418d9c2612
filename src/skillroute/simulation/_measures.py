"""
What is measured of a group of calls or agents, replication by replication.

A measure gives two numbers of each replication: what is above and what is below the
line.  Their sums over all replications give the figure (``ratio_of``), two plans are
compared by them (``difference``).  Counts have 1 below the line; a percentile is one
number a replication, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from ._service_levels import LevelCounts, LevelName, service_level_parts
from ._tallies import OUTCOMES, AgentTally, CallTally, Moments, bin_bounds

__all__ = [
    "COUNTS",
    "Agents",
    "Group",
    "Levels",
    "Parts",
    "agents_of",
    "level_counts",
    "measures_of",
    "outcome",
    "percentile_ms",
    "sum_of",
    "sum_of_agents",
    "sum_of_bins",
]

Parts: TypeAlias = tuple[float, float] | None
"""Above and below the line, of one replication; None: it has no such number."""

_GIVEN_UP = ("voicemail", "forwarded", "overflowed", "hung_up", "failed")
COUNTS = ("offered", "answered", "abandoned", "given_up", "blocked", "in_progress")
"""Measures that are numbers of calls."""


class Levels(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which service levels are asked for.
    """

    thresholds_ms: tuple[int, ...]
    """Those that were counted, ascending."""
    shown_ms: tuple[int, ...]
    """Those that are shown."""
    short_ms: int
    """An abandoned call with so short a wait is short; one of ``thresholds_ms``."""


class Agents(msgspec.Struct, frozen=True, kw_only=True):
    """
    What some agents did in one replication.
    """

    conversations: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    wrap_up_ms: int = 0
    paused_ms: int = 0
    staffed_ms: int = 0
    """On shift, breaks included."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """
    Calls and agents that belong together, in one replication.
    """

    calls: CallTally | None = None
    """None: it is a group of agents."""
    agents: Agents | None = None
    """Who could take the calls; None: that says nothing here."""
    answered_bins: tuple[int, ...] = ()
    line_ms: int | None = None
    """How long calls stood in line, added up; None: that was not counted."""
    window_ms: int = 1


def outcome(calls: CallTally, name: str) -> int:
    """
    Return how many calls ended in one way.
    """
    return calls.outcomes[OUTCOMES.index(name)]


def sum_of(tallies: Iterable[CallTally]) -> CallTally:
    """
    Add up calls.

    Args:
        tallies: Of calls that are counted in one of them only; one or more.
    """
    several = tuple(tallies)
    if len(several) == 1:
        return several[0]
    return CallTally(
        outcomes=_sums(t.outcomes for t in several),
        again=sum(t.again for t in several),
        offers=sum(t.offers for t in several),
        delayed=sum(t.delayed for t in several),
        answered_within=_sums(t.answered_within for t in several),
        abandoned_within=_sums(t.abandoned_within for t in several),
        answered_waits=_moments(t.answered_waits for t in several),
        abandoned_waits=_moments(t.abandoned_waits for t in several),
        other_waits=_moments(t.other_waits for t in several),
        handling=_moments(t.handling for t in several),
    )


def sum_of_bins(several: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """
    Add up bins of waits, of whatever lengths.
    """
    sums: list[int] = []
    for bins in several:
        sums.extend([0] * (len(bins) - len(sums)))
        for number, count in enumerate(bins):
            sums[number] += count
    return tuple(sums)


def agents_of(tally: AgentTally, staffed_ms: int) -> Agents:
    """
    Take from an agent's tally what measures need.
    """
    return Agents(
        conversations=tally.answered,
        ring_ms=tally.ring_ms,
        talk_ms=tally.talk_ms,
        wrap_up_ms=tally.wrap_up_ms,
        paused_ms=tally.paused_ms,
        staffed_ms=staffed_ms,
    )


def sum_of_agents(several: Iterable[Agents]) -> Agents:
    """
    Add up what agents did.
    """
    sums = [0] * len(Agents.__struct_fields__)
    for agents in several:
        for number, value in enumerate(msgspec.structs.astuple(agents)):
            sums[number] += value
    return Agents(**dict(zip(Agents.__struct_fields__, sums, strict=True)))


def level_counts(calls: CallTally, levels: Levels, threshold_ms: int) -> LevelCounts:
    """
    Count what the definitions of a service level are made of.

    Args:
        calls: Of one group.
        levels: What was counted.
        threshold_ms: One of ``levels.thresholds_ms``.
    """
    place = levels.thresholds_ms.index(threshold_ms)
    short = levels.thresholds_ms.index(levels.short_ms)
    soon = calls.abandoned_within
    return LevelCounts(
        answered=outcome(calls, "answered"),
        abandoned=outcome(calls, "abandoned"),
        answered_within=calls.answered_within[place],
        abandoned_within=soon[place],
        # A definition leaves out only what it would have counted as too late.
        abandoned_short=min(soon[short], soon[place]),
        flowed_out=sum(outcome(calls, name) for name in _GIVEN_UP),
        arrived=calls.arrived,
    )


def measures_of(
    levels: Levels, names: Iterable[LevelName]
) -> Mapping[str, Callable[[Group], Parts]]:
    """
    Return every measure by its name.

    Args:
        levels: What was counted.
        names: Definitions of the service level; each becomes a measure such as
            ``service_level all_offered 20``, for each threshold that is shown.
    """
    found: dict[str, Callable[[Group], Parts]] = dict(_PLAIN)
    for name in names:
        for threshold_ms in levels.shown_ms:
            key = f"service_level {name} {threshold_ms / 1000:g}"
            found[key] = _level(levels, name, threshold_ms)
    return found


def percentile_ms(bins: Sequence[int], part: float) -> float | None:
    """
    Read a percentile off bins; within a bin waits are taken as spread evenly.

    Args:
        bins: How many waits in each (see ``bin_of``).
        part: Such as 0.9.

    Returns:
        Milliseconds; None: the bins are empty.
    """
    total = sum(bins)
    if not total:
        return None
    passed, sought = 0, part * total
    for number, count in enumerate(bins):
        if count and passed + count >= sought:
            low, high = bin_bounds(number)
            # Bins of one millisecond hold just that one.
            inner = (sought - passed) / count if high - low > 1 else 0.0
            return low + inner * (high - low)
        passed += count
    return float(bin_bounds(len(bins) - 1)[1])


def _level(
    levels: Levels, name: LevelName, threshold_ms: int
) -> Callable[[Group], Parts]:
    def parts(group: Group) -> Parts:
        if group.calls is None:
            return None
        counts = level_counts(group.calls, levels, threshold_ms)
        return service_level_parts(name, counts)

    return parts


def _count(name: str) -> Callable[[Group], Parts]:
    def parts(group: Group) -> Parts:
        calls = group.calls
        if calls is None:
            return None
        match name:
            case "offered":
                return calls.arrived - outcome(calls, "blocked"), 1
            case "given_up":
                return sum(outcome(calls, way) for way in _GIVEN_UP), 1
            case _:
                return outcome(calls, name), 1

    return parts


def _wait(group: Group) -> Parts:
    if group.calls is None:
        return None
    waits = group.calls.answered_waits
    return waits.sum_ms / 1000, waits.count


def _wait_of_all(group: Group) -> Parts:
    if group.calls is None:
        return None
    calls = group.calls
    several = (calls.answered_waits, calls.abandoned_waits, calls.other_waits)
    return sum(w.sum_ms for w in several) / 1000, sum(w.count for w in several)


def _wait_of_abandoned(group: Group) -> Parts:
    if group.calls is None:
        return None
    waits = group.calls.abandoned_waits
    return waits.sum_ms / 1000, waits.count


def _percentile(part: float) -> Callable[[Group], Parts]:
    def parts(group: Group) -> Parts:
        wait_ms = percentile_ms(group.answered_bins, part)
        return None if wait_ms is None else (wait_ms / 1000, 1)

    return parts


def _abandoned(group: Group) -> Parts:
    if group.calls is None:
        return None
    gone = outcome(group.calls, "abandoned")
    return gone, outcome(group.calls, "answered") + gone


def _delayed(group: Group) -> Parts:
    if group.calls is None:
        return None
    return group.calls.delayed, group.calls.arrived - outcome(group.calls, "blocked")


def _handling(group: Group) -> Parts:
    """
    Conversations of the calls, and the mean wrap-up of those who could take them.
    """
    if group.calls is None:
        return _handling_of_agents(group)
    talks = group.calls.handling
    agents = group.agents
    wrap_up_ms = 0.0
    if agents is not None and agents.conversations:
        wrap_up_ms = agents.wrap_up_ms / agents.conversations
    return (talks.sum_ms + wrap_up_ms * talks.count) / 1000, talks.count


def _handling_of_agents(group: Group) -> Parts:
    agents = group.agents
    if agents is None:
        return None
    return (agents.talk_ms + agents.wrap_up_ms) / 1000, agents.conversations


def _occupancy(group: Group) -> Parts:
    agents = group.agents
    if agents is None:
        return None
    busy_ms = agents.ring_ms + agents.talk_ms + agents.wrap_up_ms
    return busy_ms, max(agents.staffed_ms - agents.paused_ms, 0)


def _line(group: Group) -> Parts:
    return None if group.line_ms is None else (group.line_ms, group.window_ms)


def _conversations(group: Group) -> Parts:
    return None if group.agents is None else (group.agents.conversations, 1)


_PLAIN: dict[str, Callable[[Group], Parts]] = {
    **{name: _count(name) for name in COUNTS},
    "abandon_rate": _abandoned,
    "delayed": _delayed,
    "asa_s": _wait,
    "wait_s": _wait_of_all,
    "abandoned_wait_s": _wait_of_abandoned,
    "wait_p50_s": _percentile(0.5),
    "wait_p90_s": _percentile(0.9),
    "wait_p99_s": _percentile(0.99),
    "aht_s": _handling,
    "occupancy": _occupancy,
    "line": _line,
    "conversations": _conversations,
}


def _sums(several: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*several, strict=True)))


def _moments(several: Iterable[Moments]) -> Moments:
    found = tuple(several)
    squares = sum(one.sum_of_squares for one in found)
    return Moments(
        count=sum(one.count for one in found),
        sum_ms=sum(one.sum_ms for one in found),
        squares=(squares >> 64, squares & ((1 << 64) - 1)),
        max_ms=max((one.max_ms for one in found), default=0),
    )
