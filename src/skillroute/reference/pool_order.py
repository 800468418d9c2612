"""
Order in the pool: what it was told of its agents, put as the strategies ask it.

First comes the summed weight of preferred tags held, more first; then the keys of
the strategy (``strategies.py``); agent order last.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ..errors import PlanError
from .strategies import STRATEGIES, Candidate, Draw, arranged

if TYPE_CHECKING:
    from .pool import Pool, PoolAgent, PoolQueue


class Order(msgspec.Struct, frozen=True):
    """
    How the eligible agents of needs are put in order.
    """

    strategy: str

    def sort(
        self,
        draw: Draw,
        queue: PoolQueue,
        eligible: Mapping[int, PoolAgent],
        pool: Pool,
    ) -> list[int]:
        """
        List the eligible agents, the first choice first.
        """
        candidates: dict[int, tuple[tuple[int, ...], Candidate]] = {
            agent: (
                (-_preference(queue, state),),
                _Candidate(pool, queue, agent, state),
            )
            for agent, state in eligible.items()
        }
        return arranged(self.strategy, candidates, draw)


def make_order(strategy: str) -> Order:
    """
    Find a strategy by its name.
    """
    if strategy not in STRATEGIES:
        message = f"no such strategy: there are {', '.join(STRATEGIES)}"
        raise PlanError(code="unknown_strategy", message=message)
    return Order(strategy)


def _preference(queue: PoolQueue, state: PoolAgent) -> int:
    preferred = queue.needs.preferred.items()
    return sum(weight for tag, weight in preferred if tag in state.tags.levels)


class _Candidate:
    """
    An eligible agent, and what the keys ask about.
    """

    def __init__(
        self, pool: Pool, queue: PoolQueue, agent: int, state: PoolAgent
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._levels = state.tags.levels
        self.wildcard = state.tags.wildcard
        self.idle = (state.idle_since_ms,)
        self.calls = state.calls
        self.talk_ms = state.talk_ms
        self.wrap_up_ms = state.wrap_up_ms
        self.logged_in_ms = state.logged_in_ms
        self.open_cases = state.open_cases
        self.last_offer = queue.reserved.get(agent, 0)
        self.weight = state.weight

    @cached_property
    def tags(self) -> int:
        return sum(map(self._pool.counts, self._levels))

    @cached_property
    def extra(self) -> tuple[int, ...]:
        asked = self._queue.needs.asked_for()
        counted = filter(self._pool.counts, self._levels)
        return tuple(self._pool.cost(tag) for tag in counted if tag not in asked)

    @cached_property
    def levels(self) -> int:
        return sum(self._levels.get(tag, 0) for tag in self._queue.needs.required)
