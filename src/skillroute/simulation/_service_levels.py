"""
Service levels by name: what is counted above and below the line of each.

A service level without its name says nothing: of the same day the definitions below
give figures that lie ten and more points apart.  Sources are in
``docs/explanation/service-levels.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

import msgspec

__all__ = [
    "SERVICE_LEVELS",
    "LevelCounts",
    "LevelName",
    "service_level",
    "service_level_parts",
]

LevelName: TypeAlias = Literal[
    "all_offered",
    "answered_only",
    "abandon_positive",
    "dequeued",
    "ignore_quick_abandon",
    "short_positive",
    "short_excluded",
    "with_flow_out",
    "all_arrived",
]


class LevelCounts(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the definitions are made of.
    """

    answered: int
    abandoned: int
    answered_within: int
    """Answered with a wait of at most the threshold."""
    abandoned_within: int
    """Abandoned with a wait of at most the threshold."""
    abandoned_short: int = 0
    """Abandoned with a wait of at most the time for which an abandoned call is short;
    one of ``abandoned_within``."""
    flowed_out: int = 0
    """Given up by the queue: to voicemail, another number, a message."""
    arrived: int = 0
    """Everybody who called, also the blocked and those in progress."""


_Parts: TypeAlias = Callable[[LevelCounts], tuple[int, int]]

SERVICE_LEVELS: dict[LevelName, tuple[_Parts, str]] = {
    "all_offered": (
        lambda c: (c.answered_within, c.answered + c.abandoned),
        "answered in time, of those answered or abandoned",
    ),
    "answered_only": (
        lambda c: (c.answered_within, c.answered),
        "answered in time, of those answered",
    ),
    "abandon_positive": (
        lambda c: (c.answered_within + c.abandoned_within, c.answered + c.abandoned),
        "answered or abandoned in time, of those answered or abandoned",
    ),
    "dequeued": (
        lambda c: (
            c.answered_within + c.abandoned_within,
            c.answered + c.abandoned + c.flowed_out,
        ),
        "answered or abandoned in time, of those who entered the queue",
    ),
    "ignore_quick_abandon": (
        lambda c: (c.answered_within, c.answered + c.abandoned - c.abandoned_within),
        "answered in time, of those answered or abandoned too late",
    ),
    "short_positive": (
        lambda c: (c.answered_within + c.abandoned_short, c.answered + c.abandoned),
        "answered in time or abandoned at once, of those answered or abandoned",
    ),
    "short_excluded": (
        lambda c: (c.answered_within, c.answered + c.abandoned - c.abandoned_short),
        "answered in time, of those answered or abandoned, but not at once",
    ),
    "with_flow_out": (
        lambda c: (c.answered_within, c.answered + c.abandoned + c.flowed_out),
        "answered in time, of those answered, abandoned or given up by the queue",
    ),
    "all_arrived": (
        lambda c: (c.answered_within, c.arrived),
        "answered in time, of everybody who called, the blocked ones, too",
    ),
}
"""By name: how the two numbers of the ratio are counted, and the same in words."""

assert tuple(SERVICE_LEVELS) == get_args(LevelName)


def service_level_parts(name: LevelName, counts: LevelCounts) -> tuple[int, int]:
    """
    Return the numerator and the denominator of a service level.

    Args:
        name: Which definition.
        counts: Of one group of calls.
    """
    parts, _ = SERVICE_LEVELS[name]
    return parts(counts)


def service_level(name: LevelName, counts: LevelCounts) -> Fraction | None:
    """
    Return a service level, exactly.

    Args:
        name: Which definition.
        counts: Of one group of calls.

    Returns:
        0 to 1; None: there was nothing to count, which is neither good nor bad.
    """
    above, below = service_level_parts(name, counts)
    return Fraction(above, below) if below > 0 else None
