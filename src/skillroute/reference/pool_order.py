"""
Order in the pool: every strategy, as keys that are compared one after another.

First comes the summed weight of preferred tags held, more first; then the keys
of the strategy; agent order last.  In the strategies that count tags, wildcards
come last.  Ratios are compared exactly; random keys come from a counter-based
generator, so nothing depends on when or how often somebody asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from ..errors import PlanError

if TYPE_CHECKING:
    from .pool import Pool, PoolAgent, PoolQueue

Key: TypeAlias = tuple[int | Fraction, ...]
_U64 = 2**64 - 1


class _Candidate(NamedTuple):
    """
    An eligible agent, and what the keys ask about.
    """

    pool: Pool
    queue: PoolQueue
    agent: int
    state: PoolAgent


def split_mix(*values: int) -> int:
    """
    Hash whole numbers with SplitMix64, one after another, to 64 bits.

    Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators,
    OOPSLA 2014, figure 16.
    """
    state = 0
    for value in values:
        state = ((state ^ (value & _U64)) + 0x9E3779B97F4A7C15) & _U64
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _U64
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _U64
        state ^= state >> 31
    return state


class Order(msgspec.Struct, frozen=True):
    """
    How the eligible agents of needs are put in order.
    """

    strategy: str

    def sort(
        self,
        seed: int,
        draw: tuple[int, int],
        queue: PoolQueue,
        eligible: Mapping[int, PoolAgent],
        pool: Pool,
    ) -> list[int]:
        """
        List the eligible agents, the first choice first.
        """
        if self.strategy == "weighted_random":
            return _drawn(seed, draw, queue, eligible)
        if self.strategy == "random":
            return sorted(
                eligible,
                key=lambda a: (
                    -_preference(queue, eligible[a]),
                    split_mix(seed, *draw, a),
                    a,
                ),
            )
        keys = _KEYS[self.strategy]
        return sorted(
            eligible,
            key=lambda a: (
                -_preference(queue, eligible[a]),
                *keys(_Candidate(pool, queue, a, eligible[a])),
                a,
            ),
        )


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


def _drawn(
    seed: int,
    draw: tuple[int, int],
    queue: PoolQueue,
    eligible: Mapping[int, PoolAgent],
) -> list[int]:
    """
    Draw without replacement, by weight, within each sum of preferred weights.

    The n-th draw of all, from 0, takes the hash of (seed, draw, n) modulo the
    weight that is left, and walks the agents in their order.
    """
    ranked: list[int] = []
    preferences = {a: _preference(queue, state) for a, state in eligible.items()}
    for preference in sorted(set(preferences.values()), reverse=True):
        left = sorted(a for a in eligible if preferences[a] == preference)
        while left:
            total = sum(eligible[a].weight for a in left)
            point = split_mix(seed, *draw, len(ranked)) % total
            for agent in left:
                if point < eligible[agent].weight:
                    break
                point -= eligible[agent].weight
            ranked.append(agent)
            left.remove(agent)
    return ranked


def _most_specific(c: _Candidate) -> Key:
    counted = sum(map(c.pool.counts, c.state.tags.levels))
    return (c.state.tags.wildcard, counted, c.state.idle_since_ms)


def _fewest_extra_tags(c: _Candidate) -> Key:
    extra = _extra(c)
    return (c.state.tags.wildcard, len(extra), c.state.idle_since_ms)


def _opportunity_cost(c: _Candidate) -> Key:
    cost = sum(map(c.pool.cost, _extra(c)))
    return (c.state.tags.wildcard, cost, c.state.idle_since_ms)


def _highest_level(c: _Candidate) -> Key:
    levels = sum(c.state.tags.levels.get(tag, 0) for tag in c.queue.needs.required)
    return (-levels, c.state.idle_since_ms)


def _round_robin(c: _Candidate) -> Key:
    return (c.queue.reserved.get(c.agent, 0), c.state.idle_since_ms)


def _least_occupied(c: _Candidate) -> Key:
    busy_ms = c.state.talk_ms + c.state.wrap_up_ms
    ratio = (
        Fraction(busy_ms, c.state.logged_in_ms) if c.state.logged_in_ms else Fraction(0)
    )
    return (ratio, c.state.idle_since_ms)


def _longest_idle(c: _Candidate) -> Key:
    return (c.state.idle_since_ms,)


def _fewest_calls(c: _Candidate) -> Key:
    return (c.state.calls, c.state.idle_since_ms)


def _least_talk(c: _Candidate) -> Key:
    return (c.state.talk_ms, c.state.idle_since_ms)


def _fewest_open_cases(c: _Candidate) -> Key:
    return (c.state.open_cases, c.state.idle_since_ms)


def _in_order(_: _Candidate) -> Key:
    return ()


def _extra(c: _Candidate) -> set[str]:
    """
    Return the tags that count, are held, and were not asked for.
    """
    held = {tag for tag in c.state.tags.levels if c.pool.counts(tag)}
    return held - c.queue.needs.asked_for()


_KEYS: dict[str, Callable[[_Candidate], Key]] = {
    "most_specific": _most_specific,
    "fewest_extra_tags": _fewest_extra_tags,
    "opportunity_cost": _opportunity_cost,
    "longest_idle": _longest_idle,
    "fewest_calls": _fewest_calls,
    "least_talk": _least_talk,
    "least_occupied": _least_occupied,
    "round_robin": _round_robin,
    "in_order": _in_order,
    "highest_level": _highest_level,
    "fewest_open_cases": _fewest_open_cases,
}

STRATEGIES = (*_KEYS, "random", "weighted_random")
"""Names of all strategies of the pool."""
