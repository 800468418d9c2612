"""Every planted fault of the core must be seen: in random worlds, or by the corpus."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import pytest

from skillroute import backends
from skillroute.errors import EngineBugError
from skillroute.testing.differential import compare_world
from skillroute.testing.pool_differential import compare_pools
from skillroute.testing.transcripts import load_corpus, run

SOURCES = Path(__file__).resolve().parents[2] / "rust" / "skillroute-core" / "src"
MUTANTS_MIN = 20
WORLDS_FIRST = 60
"""What is not seen in so many is looked for in the corpus, and then in more."""
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
    assert not situation_that_differs(0)


@pytest.fixture(scope="module")
def both_processors() -> Iterator[Executor]:
    """Somewhere to look for faults beside each other."""
    with ProcessPoolExecutor() as pool:
        yield pool


@pytest.fixture(scope="module")
def caught(both_processors: Executor) -> Callable[[int], str]:
    """Say what caught a fault; the faults are looked for in the order of the tests."""
    engine, pool = planted_in_the_engine(), planted_in_the_pool()
    found = {
        number: both_processors.submit(caught_by, number, is_pool=number in pool)
        for number in (*engine, *pool)
    }
    return lambda number: found[number].result()


@pytest.mark.parametrize("number", planted_in_the_engine())
def test_a_planted_fault_of_the_engine_is_caught(
    number: int, caught: Callable[[int], str]
) -> None:
    """A fault that nobody notices would be a rule that nobody tests."""
    assert caught(number), f"mutant {number} survived worlds and situations"


@pytest.mark.parametrize("number", planted_in_the_pool())
def test_a_planted_fault_of_the_pool_is_caught(
    number: int, caught: Callable[[int], str]
) -> None:
    """As for the engine."""
    assert caught(number), f"mutant {number} survived {POOLS_MAX} pools"


def caught_by(number: int, *, is_pool: bool) -> str:
    """Return what tells a faulty core from the specification; empty: nothing does."""
    if is_pool:
        pools = pools_until_caught(number, pools=POOLS_MAX)
        return "" if pools is None else f"pool {pools}"
    worlds = worlds_until_caught(number, worlds=WORLDS_FIRST)
    if worlds is None and (situation := situation_that_differs(number)):
        return situation
    worlds = worlds or worlds_until_caught(number, worlds=WORLDS_MAX)
    return "" if worlds is None else f"world {worlds}"


def situation_that_differs(number: int) -> str:
    """Return the situation of the corpus that shows a fault which is rare in worlds."""
    engine = backends.load("rust").Engine
    corpus = load_corpus()

    def differs(place: int) -> bool:
        try:
            return bool(run(corpus[place - 1], engine))
        except EngineBugError:
            return True

    place = seeds_until(number, differs, len(corpus))
    return "" if place is None else corpus[place - 1].name


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
