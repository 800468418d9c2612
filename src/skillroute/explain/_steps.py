"""
Steps and delays of a queue, in the words of a supervisor.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..decisions import AgentVerdict, Decision
from ..plan import Plan
from ..plan.model import RawQueue, RawStep

__all__ = ["delay_ms", "queue_of", "step_lines", "step_that_lets_in"]


def queue_of(decision: Decision, plan: Plan) -> RawQueue:
    """
    Return what is written of the queue; of one agent's own nothing is.
    """
    return plan.raw.queues.get(decision.queue, RawQueue())


def step_lines(decision: Decision, plan: Plan) -> Iterator[str]:
    """
    List what the steps that have begun changed.
    """
    begun = queue_of(decision, plan).steps[: decision.step]
    if begun:
        yield "Steps begun:"
    for number, step in enumerate(begun, start=1):
        changes = ", ".join(_changes(step)) or "no change"
        yield f"  {number}  {changes} ({_begun_words(step, decision.waited_ms)})"


def _begun_words(step: RawStep, waited_ms: int) -> str:
    """
    Say when a step began, and why if that was before its time.
    """
    if waited_ms < round(step.after_s * 1000):
        return f"before {step.after_s:g} s, since nobody was left to try"
    return f"after {step.after_s:g} s"


def _changes(step: RawStep) -> Iterator[str]:
    """
    Say what a step changes, one thing after another.
    """
    if step.drop:
        yield f"{', '.join(step.drop)} no longer needed"
    lowered: dict[int, list[str]] = {}
    for tag, level in step.lower.items():
        lowered.setdefault(level, []).append(tag)
    for level, tags in lowered.items():
        yield f"{', '.join(tags)} at level {level} will do"
    if added := (*step.agents, *(f"team {team}" for team in step.teams)):
        yield f"{', '.join(added)} too"
    if step.strategy or step.order:
        yield f"chosen by {step.order or step.strategy}"
    if step.raise_priority:
        yield f"priority raised by {step.raise_priority}"
    for tag, grantees in step.grant.items():
        names = [name.replace("team:", "team ") for name in grantees]
        yield f"{', '.join(names)} as if they held {tag}"
    if step.prefer:
        yield f"rather {', '.join(step.prefer)}"


def step_that_lets_in(decision: Decision, plan: Plan, verdict: AgentVerdict) -> str:
    """
    Name the step to come by which an agent is let in, as far as it is certain.

    Returns:
        Such as ``step 2``; ``a later step`` if it may be one of several.
    """
    steps = queue_of(decision, plan).steps
    to_come = range(decision.step + 1, len(steps) + 1)
    if verdict.until_ms is not None:
        # Nothing but the beginning of a step is at that very instant of waiting,
        # unless a delay is: then the step may have been an earlier one.
        waited_ms = verdict.until_ms - decision.now_ms + decision.waited_ms
        is_delayed = "delay_not_reached" in verdict.also
        at = [n for n in to_come if round(steps[n - 1].after_s * 1000) == waited_ms]
        if len(at) == 1 and not is_delayed:
            return f"step {at[0]}"
    return f"step {to_come[0]}" if len(to_come) == 1 else "a later step"


def delay_ms(plan: Plan, queue: str, agent: str) -> int:
    """
    Return how long calls of a queue must have waited for an agent to get them.
    """
    delays = [
        members.delay_s
        for members in plan.raw.queues.get(queue, RawQueue()).members
        if agent in members.agents
        or any(agent in plan.raw.teams[team].agents for team in members.teams)
    ]
    # The last word counts, as in the engine.
    return round(delays[-1] * 1000) if delays else 0
