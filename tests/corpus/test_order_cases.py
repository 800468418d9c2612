"""Cases of order and wrap-up of other systems, as facts, on every engine."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from skillroute.actions import OfferCall
from skillroute.contract import Party
from skillroute.decisions import ExplainQuery
from skillroute.events import (
    AgentLoggedIn,
    CallArrived,
    CallConnected,
    CallerHungUp,
    OfferAccepted,
    OfferDeclined,
)
from skillroute.plan import parse_plan

START_MS = 1_772_442_000_000  # 2026-03-02 09:00 UTC, a Monday
CALLER = Party(kind="e164", number="+12025550100")

# Cases that are not run, by kind and name, each with the reason.
NOT_RUN = {
    ("join_position", "priority and wanted position, maxlen 11"): (
        "a call cannot ask for a place in the line"
    ),
    ("wrapup", "not shared"): "wrap-up holds for the agent in all queues",
}


def test_each_agent_who_declines_is_followed_by_the_next(
    backend: SimpleNamespace, shared: Path
) -> None:
    """A caller would be offered to the generalist while a specialist is free."""
    cases = _cases(shared, "order")
    for case in cases:
        engine, now_ms = _engine_of_order_case(backend, case)
        orders = engine.handle(_arrival("c1", "100"), now_ms)
        asked = []
        while offers := [order for order in orders if isinstance(order, OfferCall)]:
            asked += [offer.agent for offer in offers]
            now_ms += 1000
            orders = engine.handle(OfferDeclined(offer=offers[0].offer), now_ms)
        assert case["expected"] == asked, case["name"]
    assert cases


def test_explaining_ranks_the_agents_alike(
    backend: SimpleNamespace, shared: Path
) -> None:
    """An explanation that ranks otherwise than the engine rings would be a lie."""
    cases = _cases(shared, "order")
    for case in cases:
        engine, now_ms = _engine_of_order_case(backend, case)
        query = ExplainQuery(now_ms=now_ms, arrival=_arrival("c1", "100"))
        decision = engine.explain(query)
        ranks = {verdict.agent: verdict.rank for verdict in decision.agents}
        expected = {id: rank for rank, id in enumerate(case["expected"], start=1)}
        assert expected == ranks, case["name"]
        assert case["expected"][0] == decision.chosen, case["name"]
    assert cases


def test_wrap_up_is_shared_by_all_queues(
    backend: SimpleNamespace, shared: Path
) -> None:
    """An agent would be rung by one queue in the wrap-up of another's call."""
    (case,) = (c for c in _cases(shared, "wrapup") if c["shared_lastcall"])
    engine = backend.Engine(parse_plan(_wrap_up_plan(case)).compiled)
    now_ms = START_MS
    served: list[tuple[str, str | None]] = []
    for number, (queue, _) in enumerate(case["calls"]):
        now_ms += 1000
        orders = engine.handle(_arrival(f"c{number}", _dialled(queue)), now_ms)
        offers = [order for order in orders if isinstance(order, OfferCall)]
        served.append((queue, offers[0].agent if offers else None))
        if offers:
            offer = offers[0].offer
            engine.handle(OfferAccepted(offer=offer), now_ms)
            engine.handle(CallConnected(offer=offer), now_ms)
            engine.handle(CallerHungUp(call=f"c{number}"), now_ms)
    assert [tuple(call) for call in case["calls"]] == served


def test_every_case_is_run_or_named(shared: Path) -> None:
    """A case that is neither would be passed over in silence."""
    run = {("order", case["name"]) for case in _cases(shared, "order")}
    run.add(("wrapup", "shared"))
    # In test_erlang_case.py.
    run.add(("erlang_c", ""))
    every = {(case["kind"], case.get("name", "")) for case in _cases(shared)}
    assert every == run | set(NOT_RUN)
    assert set() == run & set(NOT_RUN)


def _cases(shared: Path, kind: str = "") -> list[dict[str, Any]]:
    text = (shared / "cases" / "order_cases.json").read_text("utf-8")
    cases: list[dict[str, Any]] = json.loads(text)
    return [case for case in cases if kind in {"", case["kind"]}]


def _engine_of_order_case(
    backend: SimpleNamespace, case: dict[str, Any]
) -> tuple[Any, int]:
    """Make an engine whose agents are there since the second that the case says."""
    plan = ['[site]\nname = "cases"']
    for agent in case["agents"]:
        tags = json.dumps(agent["tags"])
        plan.append(f'[agents.{agent["id"]}]\ntags = {tags}\nlogin = "manual"')
    plan.append(f"[queues.desk]\nneeds = {json.dumps(case['needs'])}")
    plan.append('[numbers.100]\nqueue = "desk"')
    engine = backend.Engine(parse_plan("\n".join(plan)).compiled)
    now_ms = START_MS
    for agent in sorted(case["agents"], key=lambda agent: agent["available_since"]):
        now_ms = START_MS + agent["available_since"] * 1000
        engine.handle(AgentLoggedIn(agent=agent["id"]), now_ms)
    return engine, now_ms + 1000


def _wrap_up_plan(case: dict[str, Any]) -> str:
    """
    Write the plan of a wrap-up case.

    The longest wrap-up of a plan is an hour; here as there it outlasts the case.
    """
    wrap_up_s = min(case["wrapup_s"], 3600)
    plan = ['[site]\nname = "cases"']
    plan += [f"[agents.{member}]" for member in case["members"]]
    for queue in sorted({queue for queue, _ in case["calls"]}):
        plan.append(f"[queues.{queue}]\nwrap_up_s = {wrap_up_s}")
        plan.append('strategy = "in_order"')
        plan.append(f'[numbers.{_dialled(queue)}]\nqueue = "{queue}"')
    return "\n".join(plan)


def _dialled(queue: str) -> str:
    return f"10{queue[1:]}"


def _arrival(call: str, dialled: str) -> CallArrived:
    party = Party(kind="extension", number=dialled)
    return CallArrived(call=call, host="sim", caller=CALLER, dialled=party)
