"""Pools with the failures of a distributor that people used, to be found by tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from skillroute.reference import Pool

Breaking: TypeAlias = "Callable[[BrokenPool, tuple[int, ...]], Iterable[int]]"
"""Turns the right order of the free eligible agents into another."""


class BrokenPool(Pool):
    """A pool whose order something breaks."""

    def __init__(self, breaking: Breaking, **settings: Any) -> None:
        super().__init__(**settings)
        self.breaking = breaking
        self.tags: dict[int, list[str]] = {}
        self.idle_since_ms: dict[int, int] = {}
        self.asked: dict[int, int] = {}

    def add(
        self,
        name: str,
        *,
        tags: Iterable[str] = (),
        free: bool = True,
        idle_since_ms: int = 0,
    ) -> int:
        """Add an agent, and note what the broken orders look at."""
        held = list(tags)
        agent = super().add(name, tags=held, free=free, idle_since_ms=idle_since_ms)
        self.tags[agent], self.idle_since_ms[agent] = held, idle_since_ms
        return agent

    def release(self, agent: int, idle_since_ms: int) -> None:
        """Let an agent be free, and note since when."""
        super().release(agent, idle_since_ms=idle_since_ms)
        self.idle_since_ms[agent] = idle_since_ms

    def rank(self, needs: int, count: int, **options: Any) -> tuple[int, ...]:
        """Return the first agents in the broken order."""
        ranked = super().rank(needs, 2**20, **options)
        return tuple(self.breaking(self, ranked))[: max(0, count)]

    def select(self, needs: int, **options: Any) -> int | None:
        """Return the first agent in the broken order."""
        return next(iter(self.rank(needs, 1, **options)), None)

    def reserve(self, needs: int, **options: Any) -> int | None:
        """Take the first agent in the broken order."""
        agent = self.select(needs, **options)
        if agent is not None:
            self.take(agent)
        return agent


def rotating(pool: BrokenPool, ranked: tuple[int, ...]) -> list[int]:
    """Put whoever came first in an answer behind the others in the next."""
    asked = pool.asked
    order = sorted(ranked, key=lambda agent: asked.get(agent, 0))
    for agent in order[:1]:
        asked[agent] = asked.get(agent, 0) + 1
    return order


def wildcards_first(pool: BrokenPool, ranked: tuple[int, ...]) -> list[int]:
    """Turn the flag round that puts them last."""
    return sorted(ranked, key=lambda agent: "*" not in pool.tags[agent])


def idle_first(pool: BrokenPool, ranked: tuple[int, ...]) -> list[int]:
    """Compare idle time before the number of tags."""
    return sorted(ranked, key=lambda agent: pool.idle_since_ms[agent])


def losing(pool: BrokenPool, ranked: tuple[int, ...]) -> list[int]:
    """Let agents whose keys are equal overwrite each other, until they come back."""
    kept: dict[object, int] = {}
    for agent in ranked:
        tags = pool.tags[agent]
        kept["*" in tags, len(tags), pool.idle_since_ms[agent]] = agent
    for agent in set(ranked) - set(kept.values()):
        pool.take(agent)
    return list(kept.values())


def halting(pool: BrokenPool, ranked: tuple[int, ...]) -> tuple[int, ...]:
    """Answer nothing any more once nobody could serve a call."""
    if not ranked:
        pool.breaking = halted
    return ranked


def halted(_: BrokenPool, __: tuple[int, ...]) -> tuple[int, ...]:
    """Answer nothing."""
    return ()
