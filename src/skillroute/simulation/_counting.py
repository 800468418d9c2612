"""
Counting: what a replication adds up while it is played.

Times here count from the start of the run.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..plan.compiled import CompiledPlan
from ._compiled import CompiledScenario
from ._tallies import (
    OUTCOMES,
    AgentTally,
    CallTally,
    GroupTally,
    IntervalTally,
    Moments,
    PlayedCall,
    Tallies,
    bin_of,
)

__all__ = ["AgentCount", "Counts", "outcome_number"]

_ANSWERED = OUTCOMES.index("answered")
_ABANDONED = OUTCOMES.index("abandoned")
_BLOCKED = OUTCOMES.index("blocked")
_IN_PROGRESS = OUTCOMES.index("in_progress")
_HALF = 1 << 64


def outcome_number(outcome: str) -> int:
    """
    Return the index in ``OUTCOMES`` of an outcome as the engine writes it.
    """
    return OUTCOMES.index(outcome.partition(":")[0])


class _Sums(msgspec.Struct):
    count: int = 0
    sum_ms: int = 0
    squares: int = 0
    max_ms: int = 0

    def add(self, length_ms: int) -> None:
        self.count += 1
        self.sum_ms += length_ms
        self.squares += length_ms * length_ms
        self.max_ms = max(self.max_ms, length_ms)

    def moments(self) -> Moments:
        return Moments(
            count=self.count,
            sum_ms=self.sum_ms,
            squares=divmod(self.squares, _HALF),
            max_ms=self.max_ms,
        )


class _CallCount:
    """
    Calls of some sort.
    """

    def __init__(self, thresholds_ms: tuple[int, ...]) -> None:
        self.outcomes = [0] * len(OUTCOMES)
        self.again = 0
        self.offers = 0
        self.delayed = 0
        self.thresholds_ms = thresholds_ms
        self.answered_within = [0] * len(thresholds_ms)
        self.abandoned_within = [0] * len(thresholds_ms)
        self.answered = _Sums()
        self.abandoned = _Sums()
        self.other = _Sums()
        self.handling = _Sums()

    def add(self, call: PlayedCall) -> None:
        self.outcomes[call.outcome] += 1
        self.again += call.tries > 1
        self.offers += call.offers
        if call.outcome in (_BLOCKED, _IN_PROGRESS):
            return
        self.delayed += call.wait_ms > 0
        if call.agent >= 0:
            self.handling.add(call.handling_ms)
        if call.outcome == _ANSWERED:
            self.answered.add(call.wait_ms)
            self._note_within(self.answered_within, call.wait_ms)
        elif call.outcome == _ABANDONED:
            self.abandoned.add(call.wait_ms)
            self._note_within(self.abandoned_within, call.wait_ms)
        else:
            self.other.add(call.wait_ms)

    def _note_within(self, within: list[int], wait_ms: int) -> None:
        for number, threshold_ms in enumerate(self.thresholds_ms):
            within[number] += wait_ms <= threshold_ms

    def tally(self) -> CallTally:
        return CallTally(
            outcomes=tuple(self.outcomes),
            again=self.again,
            offers=self.offers,
            delayed=self.delayed,
            answered_within=tuple(self.answered_within),
            abandoned_within=tuple(self.abandoned_within),
            answered_waits=self.answered.moments(),
            abandoned_waits=self.abandoned.moments(),
            other_waits=self.other.moments(),
            handling=self.handling.moments(),
        )


class _GroupCount:
    """
    Calls of a class or queue, with their waits.
    """

    def __init__(self, name: str, thresholds_ms: tuple[int, ...]) -> None:
        self.name = name
        self.calls = _CallCount(thresholds_ms)
        self.answered_bins: list[int] = []
        self.abandoned_bins: list[int] = []
        self.line_ms = 0
        self.wrap_up_ms = 0

    def add(self, call: PlayedCall) -> None:
        self.calls.add(call)
        if call.outcome == _ANSWERED:
            _note_bin(self.answered_bins, call.wait_ms)
        elif call.outcome == _ABANDONED:
            _note_bin(self.abandoned_bins, call.wait_ms)

    def tally(self) -> GroupTally:
        return GroupTally(
            name=self.name,
            calls=self.calls.tally(),
            answered_bins=tuple(self.answered_bins),
            abandoned_bins=tuple(self.abandoned_bins),
            line_ms=self.line_ms,
            wrap_up_ms=self.wrap_up_ms,
        )


def _note_bin(bins: list[int], wait_ms: int) -> None:
    number = bin_of(wait_ms)
    if number >= len(bins):
        bins.extend([0] * (number + 1 - len(bins)))
    bins[number] += 1


class _IntervalCount:
    """
    One interval of the day.
    """

    def __init__(self, thresholds_ms: tuple[int, ...]) -> None:
        self.calls = _CallCount(thresholds_ms)
        self.line_ms = 0
        self.ring_ms = 0
        self.talk_ms = 0
        self.wrap_up_ms = 0
        self.paused_ms = 0

    def tally(self) -> IntervalTally:
        return IntervalTally(
            calls=self.calls.tally(),
            line_ms=self.line_ms,
            ring_ms=self.ring_ms,
            talk_ms=self.talk_ms,
            wrap_up_ms=self.wrap_up_ms,
            paused_ms=self.paused_ms,
        )


class AgentCount:
    """
    What one agent did.
    """

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.offers = 0
        self.answered = 0
        self.declined = 0
        self.missed = 0
        self.ring_ms = 0
        self.talk_ms = 0
        self.wrap_up_ms = 0
        self.paused_ms = 0

    def tally(self) -> AgentTally:
        """
        Return what was counted.
        """
        return AgentTally(
            agent=self.agent,
            offers=self.offers,
            answered=self.answered,
            declined=self.declined,
            missed=self.missed,
            ring_ms=self.ring_ms,
            talk_ms=self.talk_ms,
            wrap_up_ms=self.wrap_up_ms,
            paused_ms=self.paused_ms,
        )


class Counts:
    """
    All that one replication adds up.

    Args:
        plan: The plan that is played.
        scenario: Its classes, intervals and thresholds.
        keep_calls: Calls are kept one by one, too.
    """

    def __init__(
        self, plan: CompiledPlan, scenario: CompiledScenario, *, keep_calls: bool
    ) -> None:
        self._scenario = scenario
        limits_ms = scenario.thresholds_ms
        self._classes = [_GroupCount(kind.name, limits_ms) for kind in scenario.classes]
        self._queues = [_GroupCount(queue.name, limits_ms) for queue in plan.queues]
        self._intervals = [
            _IntervalCount(limits_ms) for _ in range(scenario.interval_count)
        ]
        self._agents = [AgentCount(agent.id) for agent in plan.agents]
        self._calls: list[PlayedCall] | None = [] if keep_calls else None

    def agent(self, number: int, at_ms: int) -> AgentCount:
        """
        Return the counts of an agent, or some that nobody reads if this is no time to
        count.
        """
        scenario = self._scenario
        if scenario.warm_up_ms <= at_ms < scenario.length_ms:
            return self._agents[number]
        return AgentCount("")

    def call_over(self, call: PlayedCall) -> None:
        """
        Count a call that has ended, or is in progress at the end.
        """
        if call.arrived_after_ms < self._scenario.warm_up_ms:
            return
        self._classes[call.kind].add(call)
        if call.queue >= 0:
            self._queues[call.queue].add(call)
        self._intervals[self._interval(call.arrived_after_ms)].calls.add(call)
        if self._calls is not None:
            self._calls.append(call)

    def in_line(self, queue: int, from_ms: int, until_ms: int) -> None:
        """
        Count how long a call stood in a line.
        """
        for interval, length_ms in self._parts(from_ms, until_ms):
            self._queues[queue].line_ms += length_ms
            self._intervals[interval].line_ms += length_ms

    def rang(self, agent: int, from_ms: int, until_ms: int) -> None:
        """
        Count how long an agent was rung or being connected.
        """
        for interval, length_ms in self._parts(from_ms, until_ms):
            self._agents[agent].ring_ms += length_ms
            self._intervals[interval].ring_ms += length_ms

    def talked(self, agent: int, from_ms: int, until_ms: int) -> None:
        """
        Count how long an agent talked.
        """
        for interval, length_ms in self._parts(from_ms, until_ms):
            self._agents[agent].talk_ms += length_ms
            self._intervals[interval].talk_ms += length_ms

    def wrapped_up(self, agent: int, queue: int, from_ms: int, until_ms: int) -> None:
        """
        Count how long an agent worked after a call of a queue.
        """
        for interval, length_ms in self._parts(from_ms, until_ms):
            self._queues[queue].wrap_up_ms += length_ms
            self._agents[agent].wrap_up_ms += length_ms
            self._intervals[interval].wrap_up_ms += length_ms

    def paused(self, agent: int, from_ms: int, until_ms: int) -> None:
        """
        Count how long an agent had a break.
        """
        for interval, length_ms in self._parts(from_ms, until_ms):
            self._agents[agent].paused_ms += length_ms
            self._intervals[interval].paused_ms += length_ms

    def tallies(self, replication: int, events: int, state: str) -> Tallies:
        """
        Return the sums.
        """
        return Tallies(
            replication=replication,
            events=events,
            classes=tuple(group.tally() for group in self._classes),
            queues=tuple(group.tally() for group in self._queues),
            intervals=tuple(interval.tally() for interval in self._intervals),
            agents=tuple(agent.tally() for agent in self._agents),
            window_ms=self._scenario.length_ms - self._scenario.warm_up_ms,
            calls=tuple(self._calls or ()),
            state=state,
        )

    def _interval(self, at_ms: int) -> int:
        scenario = self._scenario
        return at_ms // scenario.interval_ms % scenario.interval_count

    def _parts(self, from_ms: int, until_ms: int) -> Iterator[tuple[int, int]]:
        """
        Yield what of a span counts, by interval: (interval, length).
        """
        scenario = self._scenario
        low_ms = max(from_ms, scenario.warm_up_ms)
        until_ms = min(until_ms, scenario.length_ms)
        while low_ms < until_ms:
            interval = low_ms // scenario.interval_ms
            high_ms = min(until_ms, (interval + 1) * scenario.interval_ms)
            yield interval % scenario.interval_count, high_ms - low_ms
            low_ms = high_ms
