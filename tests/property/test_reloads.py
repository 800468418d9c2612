"""What a reload must not change: calls, their age, and what the plan says alike."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from skillroute import events
from skillroute.actions import CancelOffer, OfferCall, RecordOutcome
from skillroute.errors import EventRefusedError
from skillroute.plan.compiled import CompiledPlan, encode
from skillroute.reference.state import Snapshot
from skillroute.testing.plan_variants import reordered
from skillroute.testing.worlds import World

EVENTS = 150
SEEDS = range(700, 712)


@pytest.fixture(scope="module")
def counted() -> Iterator[Counter[str]]:
    """What the tests of this page looked at; together they must have seen something."""
    found: Counter[str] = Counter()
    yield found
    assert all(found.values()), found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_plan_once_more_changes_nothing(
    backend: Any, seed: int, counted: Counter[str]
) -> None:
    """Who reloads a plan that has not changed must not disturb anybody."""
    world = World(seed)
    plan = encode(world.plan)
    quiet, reloaded = backend.Engine(plan), backend.Engine(plan)
    draw = random.Random(seed)
    rung = 0
    steps = world.steps(lambda: quiet.next_deadline_ms)
    for _, event in zip(range(EVENTS), steps, strict=False):
        expected = _tell(quiet, event, world.now_ms)
        orders = _tell(reloaded, event, world.now_ms)
        if draw.random() < 0.2 and not isinstance(event, events.Gap):
            orders += reloaded.reload(plan, world.now_ms)
        assert [_without_id(order) for order in orders] == [
            _without_id(order) for order in expected
        ]
        world.observe(expected)
        rung += sum(isinstance(order, OfferCall) for order in expected)
    assert quiet.next_deadline_ms == reloaded.next_deadline_ms
    counted["rung"] += rung


@pytest.mark.parametrize("seed", SEEDS)
def test_every_call_is_still_there_and_as_old(
    backend: Any, seed: int, counted: Counter[str]
) -> None:
    """A call that a reload loses, or sends to the end of the line, is a caller lost."""
    world = World(seed, reloads=True)
    plans = [encode(plan) for plan in world.plans.values()]
    # What the history says of agents whom a plan does not have is refused.
    silent = World(seed)
    engine = backend.Engine(encode(silent.plan))
    draw = random.Random(seed)
    kept = 0
    steps = silent.steps(lambda: engine.next_deadline_ms)
    for number, event in zip(range(EVENTS), steps, strict=False):
        silent.observe(_known(silent, _tell(engine, event, silent.now_ms)))
        if number % 10 == 9:
            before = _calls(engine)
            orders = engine.reload(draw.choice(plans), silent.now_ms)
            ended = {o.call for o in orders if isinstance(o, RecordOutcome)}
            after = _calls(engine)
            assert before.keys() - ended == after.keys()
            assert all(before[id] == age for id, age in after.items())
            silent.observe(_known(silent, orders))
            kept += len(after)
    counted["kept"] += kept


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_agents_in_the_plan_disturbs_no_offer(
    backend: Any, seed: int
) -> None:
    """An agent whose place in the file has changed is the same agent."""
    world = World(seed)
    engine = backend.Engine(encode(world.plan))
    steps = world.steps(lambda: engine.next_deadline_ms)
    for _, event in zip(range(EVENTS), steps, strict=False):
        world.observe(_tell(engine, event, world.now_ms))
    shuffled = _shuffled(world.plan, seed)
    orders = engine.reload(encode(shuffled), world.now_ms)
    assert not [order for order in orders if isinstance(order, CancelOffer)]


def _shuffled(plan: CompiledPlan, seed: int) -> CompiledPlan:
    """Find another order of all the agents."""
    draw = random.Random(seed)
    plans = (reordered(draw, plan) for _ in range(200))
    return next(other for other in plans if len(other.agents) == len(plan.agents))


def _tell(engine: Any, event: events.Event, now_ms: int) -> tuple[Any, ...]:
    try:
        return tuple(engine.handle(event, now_ms))
    except EventRefusedError as refusal:
        return tuple(refusal.actions)


def _known(world: World, orders: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out what rings at agents of whom a history knows nothing."""
    agents = {agent.id for agent in world.plan.agents}
    return tuple(
        order
        for order in orders
        if not isinstance(order, OfferCall) or order.agent in agents
    )


def _without_id(order: Any) -> Any:
    return msgspec.structs.replace(order, id=(0, 0, 0))


def _calls(engine: Any) -> dict[str, tuple[int, int]]:
    """Return when each call came, and since when it counts as waiting."""
    state = msgspec.msgpack.decode(engine.snapshot(), type=Snapshot)
    return {call.id: (call.arrived_ms, call.line_since_ms) for call in state.calls}
