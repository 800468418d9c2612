"""
How operations are timed, and what the figures mean.

The contenders of a row take turns: each carries out a chunk of operations, then the
next, for several rounds, so that whatever else the machine does meets all of them.
Garbage collection is off meanwhile.

``ns_p50`` of a contender is the median over its chunks of nanoseconds an operation,
with the loop in it, which is the same for all (about 20-40 ns).  ``ns_p99`` and
``ns_p999`` are percentiles of operations timed one by one, with one reading of the
clock in each (`clock_ns`).
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

__all__ = [
    "FULL",
    "QUICK",
    "Effort",
    "Loop",
    "clock_ns",
    "medians_ns",
    "percentiles_ns",
]

Loop = Callable[[int], int]
"""Carry out so many operations, and return the nanoseconds they took."""

CHUNK_MOST = 100_000
# How long an operation takes depends on what is asked for, so that a few of them say
# little; a slow contender gets so many, unless they take several chunks' time.
CHUNK_LEAST = 20
CHUNKS_FOR_LEAST = 4


class Effort(NamedTuple):
    """
    How much time goes into a row.
    """

    rounds: int
    chunk_ns: int
    """A chunk of one contender takes about so long, or one operation."""
    singles: int
    """Operations timed one by one."""
    checked: int
    """Answers compared with brute force before anything is timed."""
    check_s: float
    """After so long a slow contender's check ends, though not before ten answers."""


QUICK = Effort(5, 6_000_000, 4_000, 200, 0.1)
FULL = Effort(7, 10_000_000, 10_000, 500, 0.2)


def medians_ns(loops: Mapping[str, Loop], effort: Effort) -> dict[str, float]:
    """
    Time contenders in turns.

    Args:
        loops: One for each contender.
        effort: How long.

    Returns:
        Nanoseconds an operation, for each.
    """
    with _no_collection():
        counts = {name: _chunk(loop, effort) for name, loop in loops.items()}
        taken: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(effort.rounds):
            for name, loop in loops.items():
                taken[name].append(loop(counts[name]) / counts[name])
    return {name: statistics.median(each) for name, each in taken.items()}


def percentiles_ns(loop: Loop, effort: Effort) -> tuple[float, float]:
    """
    Time operations one by one.

    Returns:
        The time that 99 and 99.9 percent do not exceed, in nanoseconds.
    """
    with _no_collection():
        until_ns = time.perf_counter_ns() + effort.rounds * effort.chunk_ns * 4
        taken = []
        for _ in range(effort.singles):
            taken.append(loop(1))
            if time.perf_counter_ns() > until_ns:
                break
    taken.sort()
    return (
        float(taken[int((len(taken) - 1) * 0.99)]),
        float(taken[int((len(taken) - 1) * 0.999)]),
    )


def clock_ns() -> float:
    """
    Return what one reading of the clock costs, which is in each operation timed alone.
    """
    clock = time.perf_counter_ns
    taken = [clock() - clock() for _ in range(10_000)]
    return float(-statistics.median(taken))


def _chunk(loop: Loop, effort: Effort) -> int:
    """
    Find how many operations take the time of a chunk; one at least.
    """
    count = 1
    while True:
        took_ns = max(1, loop(count))
        if took_ns * 4 >= effort.chunk_ns or count >= CHUNK_MOST:
            fitting = count * effort.chunk_ns // took_ns
            least = CHUNKS_FOR_LEAST * count * effort.chunk_ns // took_ns
            least = min(CHUNK_LEAST, least)
            return max(1, least, min(CHUNK_MOST, fitting))
        count = min(CHUNK_MOST, count * 4)


@contextmanager
def _no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
