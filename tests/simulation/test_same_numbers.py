"""Replications: every backend counts the same, and the same again."""

from __future__ import annotations

import random
from collections import Counter

import msgspec

from skillroute import backends
from skillroute.plan.compiled import encode
from skillroute.simulation import (
    OUTCOMES,
    CompiledScenario,
    Tallies,
    encode_scenario,
    run_replication,
)
from skillroute.testing.random_plans import random_plan
from skillroute.testing.scenarios import random_scenario

SCENARIOS = 60
# What a scenario of today can come to: the engine has no callbacks yet, and it refuses
# no calls.
REACHED = set(OUTCOMES) - {"rejected", "failed", "callback_done", "callback_expired"}


def made(seed: int) -> tuple[bytes, CompiledScenario]:
    """Make a site and a scenario for it."""
    draw = random.Random(seed)
    plan = random_plan(draw)
    return encode(plan), random_scenario(draw, plan)


def note(found: Counter[str], tallies: Tallies) -> None:
    """Count what happened in a run."""
    for group in tallies.classes:
        found.update(dict(zip(OUTCOMES, group.calls.outcomes, strict=True)))
        found["again"] += group.calls.again
    for agent in tallies.agents:
        for name in ("missed", "declined", "wrap_up_ms", "paused_ms", "ring_ms"):
            found[name] += getattr(agent, name)


def test_every_backend_counts_the_same() -> None:
    """A study must not depend on which wheel was installed."""
    found: Counter[str] = Counter()
    for seed in range(SCENARIOS):
        plan, scenario = made(seed)
        data = encode_scenario(scenario)
        played = {
            name: run_replication(plan, data, seed, keep_calls=True, backend=name)
            for name in backends.available()
        }
        expected = msgspec.msgpack.encode(played["python"])
        for name, tallies in played.items():
            assert expected == msgspec.msgpack.encode(tallies), (seed, name)
        note(found, played["python"])
    unseen = {
        name for name in (*REACHED, "again", "missed", "declined") if not found[name]
    }
    assert set() == unseen
    assert min(found[name] for name in ("wrap_up_ms", "paused_ms", "ring_ms")) > 0


def test_calls_are_kept_only_where_asked_for() -> None:
    """Fifty million calls one by one would not fit into memory."""
    plan, scenario = made(1)
    data = encode_scenario(scenario)
    kept = run_replication(plan, data, 0, keep_calls=True)
    counted = run_replication(plan, data, 0)
    assert () == counted.calls
    assert kept == msgspec.structs.replace(counted, calls=kept.calls)
    assert sum(group.calls.arrived for group in counted.classes) == len(kept.calls)


def test_replications_differ_and_come_again() -> None:
    """An interval over equal replications would have no width."""
    plan, scenario = made(2)
    data = encode_scenario(scenario)
    first, second = (run_replication(plan, data, number) for number in (0, 1))
    assert first != second
    assert first == run_replication(plan, data, 0)
