"""
Writes a compiled plan as one that could have been written.

A journal keeps plans as bytes; explanations speak of them in the words of the file.
What is given back says the same, though not in the same words: teams are written as
their agents, and what has no effect on who gets a call (devices, mailboxes, needs that
are explained from the decision itself) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._load import Plan
from .compiled import (
    END_KINDS,
    LIMITS,
    LOGINS,
    RINGINGS,
    ROUND_ENDS,
    STRATEGIES,
    CompiledAgent,
    CompiledEnd,
    CompiledPlan,
    CompiledQueue,
    CompiledStep,
    decode,
    plan_id,
)
from .model import (
    RawAgent,
    RawLastResort,
    RawMembers,
    RawNumber,
    RawPlan,
    RawQueue,
    RawSchedule,
    RawSite,
    RawStep,
)

__all__ = ["written_plan"]

_PARALLEL = {"all": "ring_all", "progressively": "ring_progressively"}


def written_plan(compiled: bytes) -> Plan:
    """
    Write a compiled plan in the words of a file, as far as explanations need it.

    Args:
        compiled: As ``Plan.compiled``; also of a journal.

    Returns:
        A plan of the same bytes; its ``raw`` compiles to less than they say.

    Raises:
        PlanError: They are no compiled plan (``plan_malformed``, ``plan_format``).

    Cost: linear in the plan.
    """
    plan = decode(compiled)
    settings = plan.settings
    zone = "UTC" if settings.zone is None else plan.zones[settings.zone].name
    queues = {q.name: _queue(plan, q) for q in plan.queues if not q.is_direct}
    raw = RawPlan(
        site=RawSite(name=plan.name, zone=zone, seed=settings.seed),
        last_resort=RawLastResort(
            message=settings.last_resort_message,
            to=_last_resort(plan, settings.last_resort),
        ),
        schedules={
            each.name: RawSchedule(weekly=(), zone=plan.zones[each.zone].name)
            for each in plan.schedules
        },
        agents={agent.id: _agent(plan, agent) for agent in plan.agents},
        queues=queues,
        numbers={
            number.number: RawNumber(
                queue=plan.queues[number.queue].name, label=number.label
            )
            for number in plan.numbers
        },
    )
    return Plan(raw=raw, compiled=compiled, plan_id=plan_id(compiled), file="")


def _agent(plan: CompiledPlan, agent: CompiledAgent) -> RawAgent:
    tags = [f"{plan.tags[tag]}={level}" for tag, level in agent.tags]
    schedule = None if agent.schedule is None else plan.schedules[agent.schedule].name
    login: Any = LOGINS[agent.login]
    return RawAgent(
        name=agent.name,
        tags=(*tags, "*") if agent.wildcard else tuple(tags),
        schedule=schedule,
        login=login,
        units=agent.units,
        wrap_up_s=None if agent.wrap_up_ms is None else agent.wrap_up_ms / 1000,
    )


def _queue(plan: CompiledPlan, queue: CompiledQueue) -> RawQueue:
    words = _strategy(queue)
    says_overflow = queue.overflow.kind != 0 or queue.next_step_overflows
    on_round_end: Any = ROUND_ENDS[queue.on_round_end]
    overflow_on: Any = {
        LIMITS[limit]: _end(plan, end) for limit, end in queue.limits.overflow_on
    }
    return RawQueue(
        **words,
        agents=_agents(plan, queue.members or ()),
        members=tuple(
            RawMembers(
                agents=_agents(plan, [place.agent]),
                priority=place.priority,
                delay_s=place.delay_ms / 1000,
            )
            for place in queue.placements
        ),
        steps=tuple(_steps(plan, queue)),
        max_parallel=queue.parallel.max_parallel,
        batch=queue.parallel.batch,
        every_s=queue.parallel.every_ms / 1000,
        ring_s=queue.ring_ms / 1000,
        wrap_up_s=queue.wrap_up_ms / 1000,
        priority=queue.priority,
        on_round_end=on_round_end,
        round_counts_busy=queue.round_counts_busy,
        retry_after_s=queue.retry_after_ms / 1000,
        max_wait_s=None if queue.max_wait_ms is None else queue.max_wait_ms / 1000,
        overflow=_end(plan, queue.overflow) if says_overflow else None,
        overflow_on=overflow_on,
        leave_when_empty=queue.limits.leave_when_empty,
        size=queue.limits.size,
        size_per_caller=queue.limits.size_per_caller,
    )


def _steps(plan: CompiledPlan, queue: CompiledQueue) -> Iterable[RawStep]:
    """
    Write what each step changes of the one before it.
    """
    first = CompiledStep(
        after_ms=0,
        drop=(),
        drop_categories=(),
        lower=(),
        members=queue.members,
        strategy=queue.strategy,
        raise_priority=0,
        prefer=(),
        ringing=queue.ringing,
    )
    before = first
    for step in queue.steps:
        dropped = [plan.tags[tag] for tag in step.drop if tag not in before.drop]
        categories = set(step.drop_categories) - set(before.drop_categories)
        had = set(before.members or ())
        is_other = (step.strategy, step.ringing) != (before.strategy, before.ringing)
        yield RawStep(
            after_s=step.after_ms / 1000,
            drop=(*dropped, *(f"{name}:*" for name in sorted(categories))),
            lower=_changed(plan, step.lower, before.lower),
            agents=_agents(plan, [a for a in step.members or () if a not in had]),
            **(_strategy(step) if is_other else {}),
            raise_priority=step.raise_priority - before.raise_priority,
            prefer=_added(plan, step.prefer, before.prefer),
        )
        before = step


def _strategy(rules: CompiledQueue | CompiledStep) -> dict[str, Any]:
    """
    Write a strategy, and the order of one that rings several.
    """
    name, ringing = STRATEGIES[rules.strategy], RINGINGS[rules.ringing]
    if ringing == "one":
        return {"strategy": name}
    return {"strategy": _PARALLEL[ringing], "order": name}


def _changed(
    plan: CompiledPlan,
    now: Iterable[tuple[int, int]],
    before: Iterable[tuple[int, int]],
) -> dict[str, int]:
    was = dict(before)
    return {plan.tags[tag]: n for tag, n in now if was.get(tag) != n}


def _added(
    plan: CompiledPlan,
    now: Iterable[tuple[int, int]],
    before: Iterable[tuple[int, int]],
) -> dict[str, int]:
    was: Mapping[int, int] = dict(before)
    return {
        plan.tags[tag]: weight - was.get(tag, 0)
        for tag, weight in now
        if was.get(tag) != weight
    }


def _last_resort(plan: CompiledPlan, end: CompiledEnd) -> str:
    return "hangup" if end.kind == 0 else _end(plan, end)


def _agents(plan: CompiledPlan, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(plan.agents[number].id for number in numbers)


def _end(plan: CompiledPlan, end: CompiledEnd) -> str:
    """
    Write where a call goes, as ``overflow`` says it.
    """
    kind = END_KINDS[end.kind]
    if kind == "voicemail":
        return f"voicemail:{plan.boxes[end.target].name}"
    if kind == "queue":
        queue = plan.queues[end.target]
        return queue.name if queue.is_direct else f"queue:{queue.name}"
    if kind == "number":
        return f"number:{end.text}"
    if kind == "hangup":
        return f"hangup:{end.text}" if end.text else "hangup"
    return "last_resort"
