"""
Workloads for the choice among agents: drawn from a seed, the same for every contender.

An agent has tags, numbered from 0; a call asks for some, and gets the free agent who
holds them all and has the fewest tags, then is idle longest, then comes first.  What
makes a workload hard is how many agents hold the same tags and how many fit, so there
is a kind for each answer: `KINDS` says which.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["KINDS", "Workload", "digest", "make_workload"]

Tags = tuple[int, ...]

OPERATIONS = 20_000
"""Calls drawn for a workload; whoever needs more begins again."""

REALISTIC_PROFILES = 40
REALISTIC_NEEDS = 60
MANY_NEEDS = 2_000
ABSENT_NEEDS = 200
NO_MATCH_NEEDS = 20
WORST_NEEDS = 20
SPARSE_PROFILES = 300
SPARSE_NEEDS = 200
SPARSE_FIT = 5
ADVERSARIAL_TAGS = 6
EQUAL_IDLE = 1_000
HUGE_PROFILES = 2_000
HUGE_PROFILE_TAGS = 60
HUGE_OWN_TAGS = 4
HUGE_NEEDS = 5_000

# So many draws for each set that is wanted; what small sizes cannot give, they lack.
_TRIES = 40


class Workload(NamedTuple):
    """
    Agents, who of them is busy, and what calls ask for, one after another.
    """

    kind: str
    """One of ``KINDS``."""
    tag_count: int
    """Tags that there are."""
    agents: tuple[Tags, ...]
    """Tags of each agent, ascending."""
    needs: tuple[Tags, ...]
    """Distinct needs, ascending; a contender registers them once."""
    asked: tuple[int, ...]
    """Index into ``needs`` of each call."""
    idle_since_ms: tuple[int, ...]
    """Of each agent, 0 or more."""
    busy: tuple[int, ...]
    """Agents who are busy when it begins, longest first."""
    releases_per_ms: int
    """Agents who become free in one millisecond."""

    def released_at_ms(self, step: int) -> int:
        """
        Return when the agent who is freed by a step becomes idle: after all others.

        Args:
            step: 0 for the first call.
        """
        begin_ms = len(self.agents) // self.releases_per_ms + 1
        return begin_ms + step // self.releases_per_ms


def make_workload(kind: str, agents: int, tag_count: int = 64) -> Workload:
    """
    Draw a workload.

    Args:
        kind: One of ``KINDS``.
        agents: How many, 100 or more.
        tag_count: Tags that there are, 64 or more; ``worst_wide`` wants 512 and
            ``huge`` 10,000.

    Cost: linear in the tags of all agents.
    """
    draw = random.Random(f"{kind} {agents} {tag_count}")
    maker = KINDS[kind]
    held, needs = maker.draw(draw, agents, tag_count)
    ranks = list(range(agents))
    draw.shuffle(ranks)
    busy = draw.sample(range(agents), agents * maker.busy_percent // 100)
    return Workload(
        kind=kind,
        tag_count=tag_count,
        agents=tuple(held),
        needs=tuple(needs),
        asked=tuple(draw.randrange(len(needs)) for _ in range(OPERATIONS)),
        idle_since_ms=tuple(rank // maker.agents_per_ms for rank in ranks),
        busy=tuple(busy),
        releases_per_ms=maker.agents_per_ms,
    )


def digest(work: Workload) -> str:
    """
    Return a digest of everything in a workload, as hexadecimal digits.
    """
    return blake2b(repr(tuple(work)).encode(), digest_size=8).hexdigest()


_Drawn = tuple[list[Tags], list[Tags]]


def _realistic(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    profiles, held = _by_profile(draw, agents, tag_count)
    wanted = (_some(draw, draw.choice(profiles), 3) for _ in _forever())
    return held, _distinct(wanted, REALISTIC_NEEDS)


def _many_needs(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    profiles, held = _by_profile(draw, agents, tag_count)
    wanted = (_some(draw, draw.choice(profiles), 4) for _ in _forever())
    return held, _distinct(wanted, MANY_NEEDS)


def _no_match(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    """
    Ask for three popular tags that nobody combines.
    """
    _, held = _by_profile(draw, agents, tag_count)
    popular = _by_popularity(held)[: tag_count // 2]
    wanted = (_ascending(draw.sample(popular, 3)) for _ in _forever())
    return held, _distinct(_absent(wanted, held), NO_MATCH_NEEDS)


def _sparse(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    """
    Ask for three rare tags, which 1 to 5 agents hold.
    """
    rare_count = tag_count // 4
    common, rare = range(rare_count, tag_count), range(rare_count)
    profiles = [_ascending(draw.sample(common, draw.randint(3, 8))) for _ in range(300)]
    held = _of_profiles(draw, profiles, agents)
    triples = (_ascending(draw.sample(rare, 3)) for _ in _forever())
    needs = _distinct(triples, min(SPARSE_NEEDS, agents // 10))
    for wanted in needs:
        also = draw.sample(common, draw.randint(0, 2))
        for _ in range(draw.randint(1, SPARSE_FIT)):
            held[draw.randrange(agents)] = _ascending({*wanted, *also})
    held_by_somebody = set(held)
    return held, [w for w in needs if _is_held(w, held_by_somebody)]


def _adversarial(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    """
    Give every agent tags of their own, so that no two can be treated alike.
    """
    held = _own_tags(draw, agents, tag_count)
    wanted = (_some(draw, draw.choice(held), 3) for _ in _forever())
    return held, _distinct(wanted, MANY_NEEDS)


def _adversarial_no_match(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    """
    Ask for four tags that nobody holds together.
    """
    held = _own_tags(draw, agents, tag_count)
    wanted = (_ascending(draw.sample(range(tag_count), 4)) for _ in _forever())
    return held, _distinct(_absent(wanted, held), ABSENT_NEEDS)


def _worst(each: int, asked: int) -> Callable[[random.Random, int, int], _Drawn]:
    """
    Give every agent many tags, and ask for so many that nobody has them all.
    """

    def drawn(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
        tags = range(tag_count)
        held = [_ascending(draw.sample(tags, each)) for _ in range(agents)]
        wanted = (_ascending(draw.sample(tags, asked)) for _ in _forever())
        return held, _distinct(_absent(wanted, held), WORST_NEEDS)

    return drawn


def _huge(draw: random.Random, agents: int, tag_count: int) -> _Drawn:
    """
    Give each agent the tags of a profile and a few of their own, 64 in all.
    """
    tags = range(tag_count)
    profiles = [draw.sample(tags, HUGE_PROFILE_TAGS) for _ in range(HUGE_PROFILES)]
    held = [
        _ascending({*draw.choice(profiles), *draw.sample(tags, HUGE_OWN_TAGS)})
        for _ in range(agents)
    ]
    wanted = (_some(draw, _ascending(draw.choice(profiles)), 3) for _ in _forever())
    return held, _distinct(wanted, HUGE_NEEDS)


def _by_profile(
    draw: random.Random, agents: int, tag_count: int
) -> tuple[list[Tags], list[Tags]]:
    """
    Return profiles of 3 to 8 tags, and the tags of agents, few profiles having many.
    """
    tags = range(tag_count)
    profiles = [
        _ascending(draw.sample(tags, draw.randint(3, 8)))
        for _ in range(REALISTIC_PROFILES)
    ]
    return profiles, _of_profiles(draw, profiles, agents)


def _of_profiles(
    draw: random.Random, profiles: Sequence[Tags], agents: int
) -> list[Tags]:
    """
    Give agents profiles by Zipf's law: the second has half as many as the first.
    """
    weights = [1 / rank for rank in range(1, len(profiles) + 1)]
    return draw.choices(profiles, weights, k=agents)


def _own_tags(draw: random.Random, agents: int, tag_count: int) -> list[Tags]:
    tags = range(tag_count)
    drawn = (_ascending(draw.sample(tags, ADVERSARIAL_TAGS)) for _ in _forever())
    return _distinct(drawn, agents)


def _some(draw: random.Random, tags: Tags, most: int) -> Tags:
    count = min(draw.randint(1, most), len(tags))
    return _ascending(draw.sample(tags, count))


def _ascending(tags: Iterable[int]) -> Tags:
    return tuple(sorted(tags))


def _distinct(drawn: Iterable[Tags], count: int) -> list[Tags]:
    """
    Take distinct sets until there are enough, or none new come.
    """
    found: dict[Tags, None] = {}
    for tries, tags in enumerate(drawn):
        found[tags] = None
        if len(found) == count or tries >= count * _TRIES:
            break
    return list(found)


def _absent(drawn: Iterable[Tags], held: Sequence[Tags]) -> Iterable[Tags]:
    """
    Leave out what somebody holds.
    """
    distinct = set(held)
    is_absent = functools.cache(lambda wanted: not _is_held(wanted, distinct))
    return (wanted for wanted in drawn if is_absent(wanted))


def _is_held(wanted: Tags, held: Iterable[Tags]) -> bool:
    needed = frozenset(wanted)
    return any(needed.issubset(tags) for tags in held)


def _by_popularity(held: Iterable[Tags]) -> list[int]:
    counted: dict[int, int] = {}
    for tags in held:
        for tag in tags:
            counted[tag] = counted.get(tag, 0) + 1
    return sorted(counted, key=lambda tag: (-counted[tag], tag))


def _forever() -> Iterable[None]:
    return iter(lambda: None, 0)


class _Kind(NamedTuple):
    """
    How a kind of workload is made.
    """

    draw: Callable[[random.Random, int, int], _Drawn]
    busy_percent: int = 80
    agents_per_ms: int = 1


KINDS: dict[str, _Kind] = {
    "realistic": _Kind(_realistic),
    "many_needs": _Kind(_many_needs),
    "sparse": _Kind(_sparse, busy_percent=50),
    "no_match": _Kind(_no_match),
    "all_busy": _Kind(_realistic, busy_percent=100),
    "adversarial": _Kind(_adversarial),
    "adversarial_no_match": _Kind(_adversarial_no_match),
    "equal_idle": _Kind(_adversarial, agents_per_ms=EQUAL_IDLE),
    "worst_dense": _Kind(_worst(24, 14), busy_percent=0),
    "worst_wide": _Kind(_worst(200, 16), busy_percent=0),
    "huge": _Kind(_huge),
}
"""
``realistic``: 40 profiles of 3 to 8 tags, 60 needs of 1 to 3.  ``many_needs``: the same
agents, up to 2,000 needs of 1 to 4.  ``sparse``: needs of three rare tags that 1 to 5
agents hold.  ``no_match``: three popular tags that nobody combines.  ``all_busy``:
realistic, with nobody free.  ``adversarial``: six tags of their own for each agent,
2,000 needs.  ``adversarial_no_match``: the same, needs of four tags that nobody holds.
``equal_idle``: adversarial, 1,000 agents idle since the same millisecond.
``worst_dense`` and ``worst_wide``: 24 of 64 and 200 of 512 tags for each agent, all of
them free, and needs of 14 and 16 tags that nobody has.  ``huge``: 2,000 profiles of 60
tags, 4 more for each agent, 5,000 needs.
"""
