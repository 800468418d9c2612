"""
Renumbering: what the numbers of one plan are in the next.

Agents are found again by their ids, everything else by its name.  What the next plan
has no more is kept behind its own if a call or an offer still uses it, else it is
gone.  Queues are told apart by their rules, too: a number that calls and offers have
stands for one version of a queue, and goes on if the next plan's queue of that name has
the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..plan.compiled import (
    END_KINDS,
    CompiledAgent,
    CompiledBox,
    CompiledEnd,
    CompiledNeed,
    CompiledNumber,
    CompiledPlan,
    CompiledQueue,
    CompiledStep,
)
from .site import Site
from .state import Call, Demand, Kept, Needs, Sourced

_LAST_RESORT, _VOICEMAIL, _QUEUE = map(
    END_KINDS.index, ("last_resort", "voicemail", "queue")
)
_NOWHERE = -1
"""A number that no plan has: what has it is equal to nothing of the next plan."""


class Numbering:
    """
    The new number of everything that is not gone, by its former one.
    """

    def __init__(self, site: Site, plan: CompiledPlan) -> None:
        old = site.base_plan
        self._old = old
        self._names = site.tag_names
        self.plan = plan
        new_tags = {name: number for number, name in enumerate(plan.tags)}
        self.tags = {
            number: new_tags[name]
            for number, name in enumerate(site.tag_names)
            if name in new_tags
        }
        self.agents = _by_name([a.id for a in old.agents], [a.id for a in plan.agents])
        self.queues = _by_name(*_names_of(old.queues, plan.queues))
        """By name: where a call that is sent to a queue of this name goes."""
        self.boxes = _by_name(*_names_of(old.boxes, plan.boxes))
        numbers = [n.number for n in old.numbers], [n.number for n in plan.numbers]
        self.numbers = _by_name(*numbers)
        schedules = [s.name for s in old.schedules], [s.name for s in plan.schedules]
        self.schedules = _by_name(*schedules)
        self.versions: dict[int, int] = {}
        """By rules: which version of a queue a call or an offer is in."""
        self.extra_tags: list[str] = []
        self.kept = self._keep(site)

    def _keep(self, site: Site) -> Kept:
        """
        Give numbers to all that is used and not in the next plan; return it.
        """
        calls, old = list(site.calls.values()), self._old
        working = [n for n, state in enumerate(site.agents) if state.offers]
        agents = _append(self.agents, working, len(self.plan.agents))
        queues = self._keep_versions(calls, [o.queue for o in site.offers.values()])
        ends = [visit.end for call in calls for visit in call.visits]
        ends += [end for queue in queues for end in _ends(old.queues[queue])]
        used_boxes = {end.target for end in ends if end.kind == _VOICEMAIL}
        used_boxes |= {call.box for call in calls if call.box is not None}
        boxes = _append(self.boxes, used_boxes, len(self.plan.boxes))
        used_numbers = {call.number for call in calls if call.number is not None}
        numbers = _append(self.numbers, used_numbers, len(self.plan.numbers))
        self._keep_tags(site, queues, numbers)
        return Kept(
            agents=tuple(_stripped(old.agents[number]) for number in agents),
            queues=tuple(map(self._version, queues)),
            boxes=tuple(old.boxes[number] for number in boxes),
            numbers=tuple(self._number(old.numbers[number]) for number in numbers),
        )

    def _keep_versions(self, calls: list[Call], offered: list[int]) -> list[int]:
        """
        Find out which versions of queues go on, and which must be kept.
        """
        used = {call.queue for call in calls if call.number is not None}
        queues = []
        for number in sorted(used | set(offered)):
            same = self.queues.get(number)
            if same is not None and self._version(number) == self.plan.queues[same]:
                self.versions[number] = same
            else:
                queues.append(number)
        visited = {visit.queue for call in calls for visit in call.visits}
        visited |= {
            visit.end.target
            for call in calls
            for visit in call.visits
            if visit.end.kind == _QUEUE
        }
        for number in sorted(visited):
            name = self._old.queues[number].name
            names = [self._old.queues[other].name for other in queues]
            if number not in self.queues and name not in names:
                queues.append(number)
        queues.sort()
        for place, number in enumerate(queues, len(self.plan.queues)):
            self.versions[number] = place
            name = self._old.queues[number].name
            for other, queue in enumerate(self._old.queues):
                if queue.name == name:
                    self.queues.setdefault(other, place)
        return queues

    def _keep_tags(self, site: Site, queues: list[int], numbers: list[int]) -> None:
        """
        Go on with those tags of which the next plan knows nothing, and somebody does.
        """
        used: set[int] = set()
        for queue in queues:
            used.update(_tags_of_queue(self._old.queues[queue]))
        for number in numbers:
            used.update(_tags_of_needs(self._old.numbers[number].needs))
        for call in site.calls.values():
            used.update(_tags_of_needs((*call.own_needs, *call.set_needs)))
            used.update(tag for need in _all(call.needs) for tag in need.tags)
        for held in site.overlay.tags:
            used.update(tag for tag, _ in held.tags)
        used.update(tag for _, tag, _ in site.demand.asked)
        used.update(tag for tag, _ in site.demand.costs)
        extra = _append(self.tags, used, len(self.plan.tags))
        self.extra_tags = [self._names[tag] for tag in extra]

    # Parts of a plan ---------------------------------------------------------

    def _version(self, number: int) -> CompiledQueue:
        """
        Return the rules of a queue in the numbers of the next plan.

        Who serves it is said by the next plan, if that has the queue; from which step
        on and after which delay, it says of those who did not serve it before.
        """
        rules = self._queue(self._old.queues[number])
        same = self.queues.get(number, len(self.plan.queues))
        if same >= len(self.plan.queues):
            return rules
        return with_members_of(rules, self.plan.queues[same], len(self.plan.agents))

    def _queue(self, queue: CompiledQueue) -> CompiledQueue:
        places = [
            msgspec.structs.replace(place, agent=self.agents[place.agent])
            for place in queue.placements
            if self.is_there(place.agent)
        ]
        hours = queue.limits.hours
        limits = msgspec.structs.replace(
            queue.limits,
            overflow_on=tuple(
                (n, self._way(end)) for n, end in queue.limits.overflow_on
            ),
            # Hours that are gone close nothing any more.
            hours=None if hours is None else self.schedules.get(hours),
            digits=tuple((key, self._way(end)) for key, end in queue.limits.digits),
        )
        return msgspec.structs.replace(
            queue,
            needs=self.needs(queue.needs),
            members=self._members(queue.members),
            exclude=self._members(queue.exclude) or (),
            overflow=self._way(queue.overflow),
            placements=tuple(sorted(places, key=lambda place: place.agent)),
            steps=tuple(map(self._step, queue.steps)),
            limits=limits,
        )

    def _step(self, step: CompiledStep) -> CompiledStep:
        return msgspec.structs.replace(
            step,
            drop=tuple(sorted(self._tag(tag) for tag in step.drop)),
            lower=self.pairs(step.lower),
            members=self._members(step.members),
            prefer=self.pairs(step.prefer),
            grants=tuple(
                sorted(
                    (self._tag(tag), self._members(agents) or ())
                    for tag, agents in step.grants
                )
            ),
        )

    def _number(self, number: CompiledNumber) -> CompiledNumber:
        preferred = number.prefer_agents
        return msgspec.structs.replace(
            number,
            queue=self.queues.get(number.queue, 0),
            needs=self.needs(number.needs),
            prefer_agents=tuple(self.agents[a] for a in preferred if self.is_there(a)),
        )

    def _members(self, members: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if members is None:
            return None
        there = [self.agents[agent] for agent in members if self.is_there(agent)]
        return tuple(sorted(there))

    def is_there(self, agent: int) -> bool:
        """
        Tell whether the next plan has an agent.
        """
        return self.agents.get(agent, len(self.plan.agents)) < len(self.plan.agents)

    def _way(self, end: CompiledEnd) -> CompiledEnd:
        """
        Return where an overflow leads; a removed queue takes no new call.
        """
        queues = len(self.plan.queues)
        if end.kind == _QUEUE and self.queues.get(end.target, queues) >= queues:
            return CompiledEnd(kind=_LAST_RESORT, target=0)
        return self.end(end)

    # Parts of calls ----------------------------------------------------------

    def end(self, end: CompiledEnd) -> CompiledEnd:
        """
        Return a destination.
        """
        if end.kind not in (_QUEUE, _VOICEMAIL):
            return end
        numbers = self.queues if end.kind == _QUEUE else self.boxes
        target = numbers.get(end.target, _NOWHERE)
        return msgspec.structs.replace(end, target=target)

    def needs(self, needs: Iterable[CompiledNeed]) -> tuple[CompiledNeed, ...]:
        """
        Return needs; the tags of a group stay in the order of their names.
        """
        return tuple(
            msgspec.structs.replace(need, tags=tuple(map(self._tag, need.tags)))
            for need in needs
        )

    def in_force(self, needs: Needs) -> Needs:
        """
        Return the needs that are in force for a call.
        """

        def moved(part: tuple[Sourced, ...]) -> tuple[Sourced, ...]:
            return tuple(
                msgspec.structs.replace(need, tags=tuple(map(self._tag, need.tags)))
                for need in part
            )

        return Needs(*map(moved, _parts(needs)))

    def pairs(self, pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """
        Return pairs of a tag and a number, ascending.
        """
        return tuple(sorted((self._tag(tag), value) for tag, value in pairs))

    def agent(self, number: int) -> CompiledAgent:
        """
        Return what the next plan, or else what is kept, says of an agent.
        """
        agents = (*self.plan.agents, *self.kept.agents)
        return agents[self.agents[number]]

    def demand(self, demand: Demand) -> Demand:
        """
        Return how much tags were asked for.
        """
        asked = [(at_ms, self._tag(tag), calls) for at_ms, tag, calls in demand.asked]
        return Demand(sorted(asked), list(self.pairs(demand.costs)))

    def present(self, agents: Iterable[int]) -> list[int]:
        """
        Return those of agents who are not gone, ascending.
        """
        return sorted(self.agents[a] for a in agents if a in self.agents)

    def _tag(self, tag: int) -> int:
        return self.tags.get(tag, _NOWHERE)


def with_members_of(
    rules: CompiledQueue, queue: CompiledQueue, agents: int
) -> CompiledQueue:
    """
    Return the rules of a queue with those who serve another version of it.
    """
    before, after = _serving(rules, agents), _serving(queue, agents)
    come, gone = after - before, before - after

    def changed(members: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if not come and not gone:
            return members
        present = set(range(agents) if members is None else members)
        return tuple(sorted((present | come) - gone))

    places = [place for place in rules.placements if place.agent not in gone]
    places += [place for place in queue.placements if place.agent in come]
    return msgspec.structs.replace(
        rules,
        members=changed(rules.members),
        placements=tuple(sorted(places, key=lambda place: place.agent)),
        exclude=queue.exclude,
        steps=tuple(
            msgspec.structs.replace(step, members=changed(step.members))
            for step in rules.steps
        ),
    )


def _serving(queue: CompiledQueue, agents: int) -> set[int]:
    """
    Return who serves a queue at its last step: whoever does at any.
    """
    members = queue.steps[-1].members if queue.steps else queue.members
    return set(range(agents) if members is None else members)


def _by_name(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    numbers = {name: number for number, name in enumerate(new)}
    return {n: numbers[name] for n, name in enumerate(old) if name in numbers}


def _names_of(
    old: Sequence[CompiledQueue] | Sequence[CompiledBox],
    new: Sequence[CompiledQueue] | Sequence[CompiledBox],
) -> tuple[list[str], list[str]]:
    return [part.name for part in old], [part.name for part in new]


def _append(numbers: dict[int, int], used: Iterable[int], count: int) -> list[int]:
    """
    Give what is used and has no number those behind *count*; return it, ascending.
    """
    kept = sorted(set(used) - numbers.keys())
    numbers.update({number: place for place, number in enumerate(kept, count)})
    return kept


def _stripped(agent: CompiledAgent) -> CompiledAgent:
    """
    Return what counts of an agent who gets no call any more.
    """
    return msgspec.structs.replace(agent, tags=(), wildcard=False, schedule=None)


def _ends(queue: CompiledQueue) -> list[CompiledEnd]:
    limits = queue.limits
    return [
        queue.overflow,
        *(end for _, end in limits.overflow_on),
        *(end for _, end in limits.digits),
    ]


def _tags_of_queue(queue: CompiledQueue) -> Iterator[int]:
    yield from _tags_of_needs(queue.needs)
    for step in queue.steps:
        yield from step.drop
        yield from (tag for tag, _ in (*step.lower, *step.prefer, *step.grants))


def _tags_of_needs(needs: Iterable[CompiledNeed]) -> Iterator[int]:
    return (tag for need in needs for tag in need.tags)


def _parts(needs: Needs) -> tuple[tuple[Sourced, ...], ...]:
    return (needs.required, needs.any_of, needs.forbidden, needs.preferred)


def _all(needs: Needs) -> Iterator[Sourced]:
    return (need for part in _parts(needs) for need in part)
