"""Whole texts of explanations, as a supervisor reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute import events
from skillroute.contract import Party, Required
from skillroute.decisions import AgentQuery, ExplainQuery
from skillroute.explain import (
    agent_object,
    agent_text,
    decision_object,
    decision_text,
    find_counterfactuals,
)
from skillroute.plan import Plan, parse_plan, starter_plan
from skillroute.reference import Engine

MONDAY_TEN_MS = 1_705_302_000_000
"""2024-01-15 10:00 in Moscow."""

ASKED_MS = MONDAY_TEN_MS + 8000
QUERY = ExplainQuery(now_ms=ASKED_MS, call="c4")
STEP = """
[[queues.sales.steps]]
after_s = 30
drop = ["dept:*"]
"""


def text_of(name: str) -> str:
    """Read a text as it was looked at and found good."""
    file = Path(__file__).with_name("texts") / f"{name}.txt"
    return file.read_text("utf-8").rstrip("\n")


@pytest.fixture
def plan() -> Plan:
    """Give the plan that beginners get, with a step."""
    return parse_plan(starter_plan() + STEP)


@pytest.fixture
def engine(plan: Plan) -> Engine:
    """Give an engine with five calls: three ring, two wait, and Max is at lunch."""
    running = Engine(plan.compiled)
    running.handle(events.AgentPaused(agent="max", reason="lunch"), MONDAY_TEN_MS)
    for n in range(5):
        arrival = events.CallArrived(
            call=f"c{n}",
            host="test",
            caller=Party(kind="anonymous", number=""),
            dialled=Party(kind="e164", number="+74955550100"),
            needs=(Required("lang:en", 60),) if n in (0, 4) else (),
        )
        running.handle(arrival, MONDAY_TEN_MS + n * 1000)
    return running


def test_why_a_call_waits(plan: Plan, engine: Engine) -> None:
    """The caller complains, and the supervisor wants to know what to do."""
    decision = engine.explain(QUERY)
    found = find_counterfactuals(engine, plan, QUERY, decision)
    assert text_of("waiting") == decision_text(decision, plan, counterfactuals=found)


def test_why_a_call_waits_by_rule(plan: Plan, engine: Engine) -> None:
    """Of a large team it matters how many are kept by what."""
    assert text_of("by_rule") == decision_text(engine.explain(QUERY), plan, by="rule")


def test_why_one_agent_does_not_get_a_call(plan: Plan, engine: Engine) -> None:
    """Boris asks why he sits there."""
    decision = engine.explain(QUERY)
    found = find_counterfactuals(engine, plan, QUERY, decision, agent="boris")
    text = decision_text(decision, plan, only="boris", counterfactuals=found)
    assert text_of("only_boris") == text


@pytest.mark.parametrize(
    ("agent", "text"), [("max", "idle_max"), ("sergei", "idle_sergei")]
)
def test_why_an_agent_has_no_call(
    plan: Plan, engine: Engine, agent: str, text: str
) -> None:
    """Calls wait, and somebody is seen doing nothing."""
    decision = engine.explain(AgentQuery(now_ms=ASKED_MS, agent=agent))
    assert text_of(text) == agent_text(decision, plan)


def test_an_agent_nobody_calls_is_said_to_be_free(plan: Plan) -> None:
    """An empty table would look like a fault."""
    query = AgentQuery(now_ms=MONDAY_TEN_MS, agent="vera")
    decision = Engine(plan.compiled).explain(query)
    assert "Vera is free.\nAt 2024-01-15T10:00:00+03:00, 0 calls wait." == agent_text(
        decision, plan
    )


def test_what_would_change_it_is_in_the_object(plan: Plan, engine: Engine) -> None:
    """Programs apply the changes; a text would have to be parsed."""
    decision = engine.explain(QUERY)
    found = find_counterfactuals(engine, plan, QUERY, decision, agent="boris")
    made = decision_object(
        decision, plan, caller="", dialled="", backend="", counterfactuals=found
    )
    changes = [
        {"kind": "waiting_time", "waited_ms": 26_000},
        {"kind": "level", "agent": "boris", "tag": "lang:en", "level": 60},
    ]
    assert [{"agent": "boris", "changes": changes}] == made["counterfactuals"]
    assert "2024-01-15T10:00:12+03:00" == made["next_change"]
    assert {"agents": 6, "eligible": 0} == {
        key: made["summary"][key] for key in ("agents", "eligible")
    }
    assert {"ringing": 3, "missing_tag:dept:sales": 2, "paused:lunch": 1} == made[
        "summary"
    ]["reasons"]
    assert ["c3"] == [other["call"] for other in made["competing"]]


def test_an_idle_agent_as_an_object(plan: Plan, engine: Engine) -> None:
    """A wallboard shows who could help."""
    decision = engine.explain(AgentQuery(now_ms=ASKED_MS, agent="sergei"))
    made = agent_object(decision, plan, backend="")
    assert (1, "eligible", 2) == (made["version"], made["verdict"], made["waiting"])
    assert ["c3", "c4"] == [call["call"] for call in made["calls"]]
    assert {"missing_tag:dept:sales", "step_not_reached"} == {
        reason["code"] for reason in made["reasons"]
    }


def test_none_within_three_changes_is_said(plan: Plan, engine: Engine) -> None:
    """Who would need four changes is not promised anything."""
    query = ExplainQuery(
        now_ms=ASKED_MS,
        arrival=events.CallArrived(
            call="new",
            host="test",
            caller=Party(kind="anonymous", number=""),
            dialled=Party(kind="e164", number="+74955550100"),
            needs=tuple(Required(f"x:{n}") for n in range(4)),
        ),
    )
    decision = engine.explain(query)
    (found,) = find_counterfactuals(engine, plan, query, decision, agent="vera")
    assert found.changes is None
    text = decision_text(decision, plan, counterfactuals=(found,))
    assert "  Vera  not even with three changes" in text.splitlines()
