"""
Who can take which calls, for the lints: sets of agents, and the ways into queues.

A set of agents is an integer with a bit per agent, so that five thousand queues are
compared with a hundred thousand agents in a fraction of a second.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..plan import (
    TEAM,
    WILDCARD,
    Path,
    parse_held,
    parse_needed,
    parse_plain,
)
from ._asked import Asked, asked_of, relaxed, without
from ._ways import Way, ways

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..plan.model import RawNumber, RawPlan, RawQueue, RawStep

__all__ = ["Entry", "Survey", "is_open", "prefer_tables", "rings_several"]


_NOT_EMPTY = re.compile(rb"[^\0]")


class Entry(Way, frozen=True):
    """
    A way into a queue, and who can take the calls that come by it.
    """

    able: int
    """Once all steps have begun."""


class Survey:
    """
    A plan without errors, and the sets of agents that lints ask for.
    """

    def __init__(self, raw: RawPlan) -> None:
        """
        Go through the agents once.

        Args:
            raw: A plan in which ``find_faults`` found no error.

        Cost: linear in the plan, plus agents / 8 bytes for each need.
        """
        self.raw = raw
        self.agents = tuple(raw.agents)
        self.bits = {agent: index for index, agent in enumerate(self.agents)}
        self.everybody = (1 << len(self.agents)) - 1
        self.asked_tags = _asked_tags(raw)
        self.held_tags: set[str] = set()
        self._levels: dict[str, dict[int, list[int]]] = {}
        self.wildcards = self._go_through_tags()
        self._teams: dict[str, int] = {}
        self._holding: dict[tuple[str, int], int] = {}
        self._exact: dict[tuple[str, int], int] = {}
        self._same: dict[int, int] = {}
        self.members = {name: self.serving(name) for name in raw.queues}
        """Who serves each queue once all steps have begun."""
        self.able = {name: self.able_for(name, None) for name in raw.queues}
        """Who of them meets the queue's needs then."""
        self.entries = tuple(
            Entry(
                way.queue,
                way.number,
                way.path,
                self.able_for(way.queue, raw.numbers[way.number]),
            )
            for way in ways(raw)
        )
        """First those of all numbers."""
        entered = {entry.queue for entry in self.entries}
        self.entered = tuple(n for n in raw.queues if n in entered or not entered)
        """Queues that calls enter; all of them if the plan has no numbers."""

    def entries_of(self) -> dict[str, list[Entry]]:
        """
        Return the ways into each queue, numbers first.
        """
        found: dict[str, list[Entry]] = {name: [] for name in self.raw.queues}
        for entry in self.entries:
            found[entry.queue].append(entry)
        return found

    def able_for(
        self, name: str, number: RawNumber | None, steps: int | None = None
    ) -> int:
        """
        Return who can take calls of a queue, by membership and tags.

        Args:
            name: The queue.
            number: The number that was dialled; None: only the queue asks.
            steps: How many steps have begun; None: all.
        """
        queue = self.raw.queues[name]
        asked = relaxed(asked_of(self.raw, queue, number), queue.steps[:steps])
        able = self.passing(asked)
        for agent, tags in self._granted(queue.steps[:steps]).items():
            able |= self.passing(without(asked, tags)) & self.named((agent,), ())
        return self._shared(able & self.serving(name, steps))

    def _granted(self, steps: Iterable[RawStep]) -> dict[str, set[str]]:
        """
        Return the tags that each agent is granted by steps.
        """
        granted: dict[str, set[str]] = {}
        for step in steps:
            for text, grantees in step.grant.items():
                for name in grantees:
                    team = self.raw.teams.get(name.removeprefix(TEAM))
                    is_team = name.startswith(TEAM) and team is not None
                    for agent in team.agents if is_team and team else (name,):
                        granted.setdefault(agent, set()).add(parse_plain(text))
        return granted

    def serving(self, name: str, steps: int | None = None) -> int:
        """
        Return who serves a queue when so many steps have begun; None: all of them.
        """
        queue = self.raw.queues[name]
        excluded = self.named(queue.exclude, ())
        if is_open(queue):
            return self._shared(self.everybody & ~excluded)
        found = self.named(queue.agents, queue.teams)
        for members in queue.members:
            found |= self.named(members.agents, members.teams)
        for step in queue.steps[:steps]:
            found |= self.named(step.agents, step.teams)
        return self._shared(found & ~excluded)

    def passing(self, asked: Asked) -> int:
        """
        Return who passes the tests of tags.

        Source: rule 18.11, as ``reference/steps.py``.
        """
        able, wildcards = self.everybody, self.wildcards
        for tag, need in asked.required.items():
            able &= self.holding(tag, need.level) | wildcards
        for group in asked.any_of:
            held = wildcards
            for tag in group:
                held |= self.holding(tag)
            able &= held
        for tag in asked.forbidden:
            able &= ~self.holding(tag)
        if asked.forbidden & asked.required.keys():
            able &= ~wildcards
        return able

    def holding(self, tag: str, level: int = 1) -> int:
        """
        Return who holds a tag by name, at least at *level*; it must be asked for.
        """
        key = (tag, level)
        if key not in self._holding:
            levels = sorted(self._levels.get(tag, {}), reverse=True)
            found = 0
            for at in levels:
                if at < level:
                    break
                found |= self._exactly(tag, at)
            self._holding[key] = self._shared(found)
        return self._holding[key]

    def _exactly(self, tag: str, level: int) -> int:
        """
        Return who holds a tag at a level.
        """
        key = (tag, level)
        if key not in self._exact:
            self._exact[key] = self.set_of(self._levels[tag][level])
        return self._exact[key]

    def named(self, agents: Iterable[str], teams: Iterable[str]) -> int:
        """
        Return agents and those of teams.
        """
        found = self.set_of([self.bits[agent] for agent in agents])
        for team in teams:
            if team not in self._teams:
                members = self.raw.teams[team].agents
                self._teams[team] = self.set_of([self.bits[name] for name in members])
            found |= self._teams[team]
        return found

    def set_of(self, indexes: Collection[int]) -> int:
        """
        Return a set of agents.
        """
        if not indexes:
            return 0
        cells = bytearray(len(self.agents) // 8 + 1)
        for index in indexes:
            cells[index >> 3] |= 1 << (index & 7)
        return int.from_bytes(cells, "little")

    @cached_property
    def shifts(self) -> dict[str | None, int]:
        """
        Tell who works by which schedule; None: who is always on shift.
        """
        found: dict[str | None, list[int]] = {}
        for index, agent in enumerate(self.raw.agents.values()):
            found.setdefault(agent.schedule, []).append(index)
        return {name: self.set_of(indexes) for name, indexes in found.items()}

    @cached_property
    def zones(self) -> frozenset[str]:
        """
        Tell the zones of the schedules by which anybody works or calls are taken.
        """
        names = {*self.shifts, *(queue.hours for queue in self.raw.queues.values())}
        used = (self.raw.schedules[name] for name in names if name is not None)
        return frozenset(schedule.zone or self.raw.site.zone for schedule in used)

    def ids(self, agents: int) -> list[str]:
        """
        Return the ids of a set of agents, in their order.
        """
        cells = agents.to_bytes(len(self.agents) // 8 + 1, "little")
        return [
            self.agents[match.start() * 8 + bit]
            for match in _NOT_EMPTY.finditer(cells)
            for bit in range(8)
            if cells[match.start()] >> bit & 1
        ]

    def _go_through_tags(self) -> int:
        """
        Note who holds which of the tags asked for; return who can do everything.
        """
        wildcards: list[int] = []
        holders: dict[str, list[int] | None] = {WILDCARD: wildcards}
        for index, agent in enumerate(self.raw.agents.values()):
            for text in agent.tags:
                if text not in holders:
                    holders[text] = self._holders(text)
                held = holders[text]
                if held is not None:
                    held.append(index)
        return self.set_of(wildcards)

    def _holders(self, text: str) -> list[int] | None:
        """
        Return where holders of a tag are gathered; None: nothing asks for it.
        """
        tag, level = parse_held(text)
        self.held_tags.add(tag)
        if tag not in self.asked_tags:
            return None
        return self._levels.setdefault(tag, {}).setdefault(level, [])

    def _shared(self, agents: int) -> int:
        """
        Return an equal set that is kept already: many queues have the same agents.
        """
        return self._same.setdefault(agents, agents)


def is_open(queue: RawQueue) -> bool:
    """
    Tell whether everybody serves a queue.
    """
    return not queue.agents and not queue.teams and not queue.members


def rings_several(strategy: str) -> bool:
    """
    Tell whether a strategy rings several agents at once.
    """
    return strategy.startswith("ring_")


def prefer_tables(queue: RawQueue) -> Iterable[tuple[Path, str]]:
    """
    Yield each preferred tag of a queue and its steps, as written, with its path.
    """
    for text in queue.prefer:
        yield ("prefer", text), text
    for index, step in enumerate(queue.steps):
        for text in step.prefer:
            yield ("steps", index, "prefer", text), text


def _asked_tags(raw: RawPlan) -> set[str]:
    """
    Gather every tag that a queue or a number asks for, in whichever way.
    """
    tags: set[str] = set()
    for queue in raw.queues.values():
        tags.update(parse_needed(text)[0] for text in queue.needs)
        preferred = (text for _, text in prefer_tables(queue))
        groups = (queue.forbidden, preferred, *queue.any_of)
        tags.update(parse_plain(text) for group in groups for text in group)
    for number in raw.numbers.values():
        tags.update(parse_needed(text)[0] for text in number.needs)
    return tags
