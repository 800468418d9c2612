"""
From the tallies of replications to figures: by queue, tag, kind of calls, agent and
interval of the day, each with its 95 % interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from ..contract import AnyOf, Required
from ..plan.compiled import CompiledNeed, CompiledPlan, CompiledQueue, decode
from ._batches import BATCHES, cut_into_batches
from ._compiled import CompiledClass, CompiledScenario, decode_scenario
from ._confidence import Estimate, difference, mean_of, ratio_of
from ._measures import (
    COUNTS,
    Agents,
    Group,
    Levels,
    Parts,
    agents_of,
    measures_of,
    sum_of,
    sum_of_agents,
    sum_of_bins,
)
from ._replication import staffed_ms
from ._service_levels import SERVICE_LEVELS, LevelName
from ._tallies import OUTCOMES, CallTally, Tallies

__all__ = ["Figures", "Key", "Observations", "compare", "figures_of", "observe"]

Key: TypeAlias = tuple[str, str]
"""Kind of group and its name: ``("queue", "sales")``, ``("total", "")``."""

Figures: TypeAlias = Mapping[Key, Mapping[str, Estimate]]
"""By group and measure."""

_REQUIRED, _ANY_OF = 0, 1
_MEANS = (*COUNTS, "conversations", "wait_p50_s", "wait_p90_s", "wait_p99_s")
_OF_AGENTS = ("aht_s", "occupancy", "line", "conversations")
KINDS = ("total", "queue", "kind", "tag", "agent", "interval")


class Observations(msgspec.Struct, frozen=True, kw_only=True):
    """
    What every replication had, before anything is added up over them.
    """

    groups: Mapping[Key, tuple[Group, ...]]
    """By group, of each replication in order."""
    levels: Levels
    definitions: tuple[LevelName, ...] = tuple(SERVICE_LEVELS)
    batches: Mapping[Key, tuple[Group, ...]] = {}
    """Of a single replication: its stretches, by group of calls."""

    def series(
        self, key: Key, *, of_batches: bool = False
    ) -> Mapping[str, tuple[Parts, ...]]:
        """
        Return each measure of a group, of each replication in order.

        Args:
            key: The group.
            of_batches: Of each stretch of the single replication instead.
        """
        groups = (self.batches if of_batches else self.groups)[key]
        measures = measures_of(self.levels, self.definitions)
        return {
            name: tuple(parts(group) for group in groups)
            for name, parts in measures.items()
        }


def observe(
    plan: bytes,
    scenario: bytes,
    tallies: Sequence[Tallies],
    levels: Levels,
) -> Observations:
    """
    Group what replications counted.

    Args:
        plan: The compiled plan.
        scenario: The compiled scenario.
        tallies: Of replications of these two, in order.
        levels: Which service levels are asked for.

    Cost: linear in the tallies.
    """
    grouping = _Grouping(plan, scenario)
    by_replication = [dict(grouping.groups(each)) for each in tallies]
    batches: list[dict[Key, Group]] = []
    if len(tallies) == 1 and tallies[0].calls:
        cut = cut_into_batches(tallies[0], grouping.scenario)
        batches = [dict(grouping.groups(each)) for each in cut]
    return Observations(
        groups=_by_key(by_replication),
        levels=levels,
        batches={
            key: groups
            for key, groups in _by_key(batches).items()
            if key[0] not in {"agent", "interval"}
        },
    )


def _by_key(several: Sequence[Mapping[Key, Group]]) -> dict[Key, tuple[Group, ...]]:
    keys = several[0] if several else {}
    return {key: tuple(found[key] for found in several) for key in keys}


def figures_of(observations: Observations) -> Figures:
    """
    Estimate everything.

    Args:
        observations: Of one plan.

    Returns:
        By group and measure; a measure that says nothing of a group is left out.
    """
    found = {
        key: {
            name: _estimate(name, series)
            for name, series in observations.series(key).items()
            if any(parts is not None for parts in series)
        }
        for key in observations.groups
    }
    for key in observations.batches:
        for name, parts in observations.series(key, of_batches=True).items():
            if name not in _OF_AGENTS:
                found[key][name] = _by_batches(found[key][name], name, parts)
    return found


def _by_batches(whole: Estimate, name: str, parts: Sequence[Parts]) -> Estimate:
    """
    Put the interval of batch means around the figure of the whole.
    """
    half = _estimate(name, parts).half_width
    if whole.value is None or half is None:
        return whole
    if name in COUNTS:
        half *= BATCHES
    return Estimate(
        value=whole.value,
        low=whole.value - half,
        high=whole.value + half,
        estimator="batch_means",
    )


def compare(ours: Observations, theirs: Observations) -> Figures:
    """
    Estimate by how much everything is larger under a second plan.

    Args:
        ours: Of the first plan.
        theirs: Of the second, of the same replications of the same scenario.

    Returns:
        Second less first, for groups that both have.
    """
    found = {}
    for key in ours.groups:
        if key not in theirs.groups:
            continue
        second = theirs.series(key)
        found[key] = {
            name: difference(*_paired(first, second[name]))
            for name, first in ours.series(key).items()
            if any(first) and any(second[name])
        }
    return found


def outcome_estimates(groups: Sequence[Group]) -> Mapping[str, Estimate]:
    """
    Estimate how many calls end in each way.
    """
    tallies = [group.calls for group in groups if group.calls is not None]
    return {
        name: mean_of([float(tally.outcomes[place]) for tally in tallies])
        for place, name in enumerate(OUTCOMES)
        if any(tally.outcomes[place] for tally in tallies)
    }


def _estimate(name: str, series: Sequence[Parts]) -> Estimate:
    if name in _MEANS:
        return mean_of([None if parts is None else parts[0] for parts in series])
    return ratio_of([parts for parts in series if parts is not None])


def _paired(
    ours: Sequence[Parts], theirs: Sequence[Parts]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """
    Keep the replications that have the number under both plans.
    """
    both = [
        (one, other)
        for one, other in zip(ours, theirs, strict=True)
        if one is not None and other is not None
    ]
    return [one for one, _ in both], [other for _, other in both]


class _Grouping:
    """
    Which calls and agents belong together, by plan and scenario.
    """

    def __init__(self, plan: bytes, scenario: bytes) -> None:
        self.plan: CompiledPlan = decode(plan)
        self.scenario: CompiledScenario = decode_scenario(scenario)
        self.staffed_ms = staffed_ms(plan, scenario)
        self.members = [_members(queue, self.plan) for queue in self.plan.queues]
        self.classes_of_tag = self._classes_of_tag()

    def groups(self, tallies: Tallies) -> Iterator[tuple[Key, Group]]:
        """
        Yield every group of one replication.
        """
        window_ms = tallies.window_ms
        agents = [
            agents_of(tally, sum(staffed))
            for tally, staffed in zip(tallies.agents, self.staffed_ms, strict=True)
        ]
        classes = tallies.classes
        yield (
            ("total", ""),
            Group(
                calls=_all(kind.calls for kind in classes),
                agents=sum_of_agents(agents),
                answered_bins=sum_of_bins(kind.answered_bins for kind in classes),
                line_ms=sum(interval.line_ms for interval in tallies.intervals),
                window_ms=window_ms,
            ),
        )
        yield from self._queues(tallies, agents)
        for kind in classes:
            group = Group(calls=kind.calls, answered_bins=kind.answered_bins)
            yield ("kind", kind.name), group
        yield from self._tags(tallies, agents)
        for tally, each in zip(tallies.agents, agents, strict=True):
            yield ("agent", tally.agent), Group(agents=each, window_ms=window_ms)
        yield from self._intervals(tallies)

    def _queues(
        self, tallies: Tallies, agents: Sequence[Agents]
    ) -> Iterator[tuple[Key, Group]]:
        rows = zip(self.plan.queues, tallies.queues, self.members, strict=True)
        for queue, tally, members in rows:
            if queue.is_direct:
                continue
            group = Group(
                calls=tally.calls,
                agents=sum_of_agents(agents[number] for number in members),
                answered_bins=tally.answered_bins,
                line_ms=tally.line_ms,
                window_ms=tallies.window_ms,
            )
            yield ("queue", queue.name), group

    def _tags(
        self, tallies: Tallies, agents: Sequence[Agents]
    ) -> Iterator[tuple[Key, Group]]:
        for tag, numbers in self.classes_of_tag.items():
            classes = [tallies.classes[number] for number in numbers]
            holders = self._holders(tag)
            group = Group(
                calls=_all(kind.calls for kind in classes),
                agents=sum_of_agents(agents[number] for number in holders),
                answered_bins=sum_of_bins(kind.answered_bins for kind in classes),
            )
            yield ("tag", tag), group

    def _intervals(self, tallies: Tallies) -> Iterator[tuple[Key, Group]]:
        for number, interval in enumerate(tallies.intervals):
            staffed = sum(row[number] for row in self.staffed_ms)
            agents = Agents(
                ring_ms=interval.ring_ms,
                talk_ms=interval.talk_ms,
                wrap_up_ms=interval.wrap_up_ms,
                paused_ms=interval.paused_ms,
                staffed_ms=staffed,
            )
            group = Group(
                calls=interval.calls,
                agents=agents,
                line_ms=interval.line_ms,
                window_ms=self._counted_ms(number),
            )
            yield ("interval", str(number)), group

    def _counted_ms(self, interval: int) -> int:
        """
        Return how much of one interval of the day was counted, all days together.
        """
        scenario = self.scenario
        length_ms, total = scenario.interval_ms, 0
        start_ms = interval * length_ms
        while start_ms < scenario.length_ms:
            end_ms = min(start_ms + length_ms, scenario.length_ms)
            total += max(end_ms - max(start_ms, scenario.warm_up_ms), 0)
            start_ms += length_ms * scenario.interval_count
        return max(total, 1)

    def _holders(self, tag: str) -> list[int]:
        return [
            number
            for number, agent in enumerate(self.plan.agents)
            if agent.wildcard
            or any(self.plan.tags[held] == tag for held, _ in agent.tags)
        ]

    def _classes_of_tag(self) -> dict[str, list[int]]:
        """
        Return which classes ask for each tag: themselves, their number or its queue.
        """
        numbers = {number.number: number for number in self.plan.numbers}
        found: dict[str, list[int]] = {}
        for place, kind in enumerate(self.scenario.classes):
            tags = set(_own_tags(kind))
            number = numbers.get(kind.dialled.number)
            if number is not None:
                queue = self.plan.queues[number.queue]
                tags |= set(self._tags_of((*number.needs, *queue.needs)))
            for tag in tags:
                found.setdefault(tag, []).append(place)
        return dict(sorted(found.items()))

    def _tags_of(self, needs: Iterable[CompiledNeed]) -> Iterator[str]:
        for need in needs:
            if need.kind in (_REQUIRED, _ANY_OF):
                yield from (self.plan.tags[tag] for tag in need.tags)


def _own_tags(kind: CompiledClass) -> Iterator[str]:
    for need in kind.needs:
        match need:
            case Required(tag=tag):
                yield tag
            case AnyOf(tags=tags):
                yield from tags
            case _:
                continue


def _members(queue: CompiledQueue, plan: CompiledPlan) -> tuple[int, ...]:
    """
    Return who serves a queue, from whatever step on.
    """
    if queue.members is None:
        return tuple(range(len(plan.agents)))
    found = {*queue.members, *(placement.agent for placement in queue.placements)}
    for step in queue.steps:
        found |= set(step.members or ())
    return tuple(sorted(found))


def _all(tallies: Iterable[CallTally]) -> CallTally:
    several = tuple(tallies)
    return sum_of(several) if several else CallTally(outcomes=(0,) * len(OUTCOMES))
