"""
Why one agent comes before another: the first sort key in which they differ, in words.
"""

from __future__ import annotations

from itertools import takewhile

from ..decisions import AgentVerdict, Decision
from ._clock import length_words

__all__ = ["contenders", "offer_reason", "place_reason"]

_FIRST = {
    "step": "let in before the others",
    "preferred": "has what the call prefers",
    "handled": "no call yet",
    "idle_since_ms": "idle longest",
    "agent_order": "first in the plan",
}
"""By key: what is said of the agent who comes first by it."""

_BEST = {
    "tags": "fewest tags ({value}) of {count} free",
    "extra_tags": "fewest tags not asked for ({value}) of {count} free",
    "cost": "tags least in demand of {count} free",
    "levels": "highest levels ({value}) of {count} free",
    "last_offer": "longest without an offer of {count} free",
    "calls": "fewest calls today ({value}) of {count} free",
    "talk_ms": "least talk today ({value}) of {count} free",
    "occupied_ppm": "least occupied today ({value}) of {count} free",
    "open_cases": "fewest open cases ({value}) of {count} free",
    "ticket": "drawn from {count} free",
    "drawn": "drawn by weight from {count} free",
}
"""By key of a strategy: what is said of the agent who comes first."""

_WORSE = {
    "tags": "more tags ({value})",
    "extra_tags": "more tags not asked for ({value})",
    "cost": "tags more in demand",
    "levels": "lower levels ({value})",
    "last_offer": "had an offer more recently",
    "calls": "more calls today ({value})",
    "talk_ms": "more talk today ({value})",
    "occupied_ppm": "more occupied today ({value})",
    "open_cases": "more open cases ({value})",
    "ticket": "drawn later",
    "drawn": "drawn later",
}
"""By key of a strategy: what is said of one who comes later by it."""

_LATER = {
    "step": "let in by step {value}",
    "preferred": "has less of what the call prefers",
    "wildcard": "can do everything (*), so comes last",
    "handled": "has had a call",
    "idle_since_ms": "idle for less long",
    "agent_order": "later in the plan",
}
"""By key: what is said of one who comes later by it."""


def contenders(decision: Decision) -> tuple[AgentVerdict, ...]:
    """
    List who could have the call, the one who has it first, then by rank.
    """
    ranked = tuple(takewhile(lambda one: one.rank is not None, decision.agents))
    if not decision.chosen or (ranked and ranked[0].agent == decision.chosen):
        return ranked
    chosen = [v for v in decision.agents if v.agent == decision.chosen]
    return (*chosen, *(v for v in ranked if v.agent != decision.chosen))


def offer_reason(decision: Decision) -> str:
    """
    Say in a few words why the chosen agent is the first.

    Returns:
        Such as ``fewest tags (2) of 3 free``; empty: nobody is chosen.
    """
    if not decision.chosen:
        return ""
    first, *others = contenders(decision)
    keys = dict(zip(decision.key_names, first.keys, strict=True))
    step = keys.get("step", 0)
    let_in = f", let in by step {step}" if step else ""
    if not others:
        return f"the only one free who can take it{let_in}"
    own = next((name for name in decision.key_names if name in _BEST), "")
    parts = []
    if own and not keys.get("wildcard"):
        value, count = _value_words(own, keys[own]), len(others) + 1
        parts.append(_BEST[own].format(value=value, count=count))
    decisive = _differs_at(decision, first, others[0])
    if decisive in _FIRST:
        parts.append(_FIRST[decisive])
    return (", ".join(parts) or "first in order") + let_in


def place_reason(decision: Decision, verdict: AgentVerdict) -> str:
    """
    Say why an agent who could have the call comes after the first.
    """
    first = contenders(decision)[0]
    decisive = _differs_at(decision, first, verdict)
    if decisive in _WORSE:
        value = verdict.keys[decision.key_names.index(decisive)]
        return _WORSE[decisive].format(value=_value_words(decisive, value))
    words = _LATER.get(decisive, "")
    return words.format(value=verdict.keys[0]) if decisive == "step" else words


def _value_words(name: str, value: int) -> str:
    """
    Say what a strategy's key is of an agent.
    """
    if name == "talk_ms":
        return length_words(value)
    if name == "occupied_ppm":
        return f"{value / 10_000:.1f}%"
    return str(abs(value))


def _differs_at(decision: Decision, first: AgentVerdict, second: AgentVerdict) -> str:
    """
    Name the first key in which two agents differ; empty: there is none.
    """
    keys = zip(decision.key_names, first.keys, second.keys, strict=True)
    return next((name for name, one, other in keys if one != other), "")
