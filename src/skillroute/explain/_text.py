"""
A decision as text for people: who gets the call and why, and why nobody else does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..decisions import Decision, FlowStep
from ..plan import Plan
from ..plan.model import RawQueue
from ._agents import agent_lines, counted_words, rule_lines
from ._clock import agent_zone, iso, length_words, until_words
from ._counterfactuals import Counterfactual
from ._reasons import contenders, offer_reason
from ._words import agent_name, changes_words, plural

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
        Lines: a summary, the needs and their sources, the agents, who else waits for
        them, what would change it, what happens next.  Beyond 40 agents, those who
        cannot take it are grouped by reason.

    Cost: linear in agents.
    """
    parts = [
        [_summary(decision, plan), _when(decision, plan)],
        [*_needs(decision)],
        [*_agents(decision, plan, only, by)],
        [*_rivals(decision, plan)],
        [*_otherwise(counterfactuals, plan)],
        [f"Next: {_next(decision, plan)}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _summary(decision: Decision, plan: Plan) -> str:
    if decision.chosen:
        name = agent_name(plan, decision.chosen)
        return f"{name} gets the call: {offer_reason(decision)}."
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
        return f"No queue has the call: {', '.join(ways)}"
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
        return ["Agents: none was asked."]
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


def _otherwise(found: tuple[Counterfactual, ...], plan: Plan) -> Iterator[str]:
    """
    Say what would have led to another decision.
    """
    if found:
        yield "Who would get it:"
    rows = [(agent_name(plan, one.agent), one.changes) for one in found]
    width = max((len(name) for name, _ in rows), default=0)
    for name, changes in rows:
        when = "by none within three changes"
        if changes is not None:
            when = f"if {changes_words(plan, changes)}"
        yield f"  {name:<{width}}  {when}"


def _next(decision: Decision, plan: Plan) -> str:
    chosen = agent_name(plan, decision.chosen) if decision.chosen else ""
    match decision.next:
        case "offer":
            return _offer_words(decision, plan, chosen)
        case "wait":
            return _wait_words(decision, plan)
        case "connecting":
            return f"{chosen} has accepted and is being connected."
        case "connected":
            return f"{chosen} is talking with the caller."
        case "voicemail":
            return f"the caller can leave a message ({_overflow(decision, plan)})."
        case "hang_up":
            message = _farewell(decision, plan)
            return f"the caller hears {message!r} and the call ends."
        case "forward":
            return f"an outside number is rung ({_overflow(decision, plan)})."
        case "forwarded":
            return "the caller is connected with an outside number."
        case "ended":
            return "nothing: the call has ended."
        case other:
            return f"{other}."


def _offer_words(decision: Decision, plan: Plan, chosen: str) -> str:
    queue = plan.raw.queues.get(decision.queue)
    for_s = "" if queue is None else f" for {queue.ring_s:g} s"
    others = contenders(decision)[1:]
    then = "whoever becomes free"
    if others:
        then = agent_name(plan, others[0].agent)
    return f"{chosen} is rung{for_s}; without an answer, then {then}."


def _wait_words(decision: Decision, plan: Plan) -> str:
    queue = plan.raw.queues.get(decision.queue)
    ahead = f" behind {plural(len(decision.ahead), 'call')}" if decision.ahead else ""
    limit, left_ms = "", None
    if queue is not None and queue.max_wait_s is not None:
        left_ms = round(queue.max_wait_s * 1000) - decision.waited_ms
        limit = f", after {queue.max_wait_s:g} s {_overflow(decision, plan)}"
    clears = [(v.until_ms, v.agent) for v in decision.agents if v.until_ms is not None]
    until_ms, agent = min(clears, default=(None, ""))
    first = ""
    # Whoever could take it only after the limit will not.
    if until_ms is not None and _is_within(until_ms, decision, left_ms):
        when = until_words(until_ms, decision.now_ms, agent_zone(plan, agent))
        first = f" The first who could take it: {agent_name(plan, agent)}, at {when}."
    change_ms, step = decision.next_change_ms, ""
    if change_ms is not None and change_ms != until_ms:
        when = until_words(change_ms, decision.now_ms, plan.raw.site.zone)
        step = f" Step {decision.step + 1} begins at {when}."
    return f"the call waits in queue {decision.queue}{ahead}{limit}.{step}{first}"


def _is_within(at_ms: int, decision: Decision, left_ms: int | None) -> bool:
    return left_ms is None or at_ms - decision.now_ms < left_ms


def _overflow(decision: Decision, plan: Plan) -> str:
    passed = decision.flow[-1].exit if decision.flow else ""
    text = _queue(decision, plan).overflow or "last_resort"
    if decision.next in ("voicemail", "forward"):
        text = passed
    kind, _, name = (plan.raw.last_resort.to if _is_last(text) else text).partition(":")
    words = {
        "voicemail": "voicemail box",
        "number": "number",
        "queue": "queue",
        "agent": "agent",
    }
    return f"{words[kind]} {name}" if kind in words else "the last resort"


def _is_last(text: str) -> bool:
    """
    Tell whether a block's exit leads to the site's last resort.
    """
    return text in ("last_resort", "too_often")


def _farewell(decision: Decision, plan: Plan) -> str:
    """
    Return what a caller hears last whom nobody serves.
    """
    passed = decision.flow[-1].exit if decision.flow else ""
    kind, _, prompt = passed.partition(":")
    return prompt if kind == "hangup" else plan.raw.last_resort.message


def _queue(decision: Decision, plan: Plan) -> RawQueue:
    """
    Return what is written of the queue; of one agent's own nothing is.
    """
    return plan.raw.queues.get(decision.queue, RawQueue())
