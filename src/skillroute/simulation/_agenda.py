"""
What is going to happen, in order: by time, then by rank, then as it was noted.

Of what happens in one millisecond the lower rank comes first: who is free is known
before who is asked, who answers before who gives up, and a caller without patience is
served if anybody is free.
"""

from __future__ import annotations

import enum
from heapq import heappop, heappush
from typing import Any, TypeAlias

__all__ = ["Agenda", "Happening", "Rank"]

Happening: TypeAlias = tuple[Any, ...]
"""What happens, in words, and to whom."""


class Rank(enum.IntEnum):
    """
    What comes first of what happens at one instant.
    """

    TOLD = 0
    """Log-ins and breaks."""
    LEG_GONE = 1
    TALK_ENDS = 2
    WRAP_UP_ENDS = 3
    REACTION = 4
    """An agent answers or refuses."""
    JOINED = 5
    ELSEWHERE = 6
    """Mailboxes and outside numbers."""
    LEAVES = 7
    COMES = 8
    """A caller has passed the menu, or tries again."""
    DIALS = 9


class Agenda:
    """
    All that is going to happen.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Happening]] = []
        self._noted = 0

    def note(self, at_ms: int, rank: Rank, happening: Happening) -> None:
        """
        Note what is going to happen.
        """
        self._noted += 1
        heappush(self._heap, (at_ms, rank, self._noted, happening))

    def note_dial(self, at_ms: int, source: int, happening: Happening) -> None:
        """
        Note the next call of a source, whose place at an instant is that of the source.
        """
        heappush(self._heap, (at_ms, Rank.DIALS, source, happening))

    @property
    def next_ms(self) -> int | None:
        """
        When something happens next; None: nothing does.
        """
        return self._heap[0][0] if self._heap else None

    def take(self) -> Happening:
        """
        Take what happens next.
        """
        return heappop(self._heap)[3]
