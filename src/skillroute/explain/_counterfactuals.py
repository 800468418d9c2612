"""
Counterfactuals: the smallest changes that would have given a call to an agent.

Changes come from a closed list of kinds, at most three at once, the smallest first;
each is verified by asking the engine to decide again under it.  What is tried follows
from what the engine said stands in the way, so that few questions are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from ..contract import Required
from ..decisions import (
    AgentAssumption,
    AgentVerdict,
    AssumedTag,
    Decision,
    ExplainQuery,
)
from ..plan import Plan

__all__ = ["Change", "Counterfactual", "find_counterfactuals", "with_changes"]

CHANGES_MAX = 3
QUESTIONS_MAX = 60
"""Decisions that one search asks for: enough for three changes of two ways each."""

AGENTS_MAX = 5
"""Agents who are tried where anybody will do."""

_WAITS_MAX = 4
"""Steps and delays that are tried, the next first."""


class Asked(Protocol):
    """
    An engine, as far as it is asked.
    """

    def explain(self, query: ExplainQuery) -> Decision:
        """Say why a call goes where it goes."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that would have to be otherwise.
    """

    kind: str
    """``state`` (the agent is there and free), ``tag``, ``level``, ``schedule`` (on
    shift), ``exclusion`` (not tried, declined or excluded), ``waiting_time`` or
    ``away`` (the agent is not there)."""
    agent: str = ""
    """Whom it concerns; empty: the call."""
    tag: str = ""
    level: int | None = None
    """Level at which *tag* is held; 0: it is not held."""
    waited_ms: int | None = None
    """How much longer the call would have waited."""


class Counterfactual(msgspec.Struct, frozen=True, kw_only=True):
    """
    What would have given the call to an agent.
    """

    agent: str
    changes: tuple[Change, ...] | None
    """Verified; None: none within three changes."""


def find_counterfactuals(
    engine: Asked,
    plan: Plan,
    query: ExplainQuery,
    decision: Decision,
    *,
    agent: str = "",
) -> tuple[Counterfactual, ...]:
    """
    Find the smallest changes that would have given a call to an agent.

    Args:
        engine: Who decided; it is asked again, and not changed.
        plan: Its plan.
        query: The question.
        decision: What the engine answered, with a verdict for every agent.
        agent: Who should have it; empty: anybody.

    Returns:
        One element of the agent asked for; of anybody, those few who are nearest to
        it, the fewest changes and the shortest wait first.  Empty: the agent has the
        call, or it is past being offered.

    Cost: at most 60 decisions.
    """
    if decision.next not in ("offer", "wait") or not decision.queue:
        return ()
    search = _Search(engine, plan, query)
    if agent:
        if agent == decision.chosen:
            return ()
        return (search.of(_verdict_of(decision, agent), decision),)
    found = [search.of(verdict, decision) for verdict in _nearest(decision)]
    reached = [one for one in found if one.changes is not None]
    return tuple(sorted(reached, key=_size))


def _size(found: Counterfactual) -> tuple[int, int]:
    """
    Return how much would have to be otherwise: changes, then how long a wait.
    """
    changes = found.changes or ()
    return len(changes), sum(change.waited_ms or 0 for change in changes)


def with_changes(query: ExplainQuery, changes: tuple[Change, ...]) -> ExplainQuery:
    """
    Return the same question, asked under changes.
    """
    agents = dict.fromkeys(change.agent for change in changes if change.agent)
    assumed = (_assumption(agent, changes) for agent in agents)
    longer_ms = sum(change.waited_ms or 0 for change in changes)
    return msgspec.structs.replace(
        query,
        assume=(*query.assume, *assumed),
        waited_ms=query.waited_ms + longer_ms,
    )


class _Search:
    """
    Decides again under more and more changes, within a bound.
    """

    def __init__(self, engine: Asked, plan: Plan, query: ExplainQuery) -> None:
        self._engine = engine
        self._plan = plan
        self._query = query
        self._left = QUESTIONS_MAX

    def of(self, verdict: AgentVerdict, decision: Decision) -> Counterfactual:
        agent = verdict.agent
        known = {frozenset[Change]()}
        level: list[tuple[tuple[Change, ...], Decision]] = [((), decision)]
        for _ in range(CHANGES_MAX):
            following: list[tuple[tuple[Change, ...], Decision]] = []
            for changes, reached in level:
                for change in self._next(reached, agent):
                    tried = _joined(changes, change)
                    if frozenset(tried) in known or self._left == 0:
                        continue
                    known.add(frozenset(tried))
                    again = self._decide(tried, agent)
                    if again.chosen == agent:
                        return Counterfactual(agent=agent, changes=tried)
                    following.append((tried, again))
            level = following
        return Counterfactual(agent=agent, changes=None)

    def _decide(self, changes: tuple[Change, ...], agent: str) -> Decision:
        self._left -= 1
        query = with_changes(self._query, changes)
        return self._engine.explain(msgspec.structs.replace(query, only=(agent,)))

    def _next(self, decision: Decision, agent: str) -> Iterator[Change]:
        """
        Say what to try next: something against the first thing that stands in the way.
        """
        if not decision.queue:
            return
        verdict = _verdict_of(decision, agent)
        if verdict.verdict != "eligible":
            codes = (verdict.verdict, *verdict.also)
            if any(code.partition(":")[0] not in _CLEARABLE for code in codes):
                return
            kind, _, what = verdict.verdict.partition(":")
            yield from _AGAINST.get(kind, _nothing)(decision, agent, what)
            if kind in _CLEARED_BY_WAITING:
                yield from self._waits(decision)
        elif decision.chosen:
            yield Change(kind="away", agent=decision.chosen)
        else:
            yield from _overtaking(decision)

    def _waits(self, decision: Decision) -> Iterator[Change]:
        """
        Say how much longer to wait, for each step and delay that is to come.
        """
        queue = self._plan.raw.queues.get(decision.queue)
        if queue is None:
            return
        seconds = [step.after_s for step in queue.steps]
        seconds += [members.delay_s for members in queue.members]
        waits_ms = sorted(
            {round(after * 1000) - decision.waited_ms for after in seconds}
        )
        to_come = [ms for ms in waits_ms if ms > 0]
        for waited_ms in to_come[:_WAITS_MAX]:
            yield Change(kind="waiting_time", waited_ms=waited_ms)


def _available(_: Decision, agent: str, __: str) -> Iterator[Change]:
    yield Change(kind="state", agent=agent)


def _on_shift(_: Decision, agent: str, __: str) -> Iterator[Change]:
    yield Change(kind="schedule", agent=agent)


def _cleared(_: Decision, agent: str, __: str) -> Iterator[Change]:
    yield Change(kind="exclusion", agent=agent)


def _tag(decision: Decision, agent: str, tag: str) -> Iterator[Change]:
    level = max(100, _level(decision, tag))
    yield Change(kind="tag", agent=agent, tag=tag, level=level)


def _higher(decision: Decision, agent: str, tag: str) -> Iterator[Change]:
    yield Change(kind="level", agent=agent, tag=tag, level=_level(decision, tag))


def _one_of(_: Decision, agent: str, tags: str) -> Iterator[Change]:
    for tag in tags.split("|"):
        yield Change(kind="tag", agent=agent, tag=tag, level=100)


def _without(_: Decision, agent: str, tag: str) -> Iterator[Change]:
    yield Change(kind="tag", agent=agent, tag=tag, level=0)


def _let_go(decision: Decision, agent: str, holder: str) -> Iterator[Change]:
    """
    Let the turn of a preferred agent be over, or the preferred agent be away.
    """
    until_ms = _verdict_of(decision, agent).until_ms
    if until_ms is not None and until_ms > decision.now_ms:
        yield Change(kind="waiting_time", waited_ms=until_ms - decision.now_ms)
    yield Change(kind="away", agent=holder)


def _nothing(_: Decision, __: str, ___: str) -> Iterator[Change]:
    yield from ()


_AGAINST: dict[str, Callable[[Decision, str, str], Iterator[Change]]] = {
    "logged_out": _available,
    "paused": _available,
    "off_shift": _on_shift,
    "wrap_up": _available,
    "ringing": _available,
    "connecting": _available,
    "busy": _available,
    "reserved": _available,
    "missing_tag": _tag,
    "level_below": _higher,
    "no_tag_of": _one_of,
    "forbidden_tag": _without,
    "declined": _cleared,
    "already_offered": _cleared,
    "unreachable": _available,
    "excluded": _cleared,
    "held_for": _let_go,
}
"""By code, without what follows its colon: what would clear it."""

_CLEARED_BY_WAITING = {
    "step_not_reached",
    "delay_not_reached",
    "missing_tag",
    "level_below",
    "no_tag_of",
}
"""Codes that a later step, or waiting alone, may clear."""


_CLEARABLE = _CLEARED_BY_WAITING | _AGAINST.keys()


def _overtaking(decision: Decision) -> Iterator[Change]:
    """
    Let the call have waited longer than one that takes its agent.
    """
    ahead = [other for other in decision.competing if other.is_before]
    waits_ms = {other.waited_ms - decision.waited_ms + 1 for other in ahead}
    for waited_ms in sorted(ms for ms in waits_ms if ms > 0)[:_WAITS_MAX]:
        yield Change(kind="waiting_time", waited_ms=waited_ms)


def _nearest(decision: Decision) -> list[AgentVerdict]:
    """
    Choose agents who are near to getting a call: few codes, and different ones.
    """
    by_codes: dict[tuple[str, ...], AgentVerdict] = {}
    for verdict in decision.agents:
        if verdict.agent != decision.chosen:
            by_codes.setdefault((verdict.verdict, *verdict.also), verdict)
    nearest = sorted(by_codes.items(), key=lambda item: len(item[0]))
    return [verdict for _, verdict in nearest[:AGENTS_MAX]]


def _joined(changes: tuple[Change, ...], change: Change) -> tuple[Change, ...]:
    """
    Add a change; of two waits one is left, since they would be one wait.
    """
    waits = [one for one in changes if one.kind == change.kind == "waiting_time"]
    others = tuple(one for one in changes if one not in waits)
    longer_ms = sum(one.waited_ms or 0 for one in (*waits, change))
    if change.kind != "waiting_time":
        return (*others, change)
    return (*others, msgspec.structs.replace(change, waited_ms=longer_ms))


def _assumption(agent: str, changes: tuple[Change, ...]) -> AgentAssumption:
    mine = [change for change in changes if change.agent == agent]
    kinds = {change.kind for change in mine}
    state: Any = "unchanged"
    if "away" in kinds:
        state = "logged_out"
    elif "state" in kinds:
        state = "available"
    return AgentAssumption(
        agent=agent,
        state=state,
        tags=tuple(
            AssumedTag(change.tag, change.level or 0) for change in mine if change.tag
        ),
        on_shift="schedule" in kinds,
        cleared="exclusion" in kinds,
    )


def _verdict_of(decision: Decision, agent: str) -> AgentVerdict:
    return next(verdict for verdict in decision.agents if verdict.agent == agent)


def _level(decision: Decision, tag: str) -> int:
    """
    Return the level of a tag that is asked for; 1: it is not, or at any.
    """
    levels = [
        source.need.level
        for source in decision.needs
        if isinstance(source.need, Required) and source.need.tag == tag
    ]
    return max(levels, default=1)
