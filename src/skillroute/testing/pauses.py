"""
Pauses for missed calls, judged from the outside (rule 7.6).
"""

from __future__ import annotations

from ..actions import PauseAgent
from ..reference.state import Snapshot
from ..reference.timers import TimerKind
from .seen import Seen

__all__ = ["pauses_kept"]


def pauses_kept(seen: Seen, *, is_same_plan: bool) -> list[str]:
    """
    Rule 7.6: a pause for missed calls ends, and leaves nobody alone with a queue.

    Args:
        seen: The event.
        is_same_plan: Whether plan and overlay are what they were before it: else
            who was there cannot be told.
    """
    kind = TimerKind.PAUSE_ENDS
    ending = {timer.subject for timer in seen.after.timers if timer.kind == kind}
    broken = [
        f"7.6: {seen.plan.agents[agent].id} is not paused by the engine"
        for agent in ending
        if seen.after.agents[agent].pause_reason != "missed_offers"
    ]
    numbers = seen.serving.numbers
    paused: set[int] = set()
    for action in seen.actions:
        if isinstance(action, PauseAgent) and action.agent in numbers:
            if is_same_plan:
                broken += _left_alone(seen, paused, action)
            if (action.until_ms or 0) > seen.now_ms:
                paused.add(numbers[action.agent])
    return broken


def _left_alone(seen: Seen, paused: set[int], action: PauseAgent) -> list[str]:
    """
    The queues of a paused agent in which nobody else was, or is, available.
    """
    serving, before, after = seen.serving, seen.before, seen.after
    agent = serving.numbers[action.agent]
    if (
        before is None
        or seen.plan.settings.auto_pause_last
        or not serving.is_there(before, agent)
        or _somebody_came(before, seen.now_ms)
    ):
        return []
    there = {
        other
        for other in range(len(after.agents))
        if other not in (agent, *paused)
        and (serving.is_there(before, other) or serving.is_there(after, other))
    }
    queues = [
        (queue.name, queue.steps[-1].members if queue.steps else queue.members)
        for queue in seen.plan.queues
    ]
    return [
        f"7.6: {action.agent} was the last of {name}"
        for name, members in queues
        if (members is None or agent in members)
        and not there & set(range(len(after.agents)) if members is None else members)
    ]


def _somebody_came(before: Snapshot, now_ms: int) -> bool:
    """
    Tell whether a timer that brings agents back has fired in between.
    """
    kinds = (TimerKind.PAUSE_ENDS, TimerKind.SHIFT_CHANGES)
    return any(t.kind in kinds and t.deadline_ms <= now_ms for t in before.timers)
