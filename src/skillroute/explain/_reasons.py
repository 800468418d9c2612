"""
Why one agent comes before another: the first sort key in which they differ, in words.
"""

from __future__ import annotations

from itertools import takewhile

from ..decisions import AgentVerdict, Decision

__all__ = ["contenders", "offer_reason", "place_reason"]

_FIRST = {
    "step": "at an earlier step",
    "preferred": "has what the call prefers",
    "handled": "no call yet",
    "idle_since_ms": "idle longest",
    "agent_order": "first in the plan",
}
"""By key: what is said of the agent who comes first by it."""

_LATER = {
    "step": "at a later step",
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
    if not others:
        return "the only one free who can take it"
    keys, names = first.keys, decision.key_names
    parts = []
    if "tags" in names and keys[names.index("wildcard")] == 0:
        count = keys[names.index("tags")]
        parts.append(f"fewest tags ({count}) of {len(others) + 1} free")
    decisive = _differs_at(decision, first, others[0])
    if decisive in _FIRST:
        parts.append(_FIRST[decisive])
    return ", ".join(parts) or "first in order"


def place_reason(decision: Decision, verdict: AgentVerdict) -> str:
    """
    Say why an agent who could have the call comes after the first.
    """
    first = contenders(decision)[0]
    decisive = _differs_at(decision, first, verdict)
    if decisive == "tags":
        count = verdict.keys[decision.key_names.index("tags")]
        return f"more tags ({count})"
    return _LATER.get(decisive, "")


def _differs_at(decision: Decision, first: AgentVerdict, second: AgentVerdict) -> str:
    """
    Name the first key in which two agents differ; empty: there is none.
    """
    keys = zip(decision.key_names, first.keys, second.keys, strict=True)
    return next((name for name, one, other in keys if one != other), "")
