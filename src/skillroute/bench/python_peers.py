"""
Peers in Python, each as tight as a good programmer would write it.

They are closures: a name of an outer function is found quicker than an attribute.  A
free agent's key is one number, idle since in its upper bits and the agent in its lower
ones, so that two are compared without a tuple.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import groupby
from typing import TypeVar

from sortedcontainers import SortedList

from .contenders import Contender, Peer
from .workloads import Workload

__all__ = ["PYTHON_PEERS", "fitting_sets"]

AGENT_BITS = 20
AGENT_MASK = (1 << AGENT_BITS) - 1
NONE_FREE = 1 << 100
"""Greater than every key."""

Tags = tuple[int, ...]
Kept = TypeVar("Kept")
Levels = list[list[list[Kept]]]


def mask_of(tags: tuple[int, ...]) -> int:
    """
    Return a number that has a bit for each tag.
    """
    mask = 0
    for tag in tags:
        mask |= 1 << tag
    return mask


def _scan_sets(work: Workload) -> Contender:
    """
    Look through the sets of the free agents.
    """
    held = [frozenset(tags) for tags in work.agents]
    needs_of = [frozenset(tags) for tags in work.needs]
    key_of = _keys(work)
    free = dict(enumerate(held))

    def select(needs: int) -> int | None:
        wanted = needs_of[needs]
        fitting = [agent for agent, tags in free.items() if wanted <= tags]
        return min(fitting, key=key_of.__getitem__) if fitting else None

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            del free[agent]
        return agent

    def release(agent: int, idle_since_ms: int, /) -> None:
        free[agent] = held[agent]
        key_of[agent] = _key(len(held[agent]), idle_since_ms, agent)

    return Contender(select, reserve, free.__delitem__, release)


def _scan_masks(work: Workload) -> Contender:
    """
    Look through the free agents, whose tags are bits of a number.
    """
    held = [mask_of(tags) for tags in work.agents]
    needs_of = [mask_of(tags) for tags in work.needs]
    counts = [len(tags) for tags in work.agents]
    key_of = _keys(work)
    free = dict(zip(key_of, held, strict=True))

    def select(needs: int) -> int | None:
        wanted = needs_of[needs]
        fitting = [key for key, mask in free.items() if mask & wanted == wanted]
        return min(fitting) & AGENT_MASK if fitting else None

    def reserve(needs: int) -> int | None:
        wanted = needs_of[needs]
        fitting = [key for key, mask in free.items() if mask & wanted == wanted]
        if not fitting:
            return None
        key = min(fitting)
        del free[key]
        return key & AGENT_MASK

    def take(agent: int) -> None:
        del free[key_of[agent]]

    def release(agent: int, idle_since_ms: int, /) -> None:
        key = key_of[agent] = _key(counts[agent], idle_since_ms, agent)
        free[key] = held[agent]

    return Contender(select, reserve, take, release)


def _sorted_list(work: Workload) -> Contender:
    """
    Keep the free agents in order of choice, and take the first who fits.
    """
    held = [mask_of(tags) for tags in work.agents]
    needs_of = [mask_of(tags) for tags in work.needs]
    counts = [len(tags) for tags in work.agents]
    key_of = _keys(work)
    order = SortedList(key_of)
    add, remove = order.add, order.remove

    def select(needs: int) -> int | None:
        wanted = needs_of[needs]
        for key in order:
            if held[key & AGENT_MASK] & wanted == wanted:
                return key & AGENT_MASK
        return None

    def reserve(needs: int) -> int | None:
        wanted = needs_of[needs]
        for key in order:
            if held[key & AGENT_MASK] & wanted == wanted:
                remove(key)
                return key & AGENT_MASK
        return None

    def take(agent: int) -> None:
        remove(key_of[agent])

    def release(agent: int, idle_since_ms: int, /) -> None:
        key = key_of[agent] = _key(counts[agent], idle_since_ms, agent)
        add(key)

    return Contender(select, reserve, take, release)


def _sorted_list_memo(work: Workload) -> Contender:
    """
    Keep a sorted list for each distinct tag set, and for each needs those that fit.
    """
    lists: dict[Tags, SortedList[int]] = {tags: SortedList() for tags in work.agents}
    list_of = [lists[tags] for tags in work.agents]
    key_of = [
        idle_ms << AGENT_BITS | agent
        for agent, idle_ms in enumerate(work.idle_since_ms)
    ]
    for agent in sorted(range(len(key_of)), key=key_of.__getitem__):
        list_of[agent].add(key_of[agent])
    memo = fitting_sets(lists, work.needs)

    def select(needs: int) -> int | None:
        for level in memo[needs]:
            best = NONE_FREE
            for order in level:
                if order and order[0] < best:
                    best = order[0]
            if best < NONE_FREE:
                return best & AGENT_MASK
        return None

    def take(agent: int) -> None:
        list_of[agent].remove(key_of[agent])

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            list_of[agent].remove(key_of[agent])
        return agent

    def release(agent: int, idle_since_ms: int, /) -> None:
        key = key_of[agent] = idle_since_ms << AGENT_BITS | agent
        list_of[agent].add(key)

    return Contender(select, reserve, take, release)


def _heap_memo(work: Workload) -> Contender:
    """
    Keep a heap for each distinct tag set, and for each needs the heaps that fit.

    Whoever is busy stays in the heap until met at its top.  It is the peer to beat: on
    data with few distinct sets, little is left to gain.
    """
    heaps: dict[Tags, list[int]] = {tags: [] for tags in work.agents}
    heap_of = [heaps[tags] for tags in work.agents]
    # The key of a free agent; a busy one has none, so what a heap holds is stale.
    current = [
        idle_ms << AGENT_BITS | agent
        for agent, idle_ms in enumerate(work.idle_since_ms)
    ]
    for agent in sorted(range(len(current)), key=current.__getitem__):
        heap_of[agent].append(current[agent])
    memo = fitting_sets(heaps, work.needs)

    def select(needs: int) -> int | None:
        for level in memo[needs]:
            best = NONE_FREE
            for heap in level:
                while heap:
                    key = heap[0]
                    if current[key & AGENT_MASK] == key:
                        if key < best:
                            best = key
                        break
                    heappop(heap)
            if best < NONE_FREE:
                return best & AGENT_MASK
        return None

    def reserve(needs: int) -> int | None:
        for level in memo[needs]:
            best = NONE_FREE
            for heap in level:
                while heap:
                    key = heap[0]
                    if current[key & AGENT_MASK] == key:
                        if key < best:
                            best = key
                        break
                    heappop(heap)
            if best < NONE_FREE:
                agent = best & AGENT_MASK
                current[agent] = -1
                return agent
        return None

    def take(agent: int) -> None:
        current[agent] = -1

    def release(agent: int, idle_since_ms: int, /) -> None:
        key = current[agent] = idle_since_ms << AGENT_BITS | agent
        heappush(heap_of[agent], key)

    return Contender(select, reserve, take, release)


def _heap_no_memo(work: Workload) -> Contender:
    """
    Keep a heap for each distinct tag set, and look at all sets for each call.

    It is what is left of the memo where calls ask for what nobody asked before.
    """
    heaps: dict[Tags, list[int]] = {tags: [] for tags in work.agents}
    heap_of = [heaps[tags] for tags in work.agents]
    current = [
        idle_ms << AGENT_BITS | agent
        for agent, idle_ms in enumerate(work.idle_since_ms)
    ]
    for agent in sorted(range(len(current)), key=current.__getitem__):
        heap_of[agent].append(current[agent])
    by_count: dict[int, list[tuple[int, list[int]]]] = {}
    for tags, heap in heaps.items():
        by_count.setdefault(len(tags), []).append((mask_of(tags), heap))
    levels = [by_count[count] for count in sorted(by_count)]
    needs_of = [mask_of(tags) for tags in work.needs]

    def select(needs: int) -> int | None:
        wanted = needs_of[needs]
        for level in levels:
            best = NONE_FREE
            for heap in [heap for mask, heap in level if mask & wanted == wanted]:
                while heap:
                    key = heap[0]
                    if current[key & AGENT_MASK] == key:
                        if key < best:
                            best = key
                        break
                    heappop(heap)
            if best < NONE_FREE:
                return best & AGENT_MASK
        return None

    def take(agent: int) -> None:
        current[agent] = -1

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            current[agent] = -1
        return agent

    def release(agent: int, idle_since_ms: int, /) -> None:
        key = current[agent] = idle_since_ms << AGENT_BITS | agent
        heappush(heap_of[agent], key)

    return Contender(select, reserve, take, release)


def fitting_sets(sets: Mapping[Tags, Kept], needs: Sequence[Tags]) -> Levels[Kept]:
    """
    Find for each needs the tag sets that hold them all.

    Args:
        sets: What is kept for each distinct tag set.
        needs: Tags of each needs.

    Returns:
        For each needs what is kept for the sets that fit: lists of equal tag count,
        the fewest tags first.
    """
    kept = sorted(sets.items(), key=lambda item: len(item[0]))
    holders: dict[int, set[int]] = {}
    for place, (tags, _) in enumerate(kept):
        for tag in tags:
            holders.setdefault(tag, set()).add(place)
    nowhere: set[int] = set()
    memo = []
    for wanted in needs:
        found = set.intersection(*(holders.get(tag, nowhere) for tag in wanted))
        levels = groupby(sorted(found), key=lambda place: len(kept[place][0]))
        memo.append([[kept[place][1] for place in level] for _, level in levels])
    return memo


def _key(count: int, idle_ms: int, agent: int) -> int:
    """
    Put tag count, idle since and agent into one number, which sorts as they do.
    """
    return count << 80 | idle_ms << AGENT_BITS | agent


def _keys(work: Workload) -> list[int]:
    return [
        _key(len(tags), idle_ms, agent)
        for agent, (tags, idle_ms) in enumerate(
            zip(work.agents, work.idle_since_ms, strict=True)
        )
    ]


PYTHON_PEERS = (
    Peer(
        "scan_sets",
        "the sets of the free, looked through",
        _scan_sets,
    ),
    Peer(
        "scan_masks",
        "the free agents, tags as bits of a number, looked through",
        _scan_masks,
    ),
    Peer(
        "sorted_list",
        "sortedcontainers.SortedList of the free, walked to the first who fits",
        _sorted_list,
    ),
    Peer(
        "sorted_list_memo",
        "a SortedList for each distinct tag set, and a memo of those that fit",
        _sorted_list_memo,
    ),
    Peer(
        "heap_memo",
        "a heap for each distinct tag set, and a memo of those that fit",
        _heap_memo,
    ),
    Peer(
        "heap_no_memo",
        "a heap for each distinct tag set, all sets looked at for each call",
        _heap_no_memo,
    ),
)
