"""Every planted fault of the core must be seen by one of the quick comparisons."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from skillroute import backends
from skillroute.testing.differential import compare_world
from skillroute.testing.pool_differential import compare_pools

SOURCES = Path(__file__).resolve().parents[2] / "rust" / "skillroute-core" / "src"
MUTANTS_MIN = 20
WORLDS_MAX = 400
EVENTS_PER_WORLD = 250
POOLS_MAX = 400
OPERATIONS_PER_POOL = 250
_MARK = re.compile(r"\bbroken!\(\s*(\d+)\s*,")


def planted(pattern: str = "**/*.rs") -> list[int]:
    """List the numbers of all marks in the core's sources, or in some of them."""
    text = "".join(file.read_text("utf-8") for file in sorted(SOURCES.glob(pattern)))
    return sorted(int(number) for number in _MARK.findall(text))


def planted_in_the_pool() -> list[int]:
    """List the marks of the pool: the engine uses it, but not all that it can do."""
    return planted("pool/*.rs")


def planted_in_the_engine() -> list[int]:
    """List the marks of everything else."""
    return sorted(set(planted()) - set(planted_in_the_pool()))


def test_no_two_marks_have_one_number() -> None:
    """A number used twice would hide one fault behind the other."""
    assert sorted(set(planted())) == planted()
    assert 0 not in planted()
    assert len(planted()) >= MUTANTS_MIN


def test_the_core_without_a_fault_is_equal() -> None:
    """If the sound core differed, every mutant would seem to be caught."""
    assert worlds_until_caught(0, worlds=20) is None
    assert pools_until_caught(0, pools=20) is None


@pytest.mark.parametrize("number", planted_in_the_engine())
def test_a_planted_fault_of_the_engine_is_caught(number: int) -> None:
    """A fault that nobody notices would be a rule that nobody tests."""
    caught = worlds_until_caught(number, worlds=WORLDS_MAX)
    assert caught is not None, f"mutant {number} survived {WORLDS_MAX} worlds"


@pytest.mark.parametrize("number", planted_in_the_pool())
def test_a_planted_fault_of_the_pool_is_caught(number: int) -> None:
    """As for the engine."""
    caught = pools_until_caught(number, pools=POOLS_MAX)
    assert caught is not None, f"mutant {number} survived {POOLS_MAX} pools"


def worlds_until_caught(number: int, *, worlds: int) -> int | None:
    """Return how many worlds it takes until the faulty engine differs."""
    engines = (backends.load("python").Engine, backends.load("rust").Engine)

    def differs(seed: int) -> bool:
        return compare_world(engines, seed, EVENTS_PER_WORLD).difference is not None

    return seeds_until(number, differs, worlds)


def pools_until_caught(number: int, *, pools: int) -> int | None:
    """Return how many worlds it takes until the faulty pool differs."""
    both = (backends.load("python").Pool, backends.load("rust").Pool)

    def differs(seed: int) -> bool:
        return compare_pools(both, seed, OPERATIONS_PER_POOL).difference is not None

    return seeds_until(number, differs, pools)


def seeds_until(number: int, differs: Callable[[int], bool], seeds: int) -> int | None:
    """Return the first seed whose world tells a faulty core from the specification."""
    module = importlib.import_module(backends.load("rust").Engine.__module__)
    module.set_mutant(number)
    try:
        return next((seed for seed in range(1, seeds + 1) if differs(seed)), None)
    finally:
        module.set_mutant(0)
