"""
Soundness of a compiled plan: whether every number in it points to something.

Compiled plans are bytes that may come from a journal or another machine, so an
engine checks them before it trusts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .names import (
    END_KINDS,
    LIMITS,
    LINES,
    LOGINS,
    RINGINGS,
    ROUND_ENDS,
    STRATEGIES,
    WRAP_UPS,
)

if TYPE_CHECKING:
    from .compiled import (
        CompiledAgent,
        CompiledEnd,
        CompiledNeed,
        CompiledNumber,
        CompiledPlan,
        CompiledQueue,
        CompiledStep,
        CompiledZone,
    )

_WEEK_MS = 604_800_000
_DAY_MS = 86_400_000
_PREFERRED_MAX = 64
_LENGTH_MAX = 2**53 - 1
_LENGTHS = range(_LENGTH_MAX + 1)
_WEIGHTS = range(1, 1001)
_PARALLEL_MAX = 1000
_PLACE_MAX = 1000
_RAISE_MAX = 10**6
_STEPS_MAX = 100
_STEP_WEIGHTS = range(1, 10**6 + 1)
_AGING_MILLI_MAX = 10**9
_LAST_RESORT, _VOICEMAIL, _QUEUE, _NUMBER, _HANGUP = range(len(END_KINDS))
_LEVEL_MAX = 100
_ENDPOINTS_MAX = 32
_TAGS_PER_AGENT_MAX = 4096
# Of each of ``NEED_KINDS``: the values that it may have.
_NEED_VALUES = (
    range(1, _LEVEL_MAX + 1),
    range(1),
    range(1),
    range(1, 1001),
)
_INDEX_MAX = 2**32 - 1
_SEED_MAX = 2**63 - 1


def is_sound(plan: CompiledPlan) -> bool:
    """
    Tell whether a plan is one that an engine can run.
    """
    settings = plan.settings
    lengths = (
        settings.cancel_grace_ms,
        settings.connect_timeout_ms,
        settings.whisper_ms,
        settings.auto_pause_for_ms,
    )
    return (
        all(map(_is_length, lengths))
        and _are_tags(plan, settings.never_relax)
        and settings.auto_pause_after != 0
        and 0 <= (settings.auto_pause_after or 1) <= _INDEX_MAX
        and is_end(plan, settings.last_resort)
        and settings.last_resort.kind in (_LAST_RESORT, _VOICEMAIL, _NUMBER)
        and 1 <= settings.max_visits <= _INDEX_MAX
        and _rises(plan.tags)
        and all(map(_is_table, plan.zones))
        and (settings.zone is None or 0 <= settings.zone < len(plan.zones))
        and 0 <= settings.seed <= _SEED_MAX
        and all(
            0 <= schedule.zone < len(plan.zones) and _is_weekly(schedule.weekly_ms)
            for schedule in plan.schedules
        )
        and are_parts(plan)
    )


def are_parts(plan: CompiledPlan) -> bool:
    """
    Tell whether agents, queues and numbers could be those of one plan.
    """
    return (
        all(_is_agent(plan, agent) for agent in plan.agents)
        and all(_is_queue(plan, queue) for queue in plan.queues)
        and all(_is_number(plan, number) for number in plan.numbers)
    )


def _is_number(plan: CompiledPlan, number: CompiledNumber) -> bool:
    agents = number.prefer_agents
    return (
        0 <= number.queue < len(plan.queues)
        and _are_needs(plan, number.needs)
        and all(0 <= agent < len(plan.agents) for agent in agents)
        and len(set(agents)) == len(agents) <= _PREFERRED_MAX
        and 0 <= number.prefer_for_ms <= _DAY_MS
    )


def _is_agent(plan: CompiledPlan, agent: CompiledAgent) -> bool:
    tags = [tag for tag, _ in agent.tags]
    return (
        all(0 <= tag < len(plan.tags) for tag in tags)
        and all(1 <= level <= _LEVEL_MAX for _, level in agent.tags)
        and len(tags) <= _TAGS_PER_AGENT_MAX
        and _rises(tags)
        and (agent.schedule is None or 0 <= agent.schedule < len(plan.schedules))
        and 0 <= agent.login < len(LOGINS)
        and (agent.wrap_up_ms is None or _is_length(agent.wrap_up_ms))
        and 1 <= agent.units <= _INDEX_MAX
        and len(agent.endpoints) <= _ENDPOINTS_MAX
        and len(agent.confirm_digits) == len(agent.follows) == len(agent.endpoints)
        and 0 <= (agent.wrap_up or 0) < len(WRAP_UPS)
        and agent.weight in _WEIGHTS
    )


def _is_queue(plan: CompiledPlan, queue: CompiledQueue) -> bool:
    lengths = (
        queue.ring_ms,
        queue.wrap_up_ms,
        queue.retry_after_ms,
        queue.retry_unreachable_ms,
        queue.max_wait_ms or 0,
        queue.decline_for_ms or 0,
    )
    # Else one round could follow the other in the same instant for ever.
    takes_time = queue.ring_ms > 0 and queue.retry_after_ms > 0
    ends = (queue.overflow, *(end for _, end in queue.limits.overflow_on))
    limits = [limit for limit, _ in queue.limits.overflow_on]
    digits = [digit for digit, _ in queue.limits.digits]
    ends = (*ends, *(end for _, end in queue.limits.digits))
    sizes = (queue.limits.size_per_caller, queue.limits.size)
    hours = queue.limits.hours
    return (
        all(map(_is_length, lengths))
        and takes_time
        and 0 <= queue.strategy < len(STRATEGIES)
        and 0 <= queue.on_round_end < len(ROUND_ENDS)
        and 0 <= queue.wrap_up < len(WRAP_UPS)
        and all(is_end(plan, end) for end in ends)
        and all(0 <= limit < len(LIMITS) for limit in limits)
        and _rises(limits)
        and _rises(digits)
        and all(size is None or 1 <= size <= _INDEX_MAX for size in sizes)
        and (hours is None or 0 <= hours < len(plan.schedules))
        and all(0 <= agent < len(plan.agents) for agent in queue.members or ())
        and _are_needs(plan, queue.needs)
        and all(0 <= agent < len(plan.agents) for agent in queue.exclude)
        and _rises(queue.exclude)
        and 0 <= queue.ringing < len(RINGINGS)
        and 1 <= queue.parallel.max_parallel <= _PARALLEL_MAX
        and 1 <= queue.parallel.batch <= _PARALLEL_MAX
        and 1 <= queue.parallel.every_ms <= _LENGTH_MAX
        and (queue.announcements.every_ms or 1) in _LENGTHS
        and queue.announcements.every_ms != 0
        and _is_length(queue.announcements.expected_handling_ms)
        and _is_ordered(plan, queue)
        and all(_is_step(plan, step) for step in queue.steps)
    )


def _is_ordered(plan: CompiledPlan, queue: CompiledQueue) -> bool:
    """
    Tell whether who stands where, and when, is said in numbers to reckon with.
    """
    places = queue.placements
    begins = [step.after_ms for step in queue.steps]
    return (
        0 <= queue.line < len(LINES)
        and 0 <= queue.aging_milli <= _AGING_MILLI_MAX
        and 0 <= queue.aging_cap <= _AGING_MILLI_MAX
        and all(0 <= place.agent < len(plan.agents) for place in places)
        and _rises([place.agent for place in places])
        and all(1 <= place.priority <= _PLACE_MAX for place in places)
        and all(_is_length(place.delay_ms) for place in places)
        and _rises([0, *begins])
        and all(map(_is_length, begins))
        and len(begins) <= _STEPS_MAX
    )


def _is_step(plan: CompiledPlan, step: CompiledStep) -> bool:
    return (
        _are_tags(plan, step.drop)
        and _rises(step.drop_categories)
        and _are_tags(plan, [tag for tag, _ in step.lower])
        and all(1 <= level <= _LEVEL_MAX for _, level in step.lower)
        and all(0 <= agent < len(plan.agents) for agent in step.members or ())
        and 0 <= step.strategy < len(STRATEGIES)
        and 0 <= step.ringing < len(RINGINGS)
        and 0 <= step.raise_priority <= _RAISE_MAX
        and _are_tags(plan, [tag for tag, _ in step.prefer])
        and all(weight in _STEP_WEIGHTS for _, weight in step.prefer)
        and _are_tags(plan, [tag for tag, _ in step.grants])
        and all(_are_granted(plan, agents) for _, agents in step.grants)
    )


def _are_granted(plan: CompiledPlan, agents: Sequence[int]) -> bool:
    return all(0 <= agent < len(plan.agents) for agent in agents) and _rises(agents)


def _are_tags(plan: CompiledPlan, tags: Sequence[int]) -> bool:
    """
    Tell whether these are tags of the plan, ascending.
    """
    return all(0 <= tag < len(plan.tags) for tag in tags) and _rises(tags)


def is_end(plan: CompiledPlan, end: CompiledEnd) -> bool:
    """
    Tell whether a call can be sent there.
    """
    last = {_VOICEMAIL: len(plan.boxes) - 1, _QUEUE: len(plan.queues) - 1}
    return (
        _LAST_RESORT <= end.kind <= _HANGUP
        and 0 <= end.target <= last.get(end.kind, 0)
        and (end.kind != _NUMBER or bool(end.text))
        and (end.kind in (_NUMBER, _HANGUP) or not end.text)
    )


def _are_needs(plan: CompiledPlan, needs: Sequence[CompiledNeed]) -> bool:
    return all(
        need.tags
        and all(0 <= tag < len(plan.tags) for tag in need.tags)
        and 0 <= need.kind < len(_NEED_VALUES)
        and need.value in _NEED_VALUES[need.kind]
        for need in needs
    )


def _is_length(value: int) -> bool:
    return 0 <= value <= _LENGTH_MAX


def _is_table(zone: CompiledZone) -> bool:
    return (
        len(zone.offsets_ms) == len(zone.transitions_ms) + 1
        and _rises(zone.transitions_ms)
        and all(_is_length(abs(at_ms)) for at_ms in zone.transitions_ms)
        and all(abs(offset_ms) <= _WEEK_MS for offset_ms in zone.offsets_ms)
    )


def _is_weekly(weekly_ms: Sequence[tuple[int, int]]) -> bool:
    return all(0 <= start < end <= _WEEK_MS for start, end in weekly_ms) and all(
        before[1] < after[0] for before, after in pairwise(weekly_ms)
    )


def _rises(values: Sequence[Any]) -> bool:
    return all(before < after for before, after in pairwise(values))
