"""
What was told and waits to be handled, in order.
"""

from __future__ import annotations

from collections import Counter, deque

import msgspec

from ..events import CallArrived, Event

__all__ = ["Intake", "Told"]


class Told(msgspec.Struct):
    """
    An event that was told.
    """

    ticket: int
    event: Event
    host: str
    arrived: frozenset[str] | None = None
    """What a host says when it is connected: the calls whose arrivals it tells."""

    @property
    def call(self) -> str:
        """
        The call that arrives; empty: none does.
        """
        return self.event.call if isinstance(self.event, CallArrived) else ""

    @property
    def is_counted(self) -> bool:
        """
        Tell whether who tells such things without end floods: a call that was there
        when its host was connected is told once.
        """
        return self.arrived is None or not self.call


class Intake:
    """
    A line of what was told.
    """

    def __init__(self) -> None:
        self._line: deque[Told] = deque()
        self.counted = 0
        """How much of it counts as a flood if it is too much."""

    def __len__(self) -> int:
        """Return how much waits."""
        return len(self._line)

    def put(self, told: Told) -> None:
        """
        Let something wait behind the others.
        """
        self._line.append(told)
        self.counted += told.is_counted

    def take(self) -> Told:
        """
        Take what came first.
        """
        told = self._line.popleft()
        self.counted -= told.is_counted
        return told

    def calls(self) -> set[str]:
        """
        Return the calls whose arrivals wait; linear in what waits.
        """
        return {told.call for told in self._line}

    def who_floods(self) -> str:
        """
        Return the host that has told most of what is counted; linear in what waits.
        """
        told: Counter[str] = Counter()
        for each in self._line:
            told[each.host] += each.is_counted
        return max(sorted(told), key=lambda host: told[host])

    def drop(self, host: str | None = None) -> list[Told]:
        """
        Take out all that a host has told, or everything.
        """
        dropped = [each for each in self._line if host in (None, each.host)]
        self._line = deque(each for each in self._line if host not in (None, each.host))
        self.counted -= sum(each.is_counted for each in dropped)
        return dropped
