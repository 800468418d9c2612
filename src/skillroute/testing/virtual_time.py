"""
An asyncio loop whose time jumps: whatever sleeps a day is done in a moment.

Nothing really waits in it, so it is as fast as the code that runs, and the order of
all that happens follows from the code alone.  It must not wait for another thread.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from ..driver import Reading

__all__ = ["VirtualClock", "VirtualLoop", "run_virtually"]

_T = TypeVar("_T")


class _JumpingSelector(selectors.BaseSelector):
    """
    Does not wait for input: it lets the time pass that the loop would have waited.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self.time_s = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what can be read now; else let the time pass."""
        ready = self._selector.select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everything waits, and nothing will ever happen")
            self.time_s += max(timeout, 0)
        return ready

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        """Watch a file, as the real selector does."""
        return self._selector.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Watch it no more."""
        return self._selector.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return what is watched."""
        return self._selector.get_map()

    def close(self) -> None:
        """Close the real selector."""
        self._selector.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    The loop; its time begins at 0.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._jumping.time_s


class VirtualClock:
    """
    The clocks of a driver in a virtual loop.

    Args:
        loop: The loop.
        start_ms: What the wall clock shows as it begins, epoch milliseconds.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, start_ms: int) -> None:
        self._loop = loop
        self.wall_ahead_ms = start_ms
        """Wall clock minus monotonic clock; a test may let it jump."""
        self.slept_ms = 0
        """Both clocks have gone on by so much while nothing ran."""

    def read(self) -> Reading:
        """Read both clocks."""
        monotonic_ms = round(self._loop.time() * 1000) + self.slept_ms
        return Reading(monotonic_ms, monotonic_ms + self.wall_ahead_ms)


def run_virtually(main: Coroutine[Any, Any, _T]) -> _T:
    """
    Run a coroutine in a new virtual loop, as ``asyncio.run`` does in a real one.

    Raises:
        RuntimeError: Everything waits for something that will never happen.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
