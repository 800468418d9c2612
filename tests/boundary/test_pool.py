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


def test_an_agent_who_was_removed_is_nobody(backend: Any) -> None:
    """A handle used again would let somebody else's call ring at a newcomer."""
    pool = backend.Pool()
    anna = pool.add("anna")
    pool.remove(anna)
    assert anna != pool.add("bert")
    with pytest.raises(UnknownIdError, match=str(anna)):
        pool.release(anna, idle_since_ms=0)
