"""What must not matter: how time is cut up, what calls and agents are called."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from skillroute import events
from skillroute.actions import OfferCall
from skillroute.errors import EventRefusedError
from skillroute.plan.compiled import encode
from skillroute.testing.worlds import World

EVENTS = 150
SEEDS = range(500, 512)


@pytest.mark.parametrize("seed", SEEDS)
def test_many_small_steps_of_time_equal_one_large_one(backend: Any, seed: int) -> None:
    """A driver that wakes up more often must not route calls differently."""
    coarse, fine = _engines(backend, seed)
    before_ms = None
    for event, now_ms in _history(backend, seed):
        if before_ms is not None:
            for at_ms in _between(before_ms, now_ms, event):
                fine.advance(at_ms)
        _tell(coarse, event, now_ms)
        _tell(fine, event, now_ms)
        assert coarse.snapshot() == fine.snapshot()
        before_ms = now_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_other_names_of_calls_change_only_names(backend: Any, seed: int) -> None:
    """A decision that depended on a switch's ids would be nobody's intention."""
    one, two = _engines(backend, seed)
    for event, now_ms in _history(backend, seed):
        orders = _tell(one, event, now_ms)
        renamed = _tell(two, _renamed(event), now_ms)
        assert [_without_call(order) for order in orders] == [
            _without_call(order) for order in renamed
        ]


@pytest.mark.parametrize("seed", SEEDS)
def test_histories_really_ring_agents(backend: Any, seed: int) -> None:
    """A history in which nothing happens would prove nothing above."""
    engine, _ = _engines(backend, seed)
    orders = [o for e, now in _history(backend, seed) for o in _tell(engine, e, now)]
    assert len(orders) > EVENTS // 10
    if seed == SEEDS[0]:
        assert any(isinstance(order, OfferCall) for order in orders)


def _engines(backend: Any, seed: int) -> tuple[Any, Any]:
    plan = encode(World(seed).plan)
    return backend.Engine(plan), backend.Engine(plan)


def _history(backend: Any, seed: int) -> list[tuple[events.Event, int]]:
    world = World(seed)
    engine = backend.Engine(encode(world.plan))
    history = []
    steps = world.steps(lambda: engine.next_deadline_ms)
    for _, event in zip(range(EVENTS), steps, strict=False):
        history.append((event, world.now_ms))
        world.observe(_tell(engine, event, world.now_ms))
    return history


def _tell(engine: Any, event: events.Event, now_ms: int) -> tuple[Any, ...]:
    try:
        return tuple(engine.handle(event, now_ms))
    except EventRefusedError as error:
        return error.actions


def _between(before_ms: int, now_ms: int, event: events.Event) -> list[int]:
    """List instants at which a driver might wake up; in a gap it is not there."""
    parts = [before_ms + (now_ms - before_ms) * part // 4 for part in range(1, 4)]
    if isinstance(event, events.Gap):
        parts = [at_ms for at_ms in parts if at_ms < event.from_ms]
    return parts


def _renamed(event: events.Event) -> events.Event:
    if isinstance(event, events.HostResynced):
        standings = [
            msgspec.structs.replace(standing, call=_other_name(standing.call))
            for standing in event.calls
        ]
        return msgspec.structs.replace(event, calls=tuple(standings))
    call = getattr(event, "call", "")
    if not call:
        return event
    return msgspec.structs.replace(event, call=_other_name(call))


def _other_name(call: str) -> str:
    """Return a name that sorts the other way; odd ones stay as they are."""
    is_known = call.startswith("c") and call[1:].isdigit()
    return f"z{1000 - int(call[1:]):05}" if is_known else call


def _without_call(order: Any) -> Any:
    if not hasattr(order, "call"):
        return order
    return msgspec.structs.replace(order, call="")
