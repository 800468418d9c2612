"""
A decision as a plain object, for ``explain --json``.
"""

from __future__ import annotations

from typing import Any

from ..contract import AnyOf, Need, Preferred, Required
from ..decisions import AgentVerdict, Decision, NeedSource
from ..plan import Plan
from ._clock import iso

__all__ = ["decision_object"]


def decision_object(
    decision: Decision,
    plan: Plan,
    *,
    caller: str,
    dialled: str,
    backend: str,
    only: str = "",
) -> dict[str, Any]:
    """
    Make the object that ``explain --json`` prints.

    Args:
        decision: What the engine decided.
        plan: The plan it decided by.
        caller: Number of the caller; empty: withheld.
        dialled: Number of ours.
        backend: Which engine it was.
        only: The one agent to list; empty: every agent of the site.

    Returns:
        Nothing but dicts, lists, strings, integers and None.  Keys are added, never
        renamed; their meaning is in ``docs/reference/cli.md``.
    """
    zone = plan.raw.site.zone
    return {
        "version": 1,
        "at": iso(decision.now_ms, zone),
        "call": decision.call,
        "caller": caller,
        "dialled": dialled,
        "next": decision.next,
        "queue": decision.queue or None,
        "step": decision.step,
        "chosen": decision.chosen or None,
        "needs": [_need(source) for source in decision.needs],
        "flow": [
            {"block": step.block, "exit": step.exit, "why": step.why}
            for step in decision.flow
        ],
        "key_names": list(decision.key_names),
        "agents": [
            _agent(verdict, zone)
            for verdict in decision.agents
            if only in ("", verdict.agent)
        ],
        "ahead": list(decision.ahead),
        "counterfactuals": [],
        "plan_id": plan.plan_id,
        "backend": backend,
    }


def _need(source: NeedSource) -> dict[str, Any]:
    kind, level = _kind_and_level(source.need)
    tags = source.need.tags if isinstance(source.need, AnyOf) else (source.need.tag,)
    weight = source.need.weight if isinstance(source.need, Preferred) else None
    return {
        "tag": "|".join(tags),
        "source": source.source,
        "kind": kind,
        "level": level,
        "weight": weight,
    }


def _kind_and_level(need: Need) -> tuple[str, int | None]:
    match need:
        case Required(level=level):
            return "required", level
        case AnyOf():
            return "any_of", None
        case Preferred():
            return "preferred", None
        case _:
            return "forbidden", None


def _agent(verdict: AgentVerdict, zone: str) -> dict[str, Any]:
    until_ms = verdict.until_ms
    return {
        "agent": verdict.agent,
        "verdict": verdict.verdict,
        "also": list(verdict.also),
        "rank": verdict.rank,
        "keys": list(verdict.keys),
        "until": None if until_ms is None else iso(until_ms, zone),
    }
