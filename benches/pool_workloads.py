"""
Workloads for the choice among agents, the same for every contender and run.

``realistic``: 40 profiles of 3 to 8 of 64 tags, a few of them common, and 60 kinds of
calls that ask for 1 to 3 of a profile's tags.  ``adversarial``: every agent has six
tags of their own choice, and calls ask for 1 to 3 tags of some agent.  Four of five
agents are busy, and whoever is released has been busy longest.
"""

from __future__ import annotations

import random
from typing import NamedTuple

__all__ = ["KINDS", "Workload", "make"]

KINDS = ("realistic", "adversarial")
TAGS = [f"skill:t{number:02}" for number in range(64)]
BUSY_OF_5 = 4


class Workload(NamedTuple):
    """
    Agents, and what calls ask for, one after another.
    """

    name: str
    agents: tuple[frozenset[str], ...]
    """Tags of each agent."""
    needs: tuple[frozenset[str], ...]
    """Distinct needs; a contender registers them once."""
    asked: tuple[int, ...]
    """Index into ``needs`` of each operation."""


def make(kind: str, agents: int, operations: int) -> Workload:
    """
    Make a workload.

    Args:
        kind: One of ``KINDS``.
        agents: How many, 1 or more.
        operations: How many calls, 1 or more.
    """
    draw = random.Random(f"{kind} {agents}")  # noqa: S311 - the same for everybody
    maker = _realistic if kind == "realistic" else _adversarial
    held, needs = maker(draw, agents)
    asked = tuple(draw.randrange(len(needs)) for _ in range(operations))
    return Workload(f"{kind}_{agents}", held, needs, asked)


_Made = tuple[tuple[frozenset[str], ...], tuple[frozenset[str], ...]]


def _realistic(draw: random.Random, agents: int) -> _Made:
    profiles = [frozenset(draw.sample(TAGS, draw.randint(3, 8))) for _ in range(40)]
    weights = [1 / rank for rank in range(1, 41)]
    held = tuple(draw.choices(profiles, weights, k=agents))
    return held, tuple({_some(draw, draw.choice(profiles)) for _ in range(60)})


def _adversarial(draw: random.Random, agents: int) -> _Made:
    held = tuple(frozenset(draw.sample(TAGS, 6)) for _ in range(agents))
    return held, tuple({_some(draw, draw.choice(held)) for _ in range(2000)})


def _some(draw: random.Random, tags: frozenset[str]) -> frozenset[str]:
    return frozenset(draw.sample(sorted(tags), draw.randint(1, 3)))
