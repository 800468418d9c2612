"""
Calls hooks, each in a thread of its own, so that one that hangs holds up nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

import pluggy

from ..hookspecs import ObservedMoment
from ._messages import AskLookUp, AskObserver

__all__ = ["HookCalls", "HookHandler"]

_THREADS_MAX = 64

HookHandler: TypeAlias = Callable[[int, object, str], None]
"""Told (id, answer, why it failed); the last is empty if it did not."""


class _Observer(Protocol):
    def __call__(self, *, moments: tuple[ObservedMoment, ...]) -> object: ...


class HookCalls:
    """
    The hooks of all plugins.

    Args:
        manager: The plugins; None: there are none.
        handler: Told what came of each call, in the thread of the call.
        threads: False: hooks are called at once, as in virtual time.
    """

    def __init__(
        self,
        manager: pluggy.PluginManager | None,
        handler: HookHandler,
        *,
        threads: bool,
    ) -> None:
        self._manager = manager
        self._handler = handler
        self._threads = threads
        self._busy = 0
        self._lock = threading.Lock()
        self._observers: dict[str, _Observer] = {}
        if manager is not None:
            for found in manager.hook.skillroute_observe.get_hookimpls():
                self._observers[found.plugin_name] = found.function

    @property
    def observers(self) -> tuple[str, ...]:
        """
        Names of the plugins that observe.
        """
        return tuple(self._observers)

    def ask(self, ask: AskLookUp | AskObserver) -> None:
        """
        Call a hook, and come back at once.
        """
        if not self._threads:
            self._call(ask)
            return
        with self._lock:
            is_full = self._busy >= _THREADS_MAX
            self._busy += not is_full
        if is_full:
            self._handler(ask.id, None, f"{_THREADS_MAX} hooks hang already")
            return
        # A daemon: a hook that never returns must not keep the process alive.
        threading.Thread(target=self._call_in_thread, args=(ask,), daemon=True).start()

    def _call_in_thread(self, ask: AskLookUp | AskObserver) -> None:
        try:
            self._call(ask)
        finally:
            with self._lock:
                self._busy -= 1

    def _call(self, ask: AskLookUp | AskObserver) -> None:
        try:
            answer = self._answer(ask)
        # Whatever a plugin raises, a call is never lost to it.
        except Exception as error:  # noqa: BLE001
            name = getattr(ask, "observer", "skillroute_look_up")
            self._handler(ask.id, None, f"{name} raised {error!r}")
        else:
            self._handler(ask.id, answer, "")

    def _answer(self, ask: AskLookUp | AskObserver) -> object:
        if isinstance(ask, AskObserver):
            return self._observers[ask.observer](moments=ask.moments)
        if self._manager is None:
            return None
        return self._manager.hook.skillroute_look_up(order=ask.order)
