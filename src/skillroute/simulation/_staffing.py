"""
How many agents, with which tags: a search that starts from Erlang's formula.

Erlang A says how many equal agents a single line needs.  With tags that is only where
to begin: from there agents are added where they help most for their cost, and then
taken away where they are not missed.  Every point is played with the same callers, so
that what differs is the staffing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

import msgspec
from msgspec.structs import replace

from ..contract import Required
from ..plan import Plan, compile_plan
from ..plan.compiled import CompiledPlan, decode, encode, plan_id
from ..plan.model import RawPlan, RawTeam
from ._compiled import CompiledScenario
from ._confidence import Estimate
from ._erlang import agents_for
from ._families import table_mean
from ._figures import figures_of, observe
from ._replication import staffed_ms
from ._scenario_load import Scenario
from ._scenario_model import RawStaffing, RawStaffingGroup
from ._study import Study, StudyPart, new_study, play_all

__all__ = ["Staffing", "StaffingPoint", "find_staffing", "staffed_plan"]

_NOBODY = "nobody"
_POINTS_MAX = 400
_HOUR_MS = 3_600_000


class StaffingPoint(msgspec.Struct, frozen=True, kw_only=True):
    """
    One way to staff, and what came of it.
    """

    counts: Mapping[str, int]
    """By group, how many agents."""
    hours: float
    """Of all of them on shift, in the time that is counted."""
    cost: float
    levels: Mapping[str, Estimate]
    """By queue, or of ``all calls``: the service level that was asked for."""
    worst: str
    """The one of them that is lowest."""
    reached: bool


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a search found.
    """

    target: float
    """0 to 1."""
    measure: str
    """The service level, such as ``service_level all_offered 20``."""
    start: Mapping[str, int]
    """What Erlang's formula says, each group as if it were alone."""
    points: tuple[StaffingPoint, ...]
    """In the order in which they were played."""
    best: StaffingPoint | None
    """The cheapest that reaches the target; None: none was found."""
    replications: int
    """Of each point."""


def staffed_plan(
    plan: Plan, groups: Mapping[str, RawStaffingGroup], counts: Mapping[str, int]
) -> Plan:
    """
    Make a plan in which so many agents stand in for some of its own.

    Args:
        plan: The plan.
        groups: By name, whom they are like; several may be like one agent.
        counts: By name, how many.

    Returns:
        A plan in which each of those agents is replaced, wherever it is named, by
        agents ``<group>-1``, ``<group>-2`` and so on.

    Cost: that of compiling the plan.
    """
    raw = plan.raw
    stand_ins: dict[str, tuple[str, ...]] = {}
    for name, group in groups.items():
        several = tuple(f"{name}-{number + 1}" for number in range(counts[name]))
        stand_ins[group.like] = stand_ins.get(group.like, ()) + several
    agents = {}
    for agent, written in raw.agents.items():
        if agent not in stand_ins:
            agents[agent] = written
        for each in stand_ins.get(agent, ()):
            agents[each] = replace(written, name=None)
    changed = _renamed(replace(raw, agents=agents), stand_ins)
    compiled = encode(compile_plan(changed))
    return Plan(
        raw=changed, compiled=compiled, plan_id=plan_id(compiled), file=plan.file
    )


def _renamed(raw: RawPlan, stand_ins: Mapping[str, tuple[str, ...]]) -> RawPlan:
    """
    Replace agents wherever a plan names them.
    """

    def those(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for name in names for each in stand_ins.get(name, (name,)))

    def served(agents: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        # A list without anybody would mean everybody.
        emptied = bool(agents) and not those(agents) and not teams
        return (*teams, _NOBODY) if emptied else tuple(teams)

    queues = {}
    for name, queue in raw.queues.items():
        queues[name] = replace(
            queue,
            agents=those(queue.agents),
            teams=served(queue.agents, queue.teams),
            exclude=those(queue.exclude),
            members=tuple(
                replace(each, agents=those(each.agents)) for each in queue.members
            ),
            steps=tuple(
                replace(step, agents=those(step.agents)) for step in queue.steps
            ),
        )
    numbers = {
        name: replace(number, prefer_agents=those(number.prefer_agents))
        for name, number in raw.numbers.items()
    }
    teams = {
        name: replace(team, agents=those(team.agents))
        for name, team in raw.teams.items()
    }
    if any(_NOBODY in queue.teams for queue in queues.values()):
        teams.setdefault(_NOBODY, RawTeam(agents=()))
    return replace(raw, queues=queues, numbers=numbers, teams=teams)


def find_staffing(
    scenario: Scenario,
    *,
    replications: int | None = None,
    executor: Executor | None = None,
    workers: int = 1,
    backend: str | None = None,
    progress: Callable[[StaffingPoint], None] | None = None,
) -> Staffing:
    """
    Find how many agents of each group reach the service level, at the least cost.

    The search is a local one: no single agent can be taken from what it finds, or
    exchanged for a cheaper one, but quite another mix may be cheaper still.

    Args:
        scenario: With a table ``[staffing]``.
        replications: Of each point; None: as many as the scenario says.
        executor: Who plays them; None: this thread.
        workers: As for ``play``.
        backend: Which engine; None: the active one.
        progress: Is told of each point that was played.

    Returns:
        Every point that was played, and the best.

    Cost: some ten points for each group, each of so many replications.
    """
    staffing = scenario.raw.staffing
    assert staffing is not None

    def played(studies: Sequence[Study]) -> tuple[StudyPart, ...]:
        return play_all(studies, executor=executor, workers=workers, backend=backend)

    search = _Search(scenario, staffing, replications, played)
    best = search.run(progress or (lambda _point: None))
    return Staffing(
        target=search.target,
        measure=search.measure,
        start=search.start,
        points=tuple(search.points.values()),
        best=best,
        replications=search.replications,
    )


class _Search:
    """
    One search; points that were played already are remembered.
    """

    def __init__(
        self,
        scenario: Scenario,
        staffing: RawStaffing,
        replications: int | None,
        played: Callable[[Sequence[Study]], tuple[StudyPart, ...]],
    ) -> None:
        raw = scenario.raw
        self.scenario = scenario
        self.groups = staffing.groups
        self.target = staffing.target_percent / 100
        self.each_queue = staffing.each_queue
        self.measure = f"service_level {raw.service_level} {raw.thresholds_s[0]:g}"
        self.replications = raw.replications if replications is None else replications
        self.hours = _hours_of(scenario, self.groups)
        self.start = _start(scenario, self.groups, self.target)
        self.points: dict[tuple[int, ...], StaffingPoint] = {}
        self.played = played
        self.progress: Callable[[StaffingPoint], None] = lambda _point: None

    def run(self, progress: Callable[[StaffingPoint], None]) -> StaffingPoint | None:
        """
        Climb until the target is reached, then let go whoever is not needed.
        """
        self.progress = progress
        point = self._point(self.start)
        step = max(1, max(self.start.values()) // 8)
        while not point.reached:
            ahead = self._points(self._more(point, step))
            if not ahead or len(self.points) > _POINTS_MAX:
                return None
            point = max(ahead, key=lambda each: self._gain(point, each))
        for size in sorted({step, max(1, step // 2), 1}, reverse=True):
            point = self._without(point, size)
        return point

    def _without(self, point: StaffingPoint, size: int) -> StaffingPoint:
        """
        Take agents away, the dearest first, as long as the target is reached.

        One by one also for the exchange of a dear agent for a cheaper one.
        """
        while True:
            fewer = self._fewer(point, size)
            if size == 1:
                fewer += self._exchanged(point)
            cheaper = [each for each in fewer if self._cost(each) < point.cost]
            played = (self._point(counts) for counts in sorted(cheaper, key=self._cost))
            reached = next((each for each in played if each.reached), None)
            if reached is None or len(self.points) > _POINTS_MAX:
                return point
            point = reached

    def _point(self, counts: Mapping[str, int]) -> StaffingPoint:
        [point] = self._points([counts])
        return point

    def _points(self, several: Sequence[Mapping[str, int]]) -> list[StaffingPoint]:
        """
        Play points all at once, but for those that have been played already.
        """
        new = [each for each in several if tuple(each.values()) not in self.points]
        plans = [
            staffed_plan(self.scenario.plan, self.groups, counts) for counts in new
        ]
        studies = [
            new_study(replace(self.scenario, plan=plan), replications=self.replications)
            for plan in plans
        ]
        for counts, part in zip(new, self.played(studies), strict=True):
            point = self._played_point(counts, part)
            self.points[tuple(counts.values())] = point
            self.progress(point)
        return [self.points[tuple(each.values())] for each in several]

    def _played_point(
        self, counts: Mapping[str, int], part: StudyPart
    ) -> StaffingPoint:
        levels = self._levels(part)
        worst = min(levels, key=lambda name: levels[name].value or 0.0)
        return StaffingPoint(
            counts=dict(counts),
            hours=sum(self.hours[name] * count for name, count in counts.items()),
            cost=self._cost(counts),
            levels=levels,
            worst=worst,
            reached=(levels[worst].value or 0.0) >= self.target,
        )

    def _levels(self, part: StudyPart) -> Mapping[str, Estimate]:
        """
        Return the service levels that count.
        """
        study = part.study
        [arm], [tallies] = study.arms, part.tallies
        seen = observe(arm.plan, study.compiled, tallies, study.levels)
        figures = figures_of(seen)
        queues = {
            name: found[self.measure]
            for (kind, name), found in figures.items()
            if kind == "queue" and found[self.measure].value is not None
        }
        if self.each_queue and queues:
            return queues
        return {"all calls": figures["total", ""][self.measure]}

    def _gain(self, before: StaffingPoint, after: StaffingPoint) -> tuple[bool, float]:
        """
        Return whether it reaches the target, and how much it helps for its cost.
        """
        better = self._shortfall(before) - self._shortfall(after)
        dearer = max(after.cost - before.cost, 1e-9)
        return after.reached, better / dearer

    def _shortfall(self, point: StaffingPoint) -> float:
        levels = (estimate.value or 0.0 for estimate in point.levels.values())
        return sum(max(self.target - level, 0.0) for level in levels)

    def _cost(self, counts: Mapping[str, int]) -> float:
        return sum(
            count * self.hours[name] * self.groups[name].cost_per_h
            for name, count in counts.items()
        )

    def _more(self, point: StaffingPoint, step: int) -> list[dict[str, int]]:
        return [
            {**point.counts, name: min(point.counts[name] + step, group.most)}
            for name, group in self.groups.items()
            if point.counts[name] < group.most
        ]

    def _fewer(self, point: StaffingPoint, step: int) -> list[dict[str, int]]:
        return [
            {**point.counts, name: point.counts[name] - step}
            for name, group in self.groups.items()
            if point.counts[name] - step >= group.least
        ]

    def _exchanged(self, point: StaffingPoint) -> list[dict[str, int]]:
        return [
            {**fewer, name: fewer[name] + 1}
            for fewer in self._fewer(point, 1)
            for name, group in self.groups.items()
            if fewer[name] == point.counts[name] < group.most
        ]


def _hours_of(
    scenario: Scenario, groups: Mapping[str, RawStaffingGroup]
) -> dict[str, float]:
    """
    Return how long one agent of each group is on shift in the time that is counted.
    """
    compiled = scenario.plan.compiled
    staffed = staffed_ms(compiled, scenario.encoded)
    ids = [agent.id for agent in decode(compiled).agents]
    return {
        name: sum(staffed[ids.index(group.like)]) / _HOUR_MS
        for name, group in groups.items()
    }


def _start(
    scenario: Scenario, groups: Mapping[str, RawStaffingGroup], target: float
) -> dict[str, int]:
    """
    Ask Erlang for each group, as if calls were shared out evenly beforehand.

    Each kind of calls goes in equal parts to the groups that hold its tags; the busiest
    interval counts.
    """
    plan, compiled = decode(scenario.plan.compiled), scenario.compiled
    threshold_s = scenario.raw.thresholds_s[0]
    load: dict[str, list[tuple[float, float, float | None]]] = {
        name: [] for name in groups
    }
    for place, kind in enumerate(compiled.classes):
        able = [
            name
            for name, group in groups.items()
            if _can_take(plan, compiled, place, group.like)
        ]
        rate = max((rate for _, _, rate in kind.rates), default=0) / 1e6 / 3600
        spans = [(count, until - start) for start, until, count in kind.counts]
        rate += max((1000 * count / span for count, span in spans), default=0)
        handling_s = _mean_s(compiled, kind.handling)
        patience_s = None if kind.patience is None else _mean_s(compiled, kind.patience)
        for name in able:
            load[name].append((rate / len(able), handling_s, patience_s))
    return {
        name: min(max(_erlang(parts, target, threshold_s), group.least), group.most)
        for (name, group), parts in zip(groups.items(), load.values(), strict=True)
    }


def _erlang(
    parts: Sequence[tuple[float, float, float | None]],
    target: float,
    threshold_s: float,
) -> int:
    rate = sum(part for part, _, _ in parts)
    if rate <= 0:
        return 0
    handling_s = sum(part * length for part, length, _ in parts) / rate
    patient = [patience for _, _, patience in parts if patience is not None]
    patience_s = sum(patient) / len(patient) if len(patient) == len(parts) else None
    return agents_for(target, rate, handling_s, patience_s or None, threshold_s)


def _can_take(
    plan: CompiledPlan, scenario: CompiledScenario, place: int, agent: str
) -> bool:
    """
    Tell whether an agent holds what a kind of calls requires, levels left aside.
    """
    kind = scenario.classes[place]
    [held] = [each for each in plan.agents if each.id == agent]
    if held.wildcard:
        return True
    tags = {plan.tags[tag] for tag, _ in held.tags}
    needed = {need.tag for need in kind.needs if isinstance(need, Required)}
    for number in plan.numbers:
        if number.number == kind.dialled.number:
            asked = (*number.needs, *plan.queues[number.queue].needs)
            needed |= {plan.tags[need.tags[0]] for need in asked if need.kind == 0}
    return needed <= tags


def _mean_s(scenario: CompiledScenario, distribution: int) -> float:
    """
    Return the mean of a distribution of milliseconds, in seconds.
    """
    return float(table_mean(scenario.distributions[distribution])) / 1000
