"""
What somebody would write instead of the pool: the peers of ``bench_pool.py``.

Each keeps agents by number, free or busy, and answers which free agent with all
the tags asked for has the fewest, then is idle longest, then comes first.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from itertools import groupby
from typing import Any, Protocol

from pool_workloads import Workload

from skillroute import backends

__all__ = ["CONTENDERS", "Contender"]


class Contender(Protocol):
    """
    What every contender can do; needs are indexes into the workload's.
    """

    def select(self, needs: int) -> int | None:
        """Return who would get the call."""

    def reserve(self, needs: int) -> int | None:
        """Return who gets the call, and let them be busy."""

    def take(self, agent: int) -> None:
        """Let an agent be busy."""

    def release(self, agent: int, now_ms: int) -> None:
        """Let an agent be free, from now on."""


class Scan:
    """
    A list of sets, looked through each time.
    """

    def __init__(self, work: Workload) -> None:
        self._held = work.agents
        self._needs = work.needs
        self._idle_ms = [0] * len(work.agents)
        self._free = [True] * len(work.agents)

    def select(self, needs: int) -> int | None:
        """Return who would get the call."""
        wanted = self._needs[needs]
        return min(
            (
                a
                for a, held in enumerate(self._held)
                if self._free[a] and wanted <= held
            ),
            key=lambda a: (len(self._held[a]), self._idle_ms[a], a),
            default=None,
        )

    def reserve(self, needs: int) -> int | None:
        """Return who gets the call, and let them be busy."""
        agent = self.select(needs)
        if agent is not None:
            self._free[agent] = False
        return agent

    def take(self, agent: int) -> None:
        """Let an agent be busy."""
        self._free[agent] = False

    def release(self, agent: int, now_ms: int) -> None:
        """Let an agent be free, from now on."""
        self._free[agent] = True
        self._idle_ms[agent] = now_ms


class HeapPerTagSet:
    """
    The strongest simple design: a heap per distinct tag set, and a memo per needs of
    the heaps that fit, fewest tags first; whoever is busy is dropped when met.
    """

    def __init__(self, work: Workload) -> None:
        self._needs = work.needs
        self._heaps: dict[frozenset[str], list[tuple[int, int]]] = defaultdict(list)
        self._heap_of = [self._heaps[held] for held in work.agents]
        self._idle_ms = [0] * len(work.agents)
        self._free = [True] * len(work.agents)
        for agent, heap in enumerate(self._heap_of):
            heap.append((0, agent))
        self._memo: dict[int, list[list[list[tuple[int, int]]]]] = {}

    def select(self, needs: int) -> int | None:
        """Return who would get the call."""
        levels = self._memo.get(needs)
        if levels is None:
            levels = self._memo[needs] = self._fitting(self._needs[needs])
        free, idle_ms = self._free, self._idle_ms
        for level in levels:
            best = None
            for heap in level:
                while heap:
                    since, agent = heap[0]
                    if free[agent] and idle_ms[agent] == since:
                        if best is None or heap[0] < best:
                            best = heap[0]
                        break
                    heappop(heap)
            if best is not None:
                return best[1]
        return None

    def reserve(self, needs: int) -> int | None:
        """Return who gets the call, and let them be busy."""
        agent = self.select(needs)
        if agent is not None:
            self._free[agent] = False
        return agent

    def take(self, agent: int) -> None:
        """Let an agent be busy."""
        self._free[agent] = False

    def release(self, agent: int, now_ms: int) -> None:
        """Let an agent be free, from now on."""
        self._free[agent] = True
        self._idle_ms[agent] = now_ms
        heappush(self._heap_of[agent], (now_ms, agent))

    def _fitting(self, wanted: frozenset[str]) -> list[list[list[tuple[int, int]]]]:
        fitting = sorted((held for held in self._heaps if wanted <= held), key=len)
        return [
            [self._heaps[held] for held in same]
            for _, same in groupby(fitting, key=len)
        ]


class _OfBackend:
    """
    The pool of one backend.
    """

    name = ""

    def __init__(self, work: Workload) -> None:
        pool: Any = backends.load(self.name).Pool()
        for held in work.agents:
            pool.add("agent", tags=sorted(held))
        handles = [pool.needs(*sorted(wanted)) for wanted in work.needs]
        # Handles count up from 0, so they are the workload's indexes.
        assert handles == list(range(len(handles)))
        self.select = pool.select
        self.reserve = pool.reserve
        self.take = pool.take
        self._release = pool.release

    def release(self, agent: int, now_ms: int) -> None:
        """Let an agent be free, from now on."""
        self._release(agent, idle_since_ms=now_ms)


class RustPool(_OfBackend):
    """
    The compiled pool.
    """

    name = "rust"


class PythonPool(_OfBackend):
    """
    The specification, which scans.
    """

    name = "python"


CONTENDERS: dict[str, type[Any]] = {
    "rust": RustPool,
    "heap_memo": HeapPerTagSet,
    "scan": Scan,
    "python": PythonPool,
}
"""By name; those that look at every agent are left out of the large sizes."""
