"""
The other way round: which waiting call should a freed agent take?

So many calls wait; an agent asks for the best of those that they can serve, it leaves,
and another call comes in its place.  Of equal priority, whoever waits longest is first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import cycle, islice
from random import Random
from typing import Any, NamedTuple

from sortedcontainers import SortedList

from .. import backends
from .pools import tag_texts
from .python_peers import fitting_sets
from .sessions import WrongAnswerError
from .workloads import Workload, make_workload

__all__ = [
    "WAITING_PEERS",
    "Line",
    "LineContender",
    "LineSession",
    "make_line",
    "pool_line",
    "right_tickets",
]

PRIORITIES = (0, 0, 0, 0, 0, 0, 0, 0, 1, 2)
TICKET_BITS = 40
TICKET_MASK = (1 << TICKET_BITS) - 1
NOBODY = 1 << 120


class Line(NamedTuple):
    """
    Calls that wait, and agents who ask.
    """

    work: Workload
    """Its agents and needs; who is busy does not matter."""
    waiting: tuple[tuple[int, int], ...]
    """(needs, priority) of the calls that wait, and of those that come later."""
    size: int
    """How many of them wait."""
    asking: tuple[int, ...]
    """Agents, one after another."""


class LineContender(NamedTuple):
    """
    One way to keep the line; a ticket counts up from 0.
    """

    wait: Callable[..., int]
    """``wait(needs, priority=, since_ms=)`` lets a call wait and returns its ticket."""
    leave: Callable[[int], Any]
    best_waiting: Callable[[int], int | None]


def make_line(kind: str, agents: int, size: int) -> Line:
    """
    Draw a line of waiting calls.

    Args:
        kind: Of the workload that agents and needs are from.
        agents: How many, 100 or more.
        size: Calls that wait.
    """
    work = make_workload(kind, agents)
    draw = Random(f"waiting {kind} {agents} {size}")
    waiting = tuple(
        (draw.randrange(len(work.needs)), draw.choice(PRIORITIES))
        for _ in range(size + 20_000)
    )
    asking = tuple(draw.randrange(agents) for _ in range(20_000))
    return Line(work, waiting, size, asking)


def right_tickets(line: Line, operations: int) -> list[int | None]:
    """
    Find the best call for the first agents who ask, by looking at every call.
    """
    held = [frozenset(tags) for tags in line.work.agents]
    wanted = [frozenset(tags) for tags in line.work.needs]
    there = {ticket: line.waiting[ticket] for ticket in range(line.size)}
    answers: list[int | None] = []
    for agent in line.asking[:operations]:
        # A ticket grows with the time, so it says who waits longer.
        fitting = (
            (-priority, ticket)
            for ticket, (needs, priority) in there.items()
            if wanted[needs] <= held[agent]
        )
        best = min(fitting, default=None)
        answers.append(None if best is None else best[1])
        if best is not None:
            del there[best[1]]
            next_ticket = line.size + sum(each is not None for each in answers) - 1
            there[next_ticket] = line.waiting[next_ticket]
    return answers


class LineSession:
    """
    One contender with one line.
    """

    def __init__(self, name: str, contender: LineContender, line: Line) -> None:
        self.name = name
        self.contender = contender
        self._coming = cycle(line.waiting[line.size :])
        self._asking = cycle(line.asking)
        self._made = 0
        for needs, priority in line.waiting[: line.size]:
            contender.wait(needs, priority=priority, since_ms=self._made)
            self._made += 1

    def check(self, right: Sequence[int | None], seconds: float) -> int:
        """
        Compare the first answers with the right ones, as ``Session.check`` does.
        """
        until_s = time.perf_counter() + seconds
        wait, leave, best = self.contender
        for compared, expected in enumerate(right):
            if compared >= 10 and time.perf_counter() > until_s:
                return compared
            found = best(next(self._asking))
            if found != expected:
                raise WrongAnswerError(
                    f"{self.name} chose ticket {found} and not {expected} for agent "
                    f"{compared}: it is not timed"
                )
            if found is not None:
                leave(found)
                needs, priority = next(self._coming)
                wait(needs, priority=priority, since_ms=self._made)
                self._made += 1
        return len(right)

    def best(self, count: int) -> int:
        """
        Ask for the best call, with no change of state.
        """
        asking = list(islice(self._asking, count))
        best = self.contender.best_waiting
        begun_ns = time.perf_counter_ns()
        for agent in asking:
            best(agent)
        return time.perf_counter_ns() - begun_ns

    def whole(self, count: int) -> int:
        """
        Ask for the best call, let it leave, and let another wait.
        """
        asking = list(islice(self._asking, count))
        coming = [
            (needs, priority, self._made + number)
            for number, (needs, priority) in enumerate(islice(self._coming, count))
        ]
        self._made += count
        wait, leave, best = self.contender
        begun_ns = time.perf_counter_ns()
        for agent, (needs, priority, now_ms) in zip(asking, coming, strict=True):
            ticket = best(agent)
            if ticket is not None:
                leave(ticket)
                wait(needs, priority=priority, since_ms=now_ms)
        return time.perf_counter_ns() - begun_ns


def pool_line(backend: str) -> Callable[[Line], LineContender]:
    """
    Return what makes the pool of a backend keep the line.
    """

    def make(line: Line) -> LineContender:
        pool: Any = backends.load(backend).Pool()
        for tags in line.work.agents:
            pool.add("agent", tags=tag_texts(tags))
        handles = [pool.needs(*tag_texts(tags)) for tags in line.work.needs]
        assert handles == list(range(len(handles)))
        return LineContender(pool.wait, pool.leave, pool.best_waiting)

    return make


def _sorted_scan(line: Line) -> LineContender:
    """
    Keep all calls in order, and walk to the first that the agent can serve.
    """
    held = [frozenset(tags) for tags in line.work.agents]
    wanted = [frozenset(tags) for tags in line.work.needs]
    order: SortedList[int] = SortedList()
    asked: dict[int, tuple[int, frozenset[int]]] = {}
    made = iter(range(1 << 60))

    def wait(needs: int, *, priority: int = 0, since_ms: int = 0) -> int:
        ticket = next(made)
        key = _key(priority, since_ms, ticket)
        asked[ticket] = key, wanted[needs]
        order.add(key)
        return ticket

    def leave(ticket: int) -> None:
        order.remove(asked.pop(ticket)[0])

    def best_waiting(agent: int) -> int | None:
        tags = held[agent]
        for key in order:
            if asked[key & TICKET_MASK][1] <= tags:
                return key & TICKET_MASK
        return None

    return LineContender(wait, leave, best_waiting)


def _heap_per_needs(line: Line) -> LineContender:
    """
    Keep a heap of calls for each needs, and for each tag set the needs that it meets.
    """
    heaps: list[list[int]] = [[] for _ in line.work.needs]
    met: dict[tuple[int, ...], list[list[int]]] = {t: [] for t in line.work.agents}
    for heap, levels in zip(heaps, fitting_sets(met, line.work.needs), strict=True):
        for level in levels:
            for fitting in level:
                fitting.append(heap)
    served = [met[tags] for tags in line.work.agents]
    there: set[int] = set()
    made = iter(range(1 << 60))

    def wait(needs: int, *, priority: int = 0, since_ms: int = 0) -> int:
        ticket = next(made)
        heappush(heaps[needs], _key(priority, since_ms, ticket))
        there.add(ticket)
        return ticket

    def best_waiting(agent: int) -> int | None:
        best = NOBODY
        for heap in served[agent]:
            while heap:
                key = heap[0]
                if key & TICKET_MASK in there:
                    if key < best:
                        best = key
                    break
                heappop(heap)
        return best & TICKET_MASK if best < NOBODY else None

    return LineContender(wait, there.remove, best_waiting)


def _key(priority: int, since_ms: int, ticket: int) -> int:
    """
    Put priority, since when and ticket into one number: the least is served first.
    """
    return (100 - priority) << 100 | since_ms << TICKET_BITS | ticket


WAITING_PEERS: dict[str, Callable[[Line], LineContender]] = {
    "sorted_scan": _sorted_scan,
    "heap_per_needs": _heap_per_needs,
}
"""By name; the pool of a backend is made by ``pool_line``."""
