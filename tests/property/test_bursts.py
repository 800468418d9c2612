"""Every order in which two calls at once can be served, on the pool of each backend."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

import pytest

from tests.corpus.broken_pools import (
    Breaking,
    BrokenPool,
    halting,
    idle_first,
    losing,
    rotating,
    wildcards_first,
)

Operation: TypeAlias = tuple[str, int]
"""A method of the pool, and the number of the call or agent that it is about."""

SPECIALIST, GENERALIST, OTHER_GENERALIST = {"a"}, {"a", "b"}, {"a", "c"}
WILDCARD = {"*"}
CASTS: tuple[tuple[set[str], ...], ...] = (
    (SPECIALIST, GENERALIST),
    (SPECIALIST, GENERALIST, OTHER_GENERALIST),
    (SPECIALIST, GENERALIST, WILDCARD),
    (SPECIALIST, GENERALIST, OTHER_GENERALIST, WILDCARD),
)
CALLS: tuple[tuple[set[str], set[str]], ...] = (
    ({"a"}, {"a"}),
    ({"a"}, {"b"}),
    (set(), {"a", "b"}),
)
OPERATIONS_PER_ORDER = {2: 5, 3: 5, 4: 4}
"""How many operations follow one another, by the number of agents."""


class World(NamedTuple):
    """Who is there, in the order of adding, and what the two calls need."""

    agents: tuple[set[str], ...]
    calls: tuple[set[str], set[str]]

    def operations(self) -> tuple[Operation, ...]:
        """
        List what may happen next.

        To ask is an operation of its own, for an answer must not depend on it: a
        check that asked after every step would never see a pool that was not asked.
        """
        agents = range(len(self.agents))
        asked = tuple(("select", call) for call in (0, 1))
        reserved = tuple(("reserve", call) for call in (0, 1))
        return asked + reserved + tuple(("release", agent) for agent in agents)


WORLDS = [
    World(agents, calls)
    for cast in CASTS
    for agents in (cast, cast[::-1])
    for calls in CALLS
]


def run_all(worlds: Sequence[World], pool_class: Callable[[], Any]) -> tuple[int, str]:
    """Run every order of operations; return how many were run, and what broke."""
    orders = 0
    for world in worlds:
        length = OPERATIONS_PER_ORDER[len(world.agents)]
        for order in itertools.product(world.operations(), repeat=length):
            orders += 1
            if broken := next(violations(world, order, pool_class()), ""):
                return orders, f"{world}, {order}: {broken}"
    return orders, ""


def violations(world: World, order: Sequence[Operation], pool: Any) -> Iterator[str]:
    """Yield what is wrong with each answer, by a model that shares nothing with it."""
    free = set(range(len(world.agents)))
    for tags in world.agents:
        pool.add("somebody", tags=tags)
    for needs in world.calls:
        pool.needs(*needs)
    for now_ms, (name, number) in enumerate(order):
        if name == "release":
            pool.release(number, idle_since_ms=now_ms)
            free.add(number)
            continue
        chosen = getattr(pool, name)(number)
        yield from misjudged(world, world.calls[number], free, chosen)
        if name == "reserve":
            free.discard(chosen)


def misjudged(
    world: World, needs: set[str], free: set[int], chosen: int | None
) -> Iterator[str]:
    """Yield how a choice breaks rule 6.5, or gives a call to who cannot take it."""
    fitting = {a for a in free if needs <= world.agents[a] or "*" in world.agents[a]}
    if chosen is None:
        if fitting:
            yield f"nobody was chosen of {fitting}"
    elif chosen not in free:
        yield f"{chosen} was reserved twice"
    elif chosen not in fitting:
        yield f"{chosen} cannot serve the call"
    else:
        for other in fitting:
            if is_more_specific(world.agents[other], world.agents[chosen]):
                yield f"{chosen} was chosen before {other}"


def is_more_specific(one: set[str], other: set[str]) -> bool:
    """Tell whether fewer calls need one than the other; wildcards can do anything."""
    if "*" in one or "*" in other:
        return "*" in other and "*" not in one
    return one < other


def orders_of(world: World) -> int:
    """Count the orders of a world by their choices: a number to a power."""
    choices = 2 + 2 + len(world.agents)
    return int(choices ** OPERATIONS_PER_ORDER[len(world.agents)])


def test_no_order_of_two_calls_rings_the_generalist_too_early(
    backend: SimpleNamespace,
) -> None:
    """Rule 6.5: in a burst the caller after next would find nobody who can help."""
    orders, broken = run_all(WORLDS, backend.Pool)
    assert "" == broken
    assert sum(map(orders_of, WORLDS)) == orders
    assert len(WORLDS) == len(CASTS) * len(CALLS) * 2
    assert orders > 100_000


@pytest.mark.parametrize(
    ("breaking", "told"),
    [
        (rotating, "was chosen before"),
        (wildcards_first, "was chosen before"),
        (idle_first, "was chosen before"),
        (losing, "was chosen before"),
        (halting, "nobody was chosen"),
    ],
)
def test_a_broken_pool_is_found(breaking: Breaking, told: str) -> None:
    """A check that passed these would pass anything."""
    everybody = [world for world in WORLDS if len(world.agents) == len(CASTS[-1])]
    _, broken = run_all(everybody, partial(BrokenPool, breaking))
    assert told in broken


def test_an_agent_reserved_twice_is_found(backend: SimpleNamespace) -> None:
    """Two callers would ring at one telephone."""

    def forgetful() -> Any:
        pool = backend.Pool()
        methods = ("add", "needs", "release", "select")
        kept = {name: getattr(pool, name) for name in methods}
        return SimpleNamespace(**kept, reserve=pool.select)

    _, broken = run_all(WORLDS, forgetful)
    assert "reserved twice" in broken
