"""
A decision as a plain object, for ``explain --json``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from ..contract import AnyOf, Need, Preferred, Required
from ..decisions import AgentDecision, AgentVerdict, Decision, NeedSource
from ..plan import Plan
from ._clock import iso
from ._counterfactuals import Change, Counterfactual

__all__ = ["agent_object", "decision_object"]


def decision_object(
    decision: Decision,
    plan: Plan,
    *,
    caller: str,
    dialled: str,
    backend: str,
    only: str = "",
    counterfactuals: tuple[Counterfactual, ...] = (),
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
        counterfactuals: What would have given the call to somebody else.

    Returns:
        Nothing but dicts, lists, strings, integers and None.  Keys are added, never
        renamed; their meaning is in ``docs/reference/cli.md``.
    """
    zone = plan.raw.site.zone
    shown = [one for one in decision.agents if only in ("", one.agent)]
    clears = {one.until_ms for one in shown}
    until = {at_ms: _instant(at_ms, zone) for at_ms in clears}
    return {
        "version": 1,
        "at": iso(decision.now_ms, zone),
        "call": decision.call,
        "caller": caller,
        "dialled": dialled,
        "next": decision.next,
        "queue": decision.queue or None,
        "step": decision.step,
        "waited_ms": decision.waited_ms,
        "position": decision.position,
        "expected_wait_ms": decision.expected_wait_ms,
        "next_change": _instant(decision.next_change_ms, zone),
        "chosen": decision.chosen or None,
        "needs": [_need(source) for source in decision.needs],
        "flow": [
            {"block": step.block, "exit": step.exit, "why": step.why}
            for step in decision.flow
        ],
        "key_names": list(decision.key_names),
        "agents": [_agent(verdict, until[verdict.until_ms]) for verdict in shown],
        "ahead": list(decision.ahead),
        "competing": [msgspec.structs.asdict(other) for other in decision.competing],
        "summary": _summary(decision),
        "counterfactuals": [_counterfactual(found) for found in counterfactuals],
        "plan_id": plan.plan_id,
        "backend": backend,
    }


def agent_object(
    decision: AgentDecision, plan: Plan, *, backend: str
) -> dict[str, Any]:
    """
    Make the object that ``explain --idle ID --json`` prints.
    """
    zone = plan.raw.site.zone
    return {
        "version": 1,
        "at": iso(decision.now_ms, zone),
        "agent": decision.agent,
        "verdict": decision.verdict,
        "also": list(decision.also),
        "until": _instant(decision.until_ms, zone),
        "waiting": decision.waiting,
        "reasons": [msgspec.structs.asdict(reason) for reason in decision.reasons],
        "calls": [msgspec.structs.asdict(call) for call in decision.calls],
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


def _agent(verdict: AgentVerdict, until: str | None) -> dict[str, Any]:
    return {
        "agent": verdict.agent,
        "verdict": verdict.verdict,
        "also": list(verdict.also),
        "rank": verdict.rank,
        "keys": list(verdict.keys),
        "until": until,
    }


def _instant(at_ms: int | None, zone: str) -> str | None:
    return None if at_ms is None else iso(at_ms, zone)


def _summary(decision: Decision) -> dict[str, Any]:
    """
    Count agents by verdict, the most frequent first.
    """
    counts = Counter([verdict.verdict for verdict in decision.agents])
    able = counts.pop("eligible", 0)
    reasons = dict(counts.most_common())
    return {"agents": len(decision.agents), "eligible": able, "reasons": reasons}


def _counterfactual(found: Counterfactual) -> dict[str, Any]:
    changes = found.changes
    return {
        "agent": found.agent,
        "changes": None if changes is None else [_change(one) for one in changes],
    }


def _change(change: Change) -> dict[str, Any]:
    """
    Write a change with the fields that its kind has.
    """
    fields = msgspec.structs.asdict(change)
    return {name: value for name, value in fields.items() if value not in ("", None)}
