"""
Hours of small random sites.
"""

from __future__ import annotations

import random

from ..plan.compiled import CompiledSchedule, CompiledZone

__all__ = ["random_schedule", "random_zone"]

_HOUR_MS = 3_600_000
_WEEK_MS = 604_800_000


def random_zone(draw: random.Random, start_ms: int) -> CompiledZone:
    """
    Make a zone whose clock is put forward or back within the first days.
    """
    first = start_ms + draw.randint(0, 3) * _HOUR_MS + draw.choice((0, 500))
    second = first + draw.choice((30 * 60_000, 20 * _HOUR_MS, 10 * _WEEK_MS))
    offset = draw.choice((0, 3, -5)) * _HOUR_MS
    shift = draw.choice((_HOUR_MS, -_HOUR_MS, 30 * 60_000))
    return CompiledZone(
        name="Test/Zone",
        transitions_ms=(first, second),
        offsets_ms=(offset, offset + shift, offset),
    )


def random_schedule(draw: random.Random, name: str) -> CompiledSchedule:
    """
    Make a schedule that is always open, never, or some times a week.
    """
    kind = draw.random()
    if kind < 0.2:
        weekly: tuple[tuple[int, int], ...] = ((0, _WEEK_MS),)
    elif kind < 0.25:
        weekly = ()
    else:
        edges = sorted(draw.sample(range(336), 2 * draw.randint(1, 20)))
        half = _HOUR_MS // 2
        pairs = zip(edges[::2], edges[1::2], strict=True)
        weekly = tuple((start * half, end * half) for start, end in pairs)
    return CompiledSchedule(name=name, zone=0, weekly_ms=weekly)
