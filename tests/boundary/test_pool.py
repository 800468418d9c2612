"""The pool's refusals, on every backend: class, code, fields, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skillroute.errors import LimitError, PlanError, SkillrouteError, UnknownIdError

REFUSED: dict[str, tuple[type[SkillrouteError], str, Callable[[Any], object]]] = {
    "malformed tag": (
        PlanError,
        "malformed_tag",
        lambda pool: pool.retag(0, ["two words"]),
    ),
    "demand of everything": (
        PlanError,
        "malformed_tag",
        lambda pool: pool.tell_demand("*", demand=1, supply=1),
    ),
    "level": (
        PlanError,
        "level_out_of_range",
        lambda pool: pool.add("x", tags=["a=0"]),
    ),
    "weight": (
        PlanError,
        "weight_out_of_range",
        lambda pool: pool.needs(prefer={"a": 1001}),
    ),
    "instant": (
        PlanError,
        "number_out_of_range",
        lambda pool: pool.release(0, idle_since_ms=2**53),
    ),
    "empty group": (PlanError, "empty_group", lambda pool: pool.needs(any_of=[()])),
    "strategy": (
        PlanError,
        "unknown_strategy",
        lambda pool: pool.needs(strategy="quickest"),
    ),
    "nobody": (UnknownIdError, "unknown_agent", lambda pool: pool.take(99)),
    "a handle of no size": (
        UnknownIdError,
        "unknown_agent",
        lambda p: p.take(-(2**70)),
    ),
    "no needs": (UnknownIdError, "unknown_needs", lambda pool: pool.select(99)),
    "no ticket": (UnknownIdError, "unknown_ticket", lambda pool: pool.leave(0)),
    "too many tags": (
        LimitError,
        "tags_per_agent_max",
        lambda pool: pool.retag(0, [f"x:{number}" for number in range(5000)]),
    ),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_named_and_changes_nothing(backend: Any, mistake: str) -> None:
    """A script with one wrong handle must learn which, and lose nobody."""
    error, code, make = REFUSED[mistake]
    pool = backend.Pool()
    anna = pool.add("anna", tags=["dept:sales"])
    sales = pool.needs("dept:sales")
    with pytest.raises(error) as caught:
        make(pool)
    assert error is type(caught.value)
    assert code == caught.value.code
    assert anna == pool.reserve(sales)
    assert pool.reserve(sales) is None


WRONG: dict[str, Callable[[Any], object]] = {
    "handle of text": lambda pool: pool.take("0"),
    "handle with a fraction": lambda pool: pool.select(0.0),
    "handle of nothing": lambda pool: pool.remove(None),
    "instant with a fraction": lambda pool: pool.release(0, 1.5),
    "instant of text": lambda pool: pool.add("x", idle_since_ms="now"),
    "tag that is a number": lambda pool: pool.retag(0, [7]),
    "tag in bytes": lambda pool: pool.add("x", tags=[b"dept:sales"]),
    "tags that are a number": lambda pool: pool.add("x", tags=7),
    "freedom that is a number": lambda pool: pool.add("x", free=1),
    "counter of text": lambda pool: pool.tell(0, calls="1"),
    "weight with a fraction": lambda pool: pool.needs(prefer={"a": 1.5}),
    "preferences in a list": lambda pool: pool.needs(prefer=[("a", 1)]),
    "need that is a number": lambda pool: pool.needs(7),
    "forbidden tag that is a number": lambda pool: pool.needs(forbidden=[7]),
    "group that is a number": lambda pool: pool.needs(any_of=[7]),
    "strategy that is a number": lambda pool: pool.needs(strategy=7),
    "member of text": lambda pool: pool.needs(members=["anna"]),
    "membership that is a number": lambda pool: pool.set_member(0, 0, member=1),
    "exclusion of text": lambda pool: pool.reserve(0, exclude=["0"]),
    "draw of one number": lambda pool: pool.reserve(0, draw=(1,)),
    "draw of text": lambda pool: pool.reserve(0, draw="12"),
    "count of text": lambda pool: pool.rank(0, "1"),
    "batch with a text": lambda pool: pool.reserve_many([0, "0"]),
    "priority of text": lambda pool: pool.wait(0, priority="high"),
    "ticket of text": lambda pool: pool.leave("0"),
    "demand of text": lambda pool: pool.tell_demand("a", demand="1", supply=1),
    "tag of a demand that is none": lambda p: p.tell_demand(None, demand=1, supply=1),
    "category that is a number": lambda pool: type(pool)(uncounted=[7]),
    "seed of text": lambda pool: type(pool)(seed="1"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_type_is_an_error_and_changes_nothing(
    backend: Any, mistake: str
) -> None:
    """A script that works with one backend must not surprise with another."""
    pool = backend.Pool()
    anna = pool.add("anna", tags=["dept:sales"])
    sales = pool.needs("dept:sales")
    with pytest.raises(TypeError):
        WRONG[mistake](pool)
    assert pool.best_waiting(anna) is None
    assert anna == pool.reserve(sales)
    assert sales + 1 == pool.needs()
    assert anna + 1 == pool.add("bert")


def test_none_is_what_is_left_out(backend: Any) -> None:
    """Options are often passed on by programs that have none."""
    pool = backend.Pool(uncounted=None, seed=None)
    anna = pool.add("anna", tags=None, idle_since_ms=None)
    anybody = pool.needs(
        any_of=None, forbidden=None, prefer=None, strategy=None, members=None
    )
    pool.tell(anna, calls=None, weight=None)
    assert (anna,) == pool.rank(anybody, 1, exclude=None, draw=None)
    assert 0 == pool.wait(anybody, priority=None, since_ms=None)


def test_whole_numbers_of_any_type_are_numbers(backend: Any) -> None:
    """Handles come back from databases and number libraries in types of theirs."""

    class Number:
        def __init__(self, value: int) -> None:
            self.value = value

        def __index__(self) -> int:
            return self.value

    pool = backend.Pool(seed=Number(3))
    anna = pool.add("anna", idle_since_ms=Number(5))
    anybody = pool.needs(prefer={"a": Number(2)}, members=[Number(anna)])
    assert anna == pool.reserve(Number(anybody), draw=(Number(1), True))
    pool.release(Number(anna), Number(6))
    assert () == pool.rank(Number(anybody), Number(1), exclude=[Number(anna)])
    assert 0 == pool.best_waiting(pool.wait(Number(anybody), priority=Number(1)))
    pool.leave(Number(0))


def test_an_agent_who_was_removed_is_nobody(backend: Any) -> None:
    """A handle used again would let somebody else's call ring at a newcomer."""
    pool = backend.Pool()
    anna = pool.add("anna")
    pool.remove(anna)
    assert anna != pool.add("bert")
    with pytest.raises(UnknownIdError, match=str(anna)):
        pool.release(anna, idle_since_ms=0)
