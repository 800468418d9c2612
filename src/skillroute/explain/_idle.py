"""
Why an agent has no call, as text.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..decisions import AgentDecision
from ..plan import Plan
from ._clock import agent_zone, iso, length_words, until_words
from ._words import agent_name, code_words, plural

__all__ = ["agent_text"]

_CALLS_MAX = 10


def agent_text(decision: AgentDecision, plan: Plan) -> str:
    """
    Say in words why an agent has no call.

    Returns:
        Lines: what the agent does, how many calls wait and what keeps each kind from
        the agent, and the first of them in line.
    """
    name = agent_name(plan, decision.agent)
    lines = [f"{name} {_state_words(decision, plan)}."]
    at = iso(decision.now_ms, plan.raw.site.zone)
    verb = "waits" if decision.waiting == 1 else "wait"
    lines.append(f"At {at}, {plural(decision.waiting, 'call')} {verb}.")
    if decision.waiting:
        lines += ["", f"What keeps them from {name}:", *_reasons(decision, plan)]
        lines += ["", "In the order of the line:", *_calls(decision, plan)]
    return "\n".join(lines)


def _state_words(decision: AgentDecision, plan: Plan) -> str:
    """
    Say what the agent does, until when, and whether that is why they have no call.
    """
    if decision.verdict == "eligible":
        return "is free" if decision.waiting == 0 else "is free, but no call fits"
    codes = [code_words(code) for code in (decision.verdict, *decision.also)]
    words = f"cannot take calls now: {', also '.join(codes)}"
    if decision.until_ms is None:
        return words
    zone = agent_zone(plan, decision.agent)
    return f"{words}, until {until_words(decision.until_ms, decision.now_ms, zone)}"


def _reasons(decision: AgentDecision, plan: Plan) -> Iterator[str]:
    for reason in decision.reasons:
        words = _call_words(decision, plan, reason.code)
        first = f"call {reason.first}"
        if reason.calls > 1:
            first = f"the first is {first}"
        yield f"  {reason.calls:>6,}  {words}; {first}"


def _calls(decision: AgentDecision, plan: Plan) -> Iterator[str]:
    shown = decision.calls[:_CALLS_MAX]
    width = max(len(verdict.call) for verdict in shown)
    for verdict in shown:
        codes = (verdict.verdict, *verdict.also)
        words = [_call_words(decision, plan, code) for code in codes]
        waited = length_words(verdict.waited_ms)
        yield (
            f"  {verdict.call:<{width}}  queue {verdict.queue}, waiting for {waited}:"
            f" {', also '.join(words)}"
        )
    if decision.waiting > len(shown):
        yield f"  and {decision.waiting - len(shown):,} more"


def _call_words(decision: AgentDecision, plan: Plan, code: str) -> str:
    if code != "eligible":
        return code_words(code)
    if decision.verdict == "eligible":
        return "nothing"
    return f"only that {agent_name(plan, decision.agent)} is not free"
