"""
Batch means: how sure a figure is when there is only one long replication.

The run is cut into twenty stretches of equal length, and each is taken as if it were
a replication of its own.  Stretches that are long beside a busy period are nearly
independent; where they are short the intervals are somewhat too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ._compiled import CompiledScenario
from ._tallies import (
    OUTCOMES,
    AgentTally,
    CallTally,
    GroupTally,
    Moments,
    PlayedCall,
    Tallies,
    bin_of,
)

__all__ = ["BATCHES", "cut_into_batches"]

BATCHES = 20
"""Enough for an interval, few enough for long stretches (Law, 5th ed., 9.5.3)."""

_ANSWERED, _ABANDONED = OUTCOMES.index("answered"), OUTCOMES.index("abandoned")
_UNCOUNTED = {OUTCOMES.index("blocked"), OUTCOMES.index("in_progress")}
_LOW_64_BITS = (1 << 64) - 1


def cut_into_batches(
    tallies: Tallies, scenario: CompiledScenario
) -> tuple[Tallies, ...]:
    """
    Count the calls of one replication again, stretch by stretch.

    Args:
        tallies: With its calls.
        scenario: That was played.

    Returns:
        Twenty of them with classes and queues, as if each were a replication; agents
        and intervals of the day are empty.

    Cost: linear in the calls.
    """
    stretches: list[list[PlayedCall]] = [[] for _ in range(BATCHES)]
    for call in tallies.calls:
        after_ms = call.arrived_after_ms - scenario.warm_up_ms
        place = after_ms * BATCHES // tallies.window_ms
        stretches[min(max(place, 0), BATCHES - 1)].append(call)
    return tuple(
        Tallies(
            replication=number,
            events=0,
            classes=tuple(
                _group(kind.name, (c for c in calls if c.kind == place), scenario)
                for place, kind in enumerate(tallies.classes)
            ),
            queues=tuple(
                _group(queue.name, (c for c in calls if c.queue == place), scenario)
                for place, queue in enumerate(tallies.queues)
            ),
            intervals=(),
            agents=tuple(AgentTally(agent=each.agent) for each in tallies.agents),
            window_ms=tallies.window_ms // BATCHES,
        )
        for number, calls in enumerate(stretches)
    )


def _group(
    name: str, calls: Iterable[PlayedCall], scenario: CompiledScenario
) -> GroupTally:
    found = tuple(calls)
    answered = [c.wait_ms for c in found if c.outcome == _ANSWERED]
    abandoned = [c.wait_ms for c in found if c.outcome == _ABANDONED]
    others = [
        c.wait_ms
        for c in found
        if c.outcome not in {_ANSWERED, _ABANDONED, *_UNCOUNTED}
    ]
    counted = [c.outcome for c in found]
    return GroupTally(
        name=name,
        calls=CallTally(
            outcomes=tuple(counted.count(place) for place in range(len(OUTCOMES))),
            again=sum(c.tries > 1 for c in found),
            offers=sum(c.offers for c in found),
            delayed=sum(c.wait_ms > 0 for c in found),
            answered_within=_within(answered, scenario),
            abandoned_within=_within(abandoned, scenario),
            answered_waits=_moments(answered),
            abandoned_waits=_moments(abandoned),
            other_waits=_moments(others),
            handling=_moments([c.handling_ms for c in found if c.handling_ms]),
        ),
        answered_bins=_bins(answered),
    )


def _within(waits_ms: Sequence[int], scenario: CompiledScenario) -> tuple[int, ...]:
    return tuple(
        sum(wait_ms <= limit_ms for wait_ms in waits_ms)
        for limit_ms in scenario.thresholds_ms
    )


def _moments(lengths_ms: Sequence[int]) -> Moments:
    squares = sum(length_ms * length_ms for length_ms in lengths_ms)
    return Moments(
        count=len(lengths_ms),
        sum_ms=sum(lengths_ms),
        squares=(squares >> 64, squares & _LOW_64_BITS),
        max_ms=max(lengths_ms, default=0),
    )


def _bins(waits_ms: Sequence[int]) -> tuple[int, ...]:
    if not waits_ms:
        return ()
    counts = [0] * (bin_of(max(waits_ms)) + 1)
    for wait_ms in waits_ms:
        counts[bin_of(wait_ms)] += 1
    return tuple(counts)
