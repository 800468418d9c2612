"""A snapshot is taken over whole or refused; nothing else, whatever was done to it."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from skillroute.errors import EventRefusedError, JournalError
from skillroute.plan.compiled import encode
from skillroute.reference.state import Kept, Snapshot
from skillroute.testing.worlds import World

EVENTS = 120
DAMAGES = 150


@pytest.mark.parametrize("seed", range(700, 706))
def test_a_damaged_snapshot_is_refused_or_works(backend: Any, seed: int) -> None:
    """A router that starts from a damaged state must say so, never break later."""
    plan, snapshot = _state(backend, seed)
    draw = random.Random(seed)
    refused = 0
    for _ in range(DAMAGES):
        damaged = _damaged(snapshot, draw)
        code = _code_of_restoring(backend, plan, damaged)
        assert code in ("", "snapshot_malformed")
        refused += code != ""
    assert refused > DAMAGES // 4


def test_damage_of_what_is_kept_of_former_plans_is_refused_or_works(
    backend: Any,
) -> None:
    """Rules of former plans are in no plan that was checked when it was loaded."""
    seen = 0
    for seed in range(700, 730):
        plan, snapshot = _state(backend, seed, reloads=True)
        state = msgspec.msgpack.decode(snapshot, type=Snapshot)
        if state.kept == Kept():
            continue
        seen += 1
        draw = random.Random(seed)
        for _ in range(DAMAGES):
            kept = msgspec.msgpack.decode(msgspec.msgpack.encode(state.kept))
            _damage(kept, draw)
            fields = msgspec.structs.asdict(state) | {"kept": kept}
            damaged = msgspec.msgpack.encode(list(fields.values()))
            code = _code_of_restoring(backend, plan, damaged)
            assert code in ("", "snapshot_malformed")
    assert seen > 0


@pytest.mark.parametrize("seed", range(700, 706))
def test_a_snapshot_of_another_plan_is_refused(backend: Any, seed: int) -> None:
    """State put on the wrong plan would give calls to the wrong people."""
    _, snapshot = _state(backend, seed)
    other = World(seed + 50).plan
    if len(other.agents) == len(World(seed).plan.agents):
        # One more: queues may name the last one.
        more = msgspec.structs.replace(other.agents[-1], id="more")
        other = msgspec.structs.replace(other, agents=(*other.agents, more))
    with pytest.raises(JournalError, match="snapshot"):
        backend.Engine.restore(encode(other), snapshot)


def _code_of_restoring(backend: Any, plan: bytes, snapshot: bytes) -> str:
    """Return the code of the refusal; empty: the engine goes on with that state."""
    try:
        engine = backend.Engine.restore(plan, snapshot)
    except JournalError as error:
        return error.code
    engine.snapshot()
    return ""


def _state(backend: Any, seed: int, *, reloads: bool = False) -> tuple[bytes, bytes]:
    world = World(seed, reloads=reloads)
    engine = backend.Engine(encode(world.plan))
    for plan in world.plans.values():
        engine.add_plan(encode(plan))
    steps = world.steps(lambda: engine.next_deadline_ms)
    for _, event in zip(range(EVENTS), steps, strict=False):
        try:
            world.observe(engine.handle(event, world.now_ms))
        except EventRefusedError as error:
            world.observe(error.actions)
    return encode(world.plan), engine.snapshot()


def _damage(part: list[Any], draw: random.Random) -> None:
    """Put another value somewhere inside."""
    place = draw.randrange(len(part)) if part else 0
    if part and isinstance(part[place], list) and draw.random() < 0.9:
        _damage(part[place], draw)
    else:
        part[place : place + 1] = [draw.choice((-1, 0, 7, 10**9, None, [], [1], "x"))]


def _damaged(snapshot: bytes, draw: random.Random) -> bytes:
    """Cut it, flip a byte, or put another number somewhere inside."""
    kind = draw.randrange(3)
    if kind == 0:
        return snapshot[: draw.randrange(len(snapshot))]
    if kind == 1:
        place = draw.randrange(len(snapshot))
        changed = bytes([snapshot[place] ^ (1 << draw.randrange(8))])
        return snapshot[:place] + changed + snapshot[place + 1 :]
    state = msgspec.msgpack.decode(snapshot)
    part = draw.choice([part for part in state if isinstance(part, list) and part])
    row = draw.randrange(len(part))
    if isinstance(part[row], list) and part[row]:
        part[row][draw.randrange(len(part[row]))] = draw.choice((-1, 0, 7, 10**9, None))
    else:
        part[row] = draw.choice((-1, 10**9, None))
    return msgspec.msgpack.encode(state)
