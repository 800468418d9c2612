"""
A decision as text for people: who gets the call and why, and why nobody else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..decisions import AgentVerdict, Decision
from ..plan import Plan
from ._clock import agent_zone, iso, until_words
from ._reasons import contenders, offer_reason, place_reason
from ._words import agent_name, code_words, verdict_words

__all__ = ["decision_text"]

ROWS_MAX = 40
"""More agents than this are grouped by reason: a screen or two."""

_RANKED_MAX = 10
_EXAMPLES_MAX = 3


def decision_text(decision: Decision, plan: Plan, *, only: str = "") -> str:
    """
    Say in words why a call goes where it goes.

    Args:
        decision: What the engine decided.
        plan: The plan it decided by.
        only: The one agent to speak of; empty: all of them.

    Returns:
        Lines: a summary, the needs and their sources, the agents, what happens
        next.  Beyond 40 agents, those who cannot take it are grouped by reason.

    Cost: linear in agents.
    """
    lines = [_summary(decision, plan), _when(decision, plan), ""]
    lines += _needs(decision)
    lines += ["", *_agents(decision, plan, only), ""]
    lines.append(f"Next: {_next(decision, plan)}")
    return "\n".join(lines)


def _summary(decision: Decision, plan: Plan) -> str:
    if decision.chosen:
        name = agent_name(plan, decision.chosen)
        return f"{name} gets the call: {offer_reason(decision)}."
    if not decision.queue:
        return f"No queue was reached: {_flow_words(decision)}."
    kinds = Counter(_kind(verdict) for verdict in decision.agents)
    parts = (f"{count:,} {_kind_words(kind)}" for kind, count in kinds.most_common())
    total = len(decision.agents)
    return (
        f"Nobody can take the call now. {_plural(total, 'agent')}: {', '.join(parts)}."
    )


def _kind(verdict: AgentVerdict) -> str:
    """
    Return the code that agents are counted under: pauses of all reasons together.
    """
    code = verdict.verdict
    return "paused" if code.startswith("paused:") else code


def _kind_words(kind: str) -> str:
    return code_words(kind).replace("lacks", "lacking").replace("has ", "having ")


def _when(decision: Decision, plan: Plan) -> str:
    zone = plan.raw.site.zone
    queue = f", queue {decision.queue}" if decision.queue else ""
    return f"At {iso(decision.now_ms, zone)}, call {decision.call}{queue}."


def _flow_words(decision: Decision) -> str:
    return "; ".join(step.why for step in decision.flow) or "the call has ended"


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


def _agents(decision: Decision, plan: Plan, only: str) -> list[str]:
    if only:
        shown = [v for v in decision.agents if v.agent == only]
        return ["Agent:", *_rows(decision, plan, shown)]
    if len(decision.agents) <= ROWS_MAX:
        return ["Agents:", *_rows(decision, plan, _in_order(decision))]
    first = contenders(decision)
    more = len(first) - _RANKED_MAX
    rest = [f"        and {more:,} more who could take it"] if more > 0 else []
    taken = {verdict.agent for verdict in first}
    refused = [verdict for verdict in decision.agents if verdict.agent not in taken]
    return [
        f"Agents: {len(decision.agents):,}, of whom {len(first):,} could take it.",
        *_rows(decision, plan, first[:_RANKED_MAX]),
        *rest,
        *_groups(decision, plan, refused),
    ]


def _in_order(decision: Decision) -> list[AgentVerdict]:
    first = contenders(decision)
    taken = {verdict.agent for verdict in first}
    return [*first, *(v for v in decision.agents if v.agent not in taken)]


def _rows(
    decision: Decision, plan: Plan, verdicts: Iterable[AgentVerdict]
) -> Iterator[str]:
    places = {v.agent: n for n, v in enumerate(contenders(decision), start=1)}
    rows = [(places.get(v.agent), v.agent, _why(decision, plan, v)) for v in verdicts]
    width = max((len(agent) for _, agent, _ in rows), default=0)
    for place, agent, why in rows:
        yield f"  {'-' if place is None else place:>4}  {agent:<{width}}  {why}"


def _why(decision: Decision, plan: Plan, verdict: AgentVerdict) -> str:
    if verdict.agent == decision.chosen:
        doing = "" if verdict.rank else f" ({code_words(verdict.verdict)})"
        return offer_reason(decision) + doing
    if verdict.rank is not None:
        return place_reason(decision, verdict) or "could take it"
    return verdict_words(plan, decision, verdict)


def _groups(
    decision: Decision, plan: Plan, verdicts: list[AgentVerdict]
) -> Iterator[str]:
    groups: dict[str, list[AgentVerdict]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.verdict, []).append(verdict)
    for code, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        examples = ", ".join(v.agent for v in members[:_EXAMPLES_MAX])
        clears = [(v.until_ms, v.agent) for v in members if v.until_ms is not None]
        first = ""
        if clears:
            until_ms, agent = min(clears)
            zone = agent_zone(plan, agent)
            first = f"; the first until {until_words(until_ms, decision.now_ms, zone)}"
        yield f"  {len(members):>6,}  {code_words(code)}, such as {examples}{first}"
    if verdicts:
        yield "  One of them in full: --only ID."


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
            message = plan.raw.last_resort.message
            return f"the caller hears {message!r} and the call ends."
        case "ended":
            return "nothing: the call has ended."
        case other:
            return f"{other}."


def _offer_words(decision: Decision, plan: Plan, chosen: str) -> str:
    ring_s = plan.raw.queues[decision.queue].ring_s
    others = contenders(decision)[1:]
    then = "whoever becomes free"
    if others:
        then = agent_name(plan, others[0].agent)
    return f"{chosen} is rung for {ring_s:g} s; without an answer, then {then}."


def _wait_words(decision: Decision, plan: Plan) -> str:
    queue = plan.raw.queues[decision.queue]
    ahead = f" behind {_plural(len(decision.ahead), 'call')}" if decision.ahead else ""
    limit = ""
    if queue.max_wait_s is not None:
        limit = f", after {queue.max_wait_s:g} s {_overflow(decision, plan)}"
    clears = [(v.until_ms, v.agent) for v in decision.agents if v.until_ms is not None]
    until_ms, agent = min(clears, default=(0, ""))
    # Whoever could take it only after the limit will not.
    waits_ms = until_ms - decision.now_ms
    first = ""
    if clears and (queue.max_wait_s is None or waits_ms < queue.max_wait_s * 1000):
        when = until_words(until_ms, decision.now_ms, agent_zone(plan, agent))
        first = f" The first who could take it: {agent_name(plan, agent)}, at {when}."
    return f"the call waits in queue {decision.queue}{ahead}{limit}.{first}"


def _overflow(decision: Decision, plan: Plan) -> str:
    overflow = plan.raw.queues[decision.queue].overflow
    kind, _, box = overflow.partition(":")
    return f"voicemail box {box}" if kind == "voicemail" else "the last resort"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
