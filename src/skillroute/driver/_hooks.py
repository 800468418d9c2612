"""
Hooks that were asked, and how long they may take.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from ..actions import LookUp
from ..hookspecs import ObservedMoment
from ._messages import AskLookUp, AskObserver
from ._settings import DriverSettings

__all__ = ["HookBook"]


class _Observer(msgspec.Struct):
    """
    One plugin that observes: one bundle at a time, the rest is kept for it.
    """

    name: str
    backlog: deque[ObservedMoment]
    asked: int = 0
    """Id of what it is busy with; 0: nothing."""
    late_at: int | None = None
    """When it is late; None: it is not busy, or was noted as late."""
    missed: int = 0


class HookBook:
    """
    Keeps what hooks were asked and have not answered.

    Args:
        settings: Their budget.
        observers: Names of the plugins that observe.
    """

    def __init__(self, settings: DriverSettings, observers: tuple[str, ...]) -> None:
        self._budget_ms = settings.hook_budget_ms
        self._observed_max = settings.observed_max
        self._ids = 0
        self._look_ups: dict[int, tuple[LookUp, int]] = {}
        """By id: what was asked, and when it is late."""
        self._observers = [_Observer(name, deque()) for name in observers]

    def ask(self, order: LookUp, monotonic_ms: int) -> AskLookUp:
        """
        Ask about a caller.
        """
        self._ids += 1
        self._look_ups[self._ids] = (order, monotonic_ms + self._budget_ms)
        return AskLookUp(self._ids, order)

    def answered(self, id: int) -> LookUp | None:
        """
        Close what was asked; None: it was no look-up, or is closed already.
        """
        for observer in self._observers:
            if observer.asked == id:
                observer.asked, observer.late_at = 0, None
        order, _ = self._look_ups.pop(id, (None, 0))
        return order

    def is_open(self, id: int) -> bool:
        """
        Tell whether an answer still counts.
        """
        return id in self._look_ups or any(o.asked == id for o in self._observers)

    def saw(self, moment: ObservedMoment) -> None:
        """
        Keep a moment for everybody who observes.
        """
        for observer in self._observers:
            if len(observer.backlog) < self._observed_max:
                observer.backlog.append(moment)
            else:
                observer.missed += 1

    def ready(self, monotonic_ms: int) -> Iterator[AskObserver | str]:
        """
        Give every observer that is not busy what was kept for it.

        Yields:
            What to ask; and a text for each that has missed something.
        """
        for observer in self._observers:
            if observer.asked or not observer.backlog:
                continue
            self._ids += 1
            observer.asked = self._ids
            observer.late_at = monotonic_ms + self._budget_ms
            moments = tuple(observer.backlog)
            observer.backlog.clear()
            if observer.missed:
                yield f"{observer.name} missed {observer.missed} moments"
                observer.missed = 0
            yield AskObserver(observer.asked, observer.name, moments)

    def late(self, monotonic_ms: int) -> Iterator[tuple[str, LookUp | None]]:
        """
        Close what is late; an observer stays busy, and is named once.

        Yields:
            Why, and the look-up that is given up.
        """
        for id, (order, late_at) in list(self._look_ups.items()):
            if late_at <= monotonic_ms:
                del self._look_ups[id]
                yield f"skillroute_look_up took longer than {self._budget_ms} ms", order
        for observer in self._observers:
            if observer.late_at is not None and observer.late_at <= monotonic_ms:
                observer.late_at = None
                name = observer.name
                yield f"{name} took longer than {self._budget_ms} ms to observe", None

    def deadlines(self) -> Iterator[int]:
        """
        List when something will be late, by the monotonic clock.
        """
        # Asked in this order, with one budget: the first is the first to be late.
        if self._look_ups:
            yield next(iter(self._look_ups.values()))[1]
        for observer in self._observers:
            if observer.late_at is not None:
                yield observer.late_at
