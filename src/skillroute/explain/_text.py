"""
A decision as text for people: who gets the call and why, and why nobody else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..decisions import Decision, FlowStep
from ..plan import Plan
from ._agents import agent_lines, counted_words, rule_lines
from ._clock import iso, length_words
from ._counterfactuals import Counterfactual
from ._next import next_words, rung_at_once
from ._reasons import contenders, offer_reason
from ._steps import step_lines
from ._words import agent_name, changes_words

__all__ = ["decision_text"]

_RIVALS_MAX = 5


def decision_text(
    decision: Decision,
    plan: Plan,
    *,
    only: str = "",
    by: Literal["agent", "rule"] = "agent",
    counterfactuals: tuple[Counterfactual, ...] = (),
) -> str:
    """
    Say in words why a call goes where it goes.

    Args:
        decision: What the engine decided.
        plan: The plan it decided by.
        only: The one agent to speak of; empty: all of them.
        by: List agents, each with what stands in the way, or what stands in the way,
            each with its agents.
        counterfactuals: What would have given the call to somebody else.

    Returns:
        Lines: a summary, the needs and their sources, the steps that have begun, the
        agents, who else waits for them, what would change it, what happens next.
        Beyond 40 agents, those who cannot take it are grouped by reason.

    Cost: linear in agents.
    """
    parts = [
        [_summary(decision, plan), _when(decision, plan)],
        [*_needs(decision)],
        [*step_lines(decision, plan)],
        [*_agents(decision, plan, only, by)],
        [*_rivals(decision, plan)],
        [*_otherwise(decision, counterfactuals, plan)],
        [f"Next: {next_words(decision, plan)}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _summary(decision: Decision, plan: Plan) -> str:
    if decision.chosen:
        name, reason = agent_name(plan, decision.chosen), offer_reason(decision)
        if (together := len(rung_at_once(decision, plan))) > 1:
            return f"{together} agents are rung at once, first {name}: {reason}."
        return f"{name} gets the call: {reason}."
    if not decision.queue:
        return f"{_flow_words(decision)}."
    counted = counted_words(decision)
    if not contenders(decision):
        return f"Nobody can take the call now. {counted}"
    if decision.next == "wait":
        return f"The call waits, since others in line come first. {counted}"
    return f"The call leaves queue {decision.queue} without an agent. {counted}"


def _when(decision: Decision, plan: Plan) -> str:
    zone = plan.raw.site.zone
    queue = f", queue {decision.queue}" if decision.queue else ""
    step = f", step {decision.step}" if decision.step else ""
    waited = ""
    if decision.waited_ms:
        waited = f", after {length_words(decision.waited_ms)} of waiting"
    at = iso(decision.now_ms, zone)
    return f"At {at}, call {decision.call}{queue}{step}{waited}."


_LIMITS = {
    "closed": "is closed",
    "nobody_on_shift": "has nobody on shift",
    "nobody_logged_in": "has nobody logged in",
    "size_per_caller": "has enough calls of this caller",
    "size": "is full",
    "max_wait": "had the call wait as long as it may",
    "round_end": "had nobody left to try",
}
"""By the limit of a queue that sent a call on: what the queue is like."""


def _flow_words(decision: Decision) -> str:
    """
    Say why a call is in no queue's line.
    """
    left = [_left_words(step) for step in decision.flow]
    ways = [words for words in left if words]
    if ways:
        return f"Nobody is asked: {', then '.join(ways)}"
    whys = "; ".join(step.why for step in decision.flow)
    return f"No queue was reached: {whys or 'the call has ended'}"


def _left_words(step: FlowStep) -> str:
    """
    Say why a queue sent a call on; empty: this was no queue, or no limit of one.
    """
    queue = step.block.removeprefix("queue:")
    limit = step.why.removeprefix("overflowed:")
    known = queue != step.block and limit in _LIMITS
    return f"queue {queue} {_LIMITS[limit]}" if known else ""


def _needs(decision: Decision) -> Iterator[str]:
    if not decision.queue:
        return
    if not decision.needs:
        yield "Needs: nothing."
        return
    yield "Needs:"
    rows = [(_need_words(s.need), _source_words(s.source)) for s in decision.needs]
    width = max(len(need) for need, _ in rows)
    yield from (f"  {need:<{width}}  from {source}" for need, source in rows)


def _need_words(need: Need) -> str:
    match need:
        case Required(tag=tag, level=level):
            return tag if level == 1 else f"{tag} at level {level} or more"
        case AnyOf(tags=tags):
            return f"one of {', '.join(tags)}"
        case Forbidden(tag=tag):
            return f"not {tag}"
        case Preferred(tag=tag, weight=weight):
            return f"rather {tag} (weight {weight})"


def _source_words(source: str) -> str:
    kind, _, name = source.partition(":")
    return {"queue": f"queue {name}", "number": f"number {name}"}.get(
        kind, "the call itself"
    )


def _agents(
    decision: Decision, plan: Plan, only: str, by: Literal["agent", "rule"]
) -> list[str]:
    if only:
        return ["Agent:", *agent_lines(decision, plan, only)]
    if not decision.queue:
        return []
    # Where nobody gets it they have been counted in the first line.
    heading = "By rule:" if by == "rule" else "Agents:"
    if decision.chosen:
        heading = counted_words(decision)
    lines = rule_lines if by == "rule" else agent_lines
    return [heading, *lines(decision, plan)]


def _rivals(decision: Decision, plan: Plan) -> Iterator[str]:
    """
    Name the first of the other calls that wait for the same agents.
    """
    if not decision.competing:
        return
    yield "Other calls wait for the same agents:"
    for other in decision.competing[:_RIVALS_MAX]:
        place = "before it" if other.is_before else "behind it"
        waited = length_words(other.waited_ms)
        name = agent_name(plan, other.agent)
        yield (
            f"  {other.call}  {place}, queue {other.queue}, waiting for {waited}:"
            f" {name} could take both"
        )
    more = len(decision.competing) - _RIVALS_MAX
    if more > 0:
        yield f"  and {more} more"


def _otherwise(
    decision: Decision, found: tuple[Counterfactual, ...], plan: Plan
) -> Iterator[str]:
    """
    Say what would have led to another decision.
    """
    if found:
        yield "Who would get it:"
    codes = {v.agent: (v.verdict, *v.also) for v in decision.agents}
    names = [agent_name(plan, one.agent) for one in found]
    width = max(map(len, names), default=0)
    for name, one in zip(names, found, strict=True):
        when = "not even with three changes"
        if one.changes is not None:
            when = f"if {changes_words(plan, one.changes, codes[one.agent])}"
        yield f"  {name:<{width}}  {when}"
