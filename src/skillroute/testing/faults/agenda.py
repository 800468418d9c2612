"""
Time in a fault simulation: what happens next, and what the clocks show meanwhile.

Nothing waits and nothing asks a real clock: the agenda jumps to the next entry.  The
monotonic clock only goes on; the wall clock of the simulated machine jumps, stands
still and is put right again (fault F7).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

__all__ = ["Agenda", "WallClock"]


class Agenda:
    """
    What is going to happen, in the order in which it will; ties as they were entered.
    """

    def __init__(self) -> None:
        self.now_ms = 0
        """Milliseconds since the run began; never goes back."""
        self._entries: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    @property
    def next_ms(self) -> int | None:
        """
        When the next entry is due; None: nothing is entered.
        """
        return self._entries[0][0] if self._entries else None

    def after(self, delay_ms: int, what: Callable[[], None]) -> None:
        """
        Let something happen after so long, at the earliest now.
        """
        self._count += 1
        due_ms = self.now_ms + max(0, delay_ms)
        heapq.heappush(self._entries, (due_ms, self._count, what))

    def go_to(self, now_ms: int) -> None:
        """
        Let it be later; nothing that is entered may be due before.
        """
        assert now_ms >= self.now_ms
        self.now_ms = now_ms

    def take(self) -> None:
        """
        Go to the next entry, and let it happen.
        """
        due_ms, _, what = heapq.heappop(self._entries)
        self.now_ms = max(self.now_ms, due_ms)
        what()


class WallClock:
    """
    The wall clock of the machine on which the driver runs.
    """

    def __init__(self, agenda: Agenda, start_ms: int) -> None:
        self._agenda = agenda
        self._offset_ms = start_ms
        self._frozen_ms: int | None = None

    @property
    def now_ms(self) -> int:
        """
        What it shows, epoch milliseconds.
        """
        if self._frozen_ms is not None:
            return self._frozen_ms
        return self._agenda.now_ms + self._offset_ms

    def jump(self, by_ms: int) -> None:
        """
        Put it forward or back; never before 1970.
        """
        self._offset_ms = max(0, self._offset_ms + by_ms)

    def freeze(self) -> None:
        """
        Let it show the same until it is thawed.
        """
        self._frozen_ms = self.now_ms

    def thaw(self) -> None:
        """
        Let it show the right time again.
        """
        self._frozen_ms = None
