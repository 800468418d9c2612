"""
Clocks: that of the engine, and those of the machine.
"""

from __future__ import annotations

import time
from typing import Protocol

from ._messages import Reading

__all__ = ["Clock", "EngineClock", "SystemClock"]

_DEAD_MS = 1_000
"""How long nobody lived at least before a start, if the wall clock cannot tell."""


class Clock(Protocol):
    """
    Where a driver reads the time.
    """

    def read(self) -> Reading:
        """Read both clocks."""


class SystemClock:
    """
    The machine's clocks; the monotonic one goes on while it is suspended.

    Source: clock_gettime(2): ``CLOCK_BOOTTIME`` is ``CLOCK_MONOTONIC`` and the time
    that the system was suspended (Linux only).
    """

    def __init__(self) -> None:
        self._id = getattr(time, "CLOCK_BOOTTIME", None)

    def read(self) -> Reading:
        """Read both clocks."""
        monotonic_ns = (
            time.monotonic_ns() if self._id is None else time.clock_gettime_ns(self._id)
        )
        return Reading(monotonic_ns // 1_000_000, time.time_ns() // 1_000_000)


class EngineClock:
    """
    The engine's clock: epoch milliseconds that run on the monotonic clock.

    It goes on behind the last time of the journal, even if the wall clock was set back.
    Then a second or two are taken to have passed, and not always the same time: numbers
    that were given meanwhile and could not be recorded are not given again (rule 18.2).

    Args:
        reading: Both clocks at the start.
        last_ms: Last time that the journal has; None: it has none.
    """

    def __init__(self, reading: Reading, last_ms: int | None) -> None:
        wall_ms = reading.wall_ms
        self._now_ms = wall_ms
        if last_ms is not None and wall_ms <= last_ms:
            self._now_ms = last_ms + _DEAD_MS + wall_ms % _DEAD_MS
        self._ahead_ms = self._now_ms - reading.monotonic_ms

    def now_ms(self, reading: Reading) -> int:
        """
        Return the engine's time; never earlier than before.
        """
        self._now_ms = max(self._now_ms, reading.monotonic_ms + self._ahead_ms)
        return self._now_ms

    def wall_offset_ms(self, reading: Reading) -> int:
        """
        Return how far the wall clock is before the engine's, negative: behind it.
        """
        return reading.wall_ms - (reading.monotonic_ms + self._ahead_ms)

    def monotonic_ms(self, at_ms: int) -> int:
        """
        Return when the monotonic clock reaches an instant of the engine's.
        """
        return at_ms - self._ahead_ms
