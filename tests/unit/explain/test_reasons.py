"""Why somebody comes first, or later, by each strategy."""

from __future__ import annotations

import pytest

from skillroute.actions import OfferCall
from skillroute.contract import Party
from skillroute.decisions import Decision, ExplainQuery
from skillroute.events import (
    AgentHungUp,
    CallArrived,
    CallConnected,
    OfferAccepted,
    OpenCasesTold,
)
from skillroute.explain import decision_text, offer_reason
from skillroute.plan import Plan, parse_plan
from skillroute.plan.compiled import STRATEGIES
from skillroute.reference import Engine

START_MS = 1_772_442_000_000  # 2026-03-02 09:00 UTC, a Monday
PLAN = """
[site]
name = "shop"

[agents.anna]
tags = ["lang:pl=60", "a"]

[agents.bert]
tags = ["lang:pl=80"]

[agents.carl]
tags = ["lang:pl", "b", "c"]

[agents.max]
tags = ["*"]

[queues.desk]
strategy = "STRATEGY"
needs = ["lang:pl"]
wrap_up_s = 20

[numbers."100"]
queue = "desk"
"""

# By strategy: what is said of the first, and of the last but the wildcard.
REASONS = {
    "most_specific": ("fewest tags (1) of 4 free", "more tags (3)"),
    "fewest_extra_tags": (
        "fewest tags not asked for (0) of 4 free",
        "more tags not asked for (2)",
    ),
    "opportunity_cost": ("tags least in demand of 4 free, no call yet", "has had"),
    "highest_level": ("highest levels (100) of 4 free", "lower levels (60)"),
    "round_robin": (
        "longest without an offer of 4 free, first in the plan",
        "had an offer more recently",
    ),
    "fewest_calls": (
        "fewest calls today (0) of 4 free, first in the plan",
        "more calls today (1)",
    ),
    "least_talk": (
        "least talk today (0 s) of 4 free, first in the plan",
        "more talk today (1 min 10 s)",
    ),
    "least_occupied": (
        "least occupied today (0.0%) of 4 free, first in the plan",
        "more occupied today (45.0%)",
    ),
    "fewest_open_cases": (
        "fewest open cases (0) of 4 free, first in the plan",
        "more open cases (2)",
    ),
    "longest_idle": ("first in the plan", "has had a call"),
    "in_order": ("first in the plan", "later in the plan"),
    "random": ("drawn from 4 free", "drawn later"),
    "weighted_random": ("drawn by weight from 4 free", "drawn later"),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_says_why(strategy: str) -> None:
    """A rank without a reason would have to be believed."""
    plan = parse_plan(PLAN.replace("STRATEGY", strategy))
    decision = after_two_calls(plan)
    best, worse = REASONS[strategy]
    assert best == offer_reason(decision)
    assert worse in decision_text(decision, plan)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_keys_put_agents_in_order(strategy: str) -> None:
    """Keys that contradict the ranks would explain nothing."""
    decision = after_two_calls(parse_plan(PLAN.replace("STRATEGY", strategy)))
    keys = [verdict.keys for verdict in decision.agents if verdict.rank]
    assert sorted(keys) == keys
    assert len(keys) == 4
    assert {len(decision.key_names)} == set(map(len, keys))


def after_two_calls(plan: Plan) -> Decision:
    """Explain the third call of a day: two agents have had one, one has cases."""
    engine = Engine(plan.compiled)
    for call, at_ms, talk_ms in (("c1", 0, 70_000), ("c2", 100_000, 5_000)):
        orders = engine.handle(arrival(call), START_MS + at_ms)
        (number,) = [one.offer for one in orders if isinstance(one, OfferCall)]
        engine.handle(OfferAccepted(offer=number), START_MS + at_ms)
        engine.handle(CallConnected(offer=number), START_MS + at_ms)
        engine.handle(AgentHungUp(offer=number), START_MS + at_ms + talk_ms)
    engine.handle(OpenCasesTold(agent="bert", cases=2), START_MS + 110_000)
    query = ExplainQuery(now_ms=START_MS + 200_000, arrival=arrival("c3"))
    return engine.explain(query)


def arrival(call: str) -> CallArrived:
    """Make a call to the desk."""
    caller = Party(kind="anonymous", number="")
    dialled = Party(kind="extension", number="100")
    return CallArrived(call=call, host="h", caller=caller, dialled=dialled)
