"""Calls that are held for one agent, and calls that ring several, explained."""

from __future__ import annotations

import pytest

from skillroute import events
from skillroute.contract import Party, PreferredAgent
from skillroute.decisions import ExplainQuery
from skillroute.explain import decision_text, find_counterfactuals
from skillroute.plan import Plan, parse_plan
from skillroute.reference import Engine

PLAN = """
[site]
name = "shop"

[agents.anna]
[agents.bert]

[queues.desk]

[numbers."+12025550101"]
queue = "desk"
"""


@pytest.fixture
def plan() -> Plan:
    """Give a plan of two agents."""
    return parse_plan(PLAN)


@pytest.fixture
def engine(plan: Plan) -> Engine:
    """Give an engine that holds the call c2 for Anna, who is rung."""
    running = Engine(plan.compiled)
    for now_ms, call in ((0, "c1"), (1000, "c2")):
        arrival = events.CallArrived(
            call=call,
            host="test",
            caller=Party(kind="anonymous", number=""),
            dialled=Party(kind="e164", number="+12025550101"),
            preferred=(PreferredAgent("anna", 20_000 if call == "c2" else 0),),
        )
        running.handle(arrival, now_ms)
    return running


def test_a_held_call_says_what_would_let_others_have_it(
    plan: Plan, engine: Engine
) -> None:
    """A supervisor sees a caller wait beside a free agent, and asks why."""
    query = ExplainQuery(now_ms=3000, call="c2")
    decision = engine.explain(query)
    found = find_counterfactuals(engine, plan, query, decision, agent="bert")
    changes = [(change.kind, change.waited_ms) for change in found[0].changes or ()]
    assert [("waiting_time", 18_000)] == changes
    text = decision_text(decision, plan, counterfactuals=found)
    assert "bert  the call is held for anna until 00:00:21 UTC" in text
    assert "bert  if the call had waited 18 s longer" in text
