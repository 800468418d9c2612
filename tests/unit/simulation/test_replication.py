"""Replications: played around the public engine, and how long agents are there."""

from __future__ import annotations

import random

from skillroute import backends
from skillroute.plan import parse_plan
from skillroute.plan.compiled import encode
from skillroute.simulation import (
    CompiledGroup,
    CompiledScenario,
    constant,
    encode_scenario,
    run_replication,
    staffed_ms,
    unit_exponential,
)
from skillroute.simulation._played import play
from skillroute.testing.random_plans import random_plan
from skillroute.testing.scenarios import random_scenario

HOUR_MS = 3_600_000
MONDAY_MS = 1_767_571_200_000  # 2026-01-05T00:00:00Z
STAFF = """
[site]
name = "staff"
[schedules.day]
weekly = ["mo 09:00-12:30"]
[agents.anna]
schedule = "day"
[agents.bert]
[queues.q]
"""


def test_the_engine_inside_is_the_public_one() -> None:
    """What is measured must be what routes real calls, down to its state."""
    played = 0
    for seed in range(20, 30):
        draw = random.Random(seed)
        plan = random_plan(draw)
        data, scenario = encode(plan), random_scenario(draw, plan)
        expected = run_replication(data, encode_scenario(scenario), 5)
        for name in backends.available():
            engine = backends.load(name).Engine
            assert expected == play(engine, data, scenario, 5), (seed, name)
        played += expected.events
    assert played > 1000


def test_agents_are_there_while_on_shift_within_the_counted_time() -> None:
    """Occupancy is a share of this."""
    scenario = CompiledScenario(
        format=1,
        name="s",
        seed=0,
        start_ms=MONDAY_MS,
        length_ms=48 * HOUR_MS,
        warm_up_ms=10 * HOUR_MS,
        interval_ms=HOUR_MS,
        interval_count=24,
        distributions=(unit_exponential(), constant(0)),
        unit_exponential=0,
        classes=(),
        groups=(CompiledGroup(name="all", answer=1, connect=1),),
    )
    plan = parse_plan(STAFF).compiled
    anna, bert = staffed_ms(plan, encode_scenario(scenario))
    assert {10: HOUR_MS, 11: HOUR_MS, 12: HOUR_MS // 2} == {
        hour: ms for hour, ms in enumerate(anna) if ms
    }
    assert 38 * HOUR_MS == sum(bert)
    assert {HOUR_MS, 2 * HOUR_MS} == set(bert)
