"""
Compare the pools of all backends on random histories, operation by operation.

``python -m skillroute.testing.pool_differential --seed 1 --operations 1000000``
makes small pools (``pool_worlds``), does every operation on the pool of every
backend, and compares results and errors (class, code, text, fields); now and
then also the whole order of all needs and the best call of every agent.

Exit code 0: no difference; 1: one was found, printed with its seed and the
shortest history that was found to lead to it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from typing import Any, NamedTuple

from .. import backends
from ..errors import SkillrouteError
from .pool_worlds import Operation, PoolWorld

__all__ = ["PoolDifference", "PoolReport", "compare_pools", "main"]

OPERATIONS_PER_POOL = 250
LOOK_EVERY = 50
"""Operations between two looks at everything."""
CHUNK = 40
"""Pools that one process takes at a time."""
_DETAILS = ("kind", "id", "limit", "value")


class PoolDifference(NamedTuple):
    """
    The first thing in which two pools differ.
    """

    seed: int
    """Seed of the world."""
    what: str
    history: tuple[Operation, ...]
    """What leads to it; without any of these it would not be seen."""


class PoolReport(NamedTuple):
    """
    What a run looked at.
    """

    operations: int
    refused: int
    """Operations that raised, in the same way everywhere."""
    chosen: int
    """Operations that answered with an agent or a ticket."""
    difference: PoolDifference | None


def compare_pools(pools: Sequence[Any], seed: int, operations: int) -> PoolReport:
    """
    Run one world on several pools.

    Args:
        pools: Pool classes; the first is the one that the others must equal.
        seed: The world.
        operations: How many operations, > 0.
    """
    world = PoolWorld(seed)
    made = _made(pools, world)
    history: list[Operation] = []
    refused = chosen = 0
    for number in range(operations):
        operation = world.operation()
        history.append(operation)
        answers = [_answer(pool, operation) for pool in made]
        world.observe(operation, answers[0].result)
        found = _differing(operation, answers)
        if not found and number % LOOK_EVERY == LOOK_EVERY - 1:
            found = _look(made, world)
        if found:
            shortest = _shortest(pools, world, history)
            difference = PoolDifference(seed, found, tuple(shortest))
            return PoolReport(len(history), refused, chosen, difference)
        refused += answers[0].refusal is not None
        chosen += answers[0].result is not None
    return PoolReport(len(history), refused, chosen, None)


class _Answer(NamedTuple):
    result: object
    refusal: tuple[object, ...] | None


def _made(pools: Sequence[Any], world: PoolWorld) -> list[Any]:
    return [pool(uncounted=world.uncounted, seed=world.seed) for pool in pools]


def _answer(pool: Any, operation: Operation) -> _Answer:
    method = getattr(pool, operation.name)
    try:
        return _Answer(method(*operation.arguments, **operation.keywords), None)
    except SkillrouteError as error:
        details = (getattr(error, name, None) for name in _DETAILS)
        return _Answer(None, (type(error), error.code, str(error), *details))


def _differing(operation: Operation, answers: Sequence[_Answer]) -> str:
    if all(answer == answers[0] for answer in answers[1:]):
        return ""
    return f"{operation}: {' and '.join(map(str, answers))}"


def _look(pools: Sequence[Any], world: PoolWorld) -> str:
    """
    Compare the order of all needs and the best call of every agent.
    """
    for operation in world.questions():
        found = _differing(operation, [_answer(pool, operation) for pool in pools])
        if found:
            return found
    return ""


def _shortest(
    pools: Sequence[Any], world: PoolWorld, history: Sequence[Operation]
) -> list[Operation]:
    """
    Leave operations out as long as the pools differ.
    """
    kept = list(history)
    size = len(kept) // 2
    while size:
        start = 0
        while start < len(kept):
            fewer = kept[:start] + kept[start + size :]
            if _differs(pools, world, fewer):
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def _differs(
    pools: Sequence[Any], world: PoolWorld, history: Sequence[Operation]
) -> bool:
    made = _made(pools, world)
    for operation in history:
        if _differing(operation, [_answer(pool, operation) for pool in made]):
            return True
    return bool(_look(made, world))


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Compare the pools of backends until so many operations have been done.
    """
    name = "python -m skillroute.testing.pool_differential"
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--seed", type=int, default=1, help="first world")
    parser.add_argument("--operations", type=int, default=200_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--backends", default=",".join(backends.available()))
    options = parser.parse_args(arguments)
    names = options.backends.split(",")
    if len(names) < 2:
        print(f"nothing to compare: only {names}", file=sys.stderr)
        return 2
    started = time.monotonic()
    worlds = -(-options.operations // OPERATIONS_PER_POOL)
    seeds = range(options.seed, options.seed + worlds)
    total = PoolReport(0, 0, 0, None)
    with ProcessPoolExecutor(options.jobs) as workers:
        chunks = [seeds[n : n + CHUNK] for n in range(0, worlds, CHUNK)]
        for report in workers.map(_compare_chunk, repeat(names), chunks):
            if report.difference is not None:
                _print_difference(report.difference)
                workers.shutdown(cancel_futures=True)
                return 1
            total = _sum(total, report)
    print(
        f"{' = '.join(names)}: {total.operations} operations ({total.refused} refused,"
        f" {total.chosen} answered) on {worlds} pools from seed {options.seed}: no"
        f" difference, {time.monotonic() - started:.1f} s"
    )
    return 0


def _compare_chunk(names: Sequence[str], seeds: Sequence[int]) -> PoolReport:
    # The specification first: what differs from it is what is wrong.
    pools = [backends.load(name).Pool for name in sorted(names, key=_is_compiled)]
    total = PoolReport(0, 0, 0, None)
    for seed in seeds:
        total = _sum(total, compare_pools(pools, seed, OPERATIONS_PER_POOL))
        if total.difference is not None:
            break
    return total


def _is_compiled(name: str) -> bool:
    return name != "python"


def _sum(one: PoolReport, two: PoolReport) -> PoolReport:
    return PoolReport(
        one.operations + two.operations,
        one.refused + two.refused,
        one.chosen + two.chosen,
        one.difference or two.difference,
    )


def _print_difference(difference: PoolDifference) -> None:
    print(f"seed {difference.seed}: {difference.what}")
    for operation in difference.history:
        print(f"  {operation}")


if __name__ == "__main__":
    sys.exit(main())
