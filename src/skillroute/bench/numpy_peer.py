"""
Peers in numpy: a column for each tag, agents in order of their tag count.

The search ends with the first tag count that has somebody.  In one of them 64 agents
are a word, so that 50,000 agents are 782 words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from .contenders import Contender, Peer, missing_modules
from .workloads import Workload

__all__ = ["NUMPY_PEERS"]

WORD_BITS = 64


def _numpy_columns(work: Workload) -> Contender:
    """
    Keep a column of booleans for each tag.
    """
    import numpy as np

    place_of, levels = _places(work, 1)
    size = levels[-1][1]
    columns = np.zeros((work.tag_count, size), bool)
    for agent, tags in enumerate(work.agents):
        columns[list(tags), place_of[agent]] = True
    agent_at = np.zeros(size, np.int64)
    agent_at[place_of] = np.arange(len(place_of))
    # Idle since and agent in one number; whoever is free has one.
    key_at = np.zeros(size, np.int64)
    key_at[place_of] = [
        idle_ms << 20 | agent for agent, idle_ms in enumerate(work.idle_since_ms)
    ]
    free = np.zeros(size, bool)
    free[place_of] = True
    rows_of = [[columns[tag] for tag in tags] for tags in work.needs]
    place = [int(each) for each in place_of]
    flatnonzero = np.flatnonzero

    def select(needs: int) -> int | None:
        rows = rows_of[needs]
        for first, last in levels:
            fitting = free[first:last] & rows[0][first:last]
            for row in rows[1:]:
                fitting &= row[first:last]
            found = flatnonzero(fitting)
            if found.size:
                keys = key_at[first:last][found]
                return int(keys.min()) & 0xFFFFF
        return None

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            free[place[agent]] = False
        return agent

    def take(agent: int) -> None:
        free[place[agent]] = False

    def release(agent: int, idle_since_ms: int, /) -> None:
        free[place[agent]] = True
        key_at[place[agent]] = idle_since_ms << 20 | agent

    return Contender(select, reserve, take, release)


def _numpy_words(work: Workload) -> Contender:
    """
    Keep a column of packed bits for each tag, 64 agents a word.
    """
    import numpy as np

    place_of, levels = _places(work, WORD_BITS)
    size = levels[-1][1]
    words = size // WORD_BITS
    columns = np.zeros((work.tag_count, words), np.uint64)
    for tag, row in _packed(work, place_of, size):
        columns[tag] = row
    key_at = np.zeros(size, np.int64)
    key_at[place_of] = [
        idle_ms << 20 | agent for agent, idle_ms in enumerate(work.idle_since_ms)
    ]
    is_free = np.zeros(size, np.uint8)
    is_free[place_of] = 1
    free = np.packbits(is_free, bitorder="little").view(np.uint64)
    free_bytes = free.view(np.uint8)
    rows_of = [[columns[tag] for tag in tags] for tags in work.needs]
    place = [int(each) for each in place_of]
    last_of_level = [last for _, last in levels]
    bitwise_and, unpackbits = np.bitwise_and, np.unpackbits
    fitting = np.zeros(words, np.uint64)
    fitting_bytes = fitting.view(np.uint8)

    def select(needs: int) -> int | None:
        rows = rows_of[needs]
        bitwise_and(free, rows[0], fitting)
        for row in rows[1:]:
            bitwise_and(fitting, row, fitting)
        first = int((fitting != 0).argmax())
        if not fitting[first]:
            return None
        begin = first * WORD_BITS
        end = last_of_level[bisect_right(last_of_level, begin)]
        bits = unpackbits(fitting_bytes[begin >> 3 : end >> 3], bitorder="little")
        keys = key_at[begin:end][bits.view(bool)]
        return int(keys.min()) & 0xFFFFF

    def flip(agent: int) -> None:
        where = place[agent]
        free_bytes[where >> 3] ^= 1 << (where & 7)

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            flip(agent)
        return agent

    def release(agent: int, idle_since_ms: int, /) -> None:
        flip(agent)
        key_at[place[agent]] = idle_since_ms << 20 | agent

    return Contender(select, reserve, flip, release)


def _places(work: Workload, unit: int) -> tuple[Any, list[tuple[int, int]]]:
    """
    Order agents by tag count, each count beginning at a multiple of *unit*.

    Returns:
        The place of each agent, and (first, last + 1) of each count.
    """
    import numpy as np

    counts = np.array([len(tags) for tags in work.agents])
    place_of = np.zeros(len(counts), np.int64)
    levels = []
    first = 0
    for count in np.unique(counts):
        same = np.flatnonzero(counts == count)
        place_of[same] = first + np.arange(same.size)
        last = first + -(-same.size // unit) * unit
        levels.append((first, last))
        first = last
    return place_of, levels


def _packed(work: Workload, place_of: Any, size: int) -> Iterator[tuple[int, Any]]:
    import numpy as np

    holders: dict[int, list[int]] = {}
    for agent, tags in enumerate(work.agents):
        for tag in tags:
            holders.setdefault(tag, []).append(agent)
    for tag, agents in holders.items():
        bits = np.zeros(size, np.uint8)
        bits[place_of[agents]] = 1
        yield tag, np.packbits(bits, bitorder="little").view(np.uint64)


def _no_numpy() -> str:
    return missing_modules("numpy")


def _imported() -> None:
    import numpy as np

    assert np


NUMPY_PEERS = (
    Peer(
        "numpy",
        "numpy, a column of booleans for each tag, by tag count with an early end",
        _numpy_columns,
        _no_numpy,
        _imported,
    ),
    Peer(
        "numpy_words",
        "numpy, the same with 64 agents in a word",
        _numpy_words,
        _no_numpy,
        _imported,
    ),
)
