"""A compiled plan is taken or refused; nothing else, whatever was done to it."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from skillroute import backends
from skillroute.errors import PlanError
from skillroute.plan.compiled import encode
from skillroute.testing.random_plans import START_MS
from skillroute.testing.worlds import World

DAMAGES = 200


@pytest.mark.parametrize("seed", range(800, 808))
def test_every_engine_takes_and_refuses_the_same_plans(seed: int) -> None:
    """One backend that starts on a plan the other refuses is no spare for it."""
    plan = encode(World(seed).plan)
    draw = random.Random(seed)
    refused = 0
    for _ in range(DAMAGES):
        damaged = _damaged(plan, draw)
        codes = {name: _code(name, damaged) for name in backends.available()}
        assert 1 == len(set(codes.values())), (codes, damaged)
        refused += "" not in codes.values()
    assert DAMAGES // 4 < refused < DAMAGES


def _code(name: str, plan: bytes) -> str:
    """Return the code of the refusal; empty: an engine starts on it."""
    try:
        engine = backends.load(name).Engine(plan)
    except PlanError as error:
        return error.code
    engine.advance(START_MS)
    return ""


def _damaged(plan: bytes, draw: random.Random) -> bytes:
    """Cut it, or put another value somewhere inside."""
    if draw.random() < 0.1:
        return plan[: draw.randrange(len(plan))]
    parts = msgspec.msgpack.decode(plan)
    place: Any = parts
    while True:
        index = draw.randrange(len(place))
        inner = place[index]
        if not isinstance(inner, list) or not inner or draw.random() < 0.1:
            place[index] = draw.choice((-1, 0, 1, 5, 10**9, 2**63, None, "x", [], True))
            return msgspec.msgpack.encode(parts)
        place = inner
