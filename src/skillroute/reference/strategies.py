"""
Strategies: the sort keys of every strategy, for queues of a site and for the pool.

Keys are compared as a tuple, the smaller first, and are never packed into one
number.  Agent order comes last, so the order is total and depends on nothing but
the keys (rule 6.5).  Ratios are compared exactly; random keys come from a
counter-based generator, so nothing depends on when or how often somebody asked.

Drawing by weight is no matter of keys: who is drawn second depends on who was drawn
first.  Its one key is the number of the draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol, TypeAlias

Key: TypeAlias = tuple[int | Fraction, ...]
_U64 = 2**64 - 1


class Draw(NamedTuple):
    """
    What random strategies draw by: the same draw gives the same choice.
    """

    seed: int
    call: int
    """Sequence of the call."""
    offer: int
    """Number of the offer, among those of the call."""


class Candidate(Protocol):
    """
    What the keys ask about an agent.
    """

    @property
    def wildcard(self) -> bool:
        """Can do everything."""

    @property
    def tags(self) -> int:
        """How many tags count."""

    @property
    def extra(self) -> Sequence[int]:
        """The cost of each tag that counts and was not asked for."""

    @property
    def levels(self) -> int:
        """Summed over the required tags that are held by name."""

    @property
    def idle(self) -> tuple[int, ...]:
        """Place in the order of idleness, the longest first."""

    @property
    def calls(self) -> int:
        """Handled today."""

    @property
    def talk_ms(self) -> int:
        """Connected, today."""

    @property
    def wrap_up_ms(self) -> int:
        """In wrap-up, today."""

    @property
    def logged_in_ms(self) -> int:
        """Logged in, today."""

    @property
    def open_cases(self) -> int:
        """As last told."""

    @property
    def last_offer(self) -> int:
        """Number of the last offer from the queue; 0: there was none."""

    @property
    def weight(self) -> int:
        """For ``weighted_random``, 1 or more."""


class Strategy(NamedTuple):
    """
    One strategy.
    """

    names: tuple[str, ...]
    """Names of its keys, but for idleness and agent order."""
    keys: Callable[[Candidate], Key]
    by_idle: bool = True
    """Of equals the one who is idle longest comes first."""


def arranged(
    strategy: str,
    candidates: Mapping[int, tuple[tuple[int, ...], Candidate]],
    draw: Draw,
) -> list[int]:
    """
    Put agents in order, the first choice first.

    Args:
        strategy: Its name.
        candidates: Agents by number, each with the keys that come before those of
            every strategy.
        draw: For the random strategies.
    """
    if strategy == "weighted_random":
        return _drawn(candidates, draw)
    return sorted(
        candidates,
        key=lambda agent: (
            *candidates[agent][0],
            *keys(strategy, agent, candidates[agent][1], draw),
            agent,
        ),
    )


def keys(strategy: str, agent: int, candidate: Candidate, draw: Draw) -> Key:
    """
    Return the keys of an agent that are a strategy's own; none if it draws by weight.
    """
    if strategy == "random":
        return (ticket(draw, agent),)
    rule = STRATEGIES[strategy]
    return (*rule.keys(candidate), *(candidate.idle if rule.by_idle else ()))


def ticket(draw: Draw, agent: int) -> int:
    """
    Return a random number for an agent, less than 2**63.
    """
    return split_mix(*draw, agent) >> 1


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


def _drawn(
    candidates: Mapping[int, tuple[tuple[int, ...], Candidate]], draw: Draw
) -> list[int]:
    """
    Draw without replacement, by weight, among those whom nothing else tells apart.

    The n-th draw of all, from 0, takes the hash of (seed, call, offer, n) modulo the
    weight that is left, and walks the agents in their order.
    """
    ranked: list[int] = []
    for front in sorted({front for front, _ in candidates.values()}):
        left = sorted(agent for agent in candidates if candidates[agent][0] == front)
        while left:
            total = sum(candidates[agent][1].weight for agent in left)
            point = split_mix(*draw, len(ranked)) % total
            for agent in left:
                if point < candidates[agent][1].weight:
                    break
                point -= candidates[agent][1].weight
            ranked.append(agent)
            left.remove(agent)
    return ranked


def _most_specific(c: Candidate) -> Key:
    return (c.wildcard, c.tags)


def _fewest_extra_tags(c: Candidate) -> Key:
    return (c.wildcard, len(c.extra))


def _opportunity_cost(c: Candidate) -> Key:
    return (c.wildcard, sum(c.extra))


def _highest_level(c: Candidate) -> Key:
    return (-c.levels,)


def _round_robin(c: Candidate) -> Key:
    return (c.last_offer,)


def _least_occupied(c: Candidate) -> Key:
    if c.logged_in_ms == 0:
        return (Fraction(0),)
    return (Fraction(c.talk_ms + c.wrap_up_ms, c.logged_in_ms),)


def _fewest_calls(c: Candidate) -> Key:
    return (c.calls,)


def _least_talk(c: Candidate) -> Key:
    return (c.talk_ms,)


def _fewest_open_cases(c: Candidate) -> Key:
    return (c.open_cases,)


def _none(_: Candidate) -> Key:
    return ()


STRATEGIES = {
    "most_specific": Strategy(("wildcard", "tags"), _most_specific),
    "fewest_extra_tags": Strategy(("wildcard", "extra_tags"), _fewest_extra_tags),
    "opportunity_cost": Strategy(("wildcard", "cost"), _opportunity_cost),
    "longest_idle": Strategy((), _none),
    "fewest_calls": Strategy(("calls",), _fewest_calls),
    "least_talk": Strategy(("talk_ms",), _least_talk),
    "least_occupied": Strategy(("occupied_ppm",), _least_occupied),
    "round_robin": Strategy(("last_offer",), _round_robin),
    "in_order": Strategy((), _none, by_idle=False),
    "highest_level": Strategy(("levels",), _highest_level),
    "fewest_open_cases": Strategy(("open_cases",), _fewest_open_cases),
    "random": Strategy(("ticket",), _none, by_idle=False),
    "weighted_random": Strategy(("drawn",), _none, by_idle=False),
}
"""All of them, by name."""
