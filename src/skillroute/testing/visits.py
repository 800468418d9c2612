"""
Visits of queues, followed from the outside: one result each (rule 14).
"""

from __future__ import annotations

from ..actions import Action, RecordOutcome, RecordResult, StartWaiting
from ..reference.state import CallPhase, Snapshot

__all__ = ["Visits"]

_ON_ENTRY = {
    f"overflowed:{limit}"
    for limit in (
        "closed",
        "nobody_on_shift",
        "nobody_logged_in",
        "size_per_caller",
        "size",
    )
}
"""Results of calls that were never let in (rule 9.3)."""


class Visits:
    """
    Which calls are in a queue, and which have ever been in one.
    """

    def __init__(self) -> None:
        self._visiting: set[str] = set()
        self._visited: set[str] = set()

    def begin_with(self, state: Snapshot) -> None:
        """
        Learn from a state who is in a queue, and who has been.
        """
        for call in state.calls:
            if call.phase <= CallPhase.CONNECTING:
                self._visiting.add(call.id)
            if call.phase <= CallPhase.CONNECTING or call.last_result:
                self._visited.add(call.id)

    def check(self, actions: tuple[Action, ...]) -> list[str]:
        """
        Return what is wrong with the results among some orders, in words.
        """
        broken: list[str] = []
        for action in actions:
            if isinstance(action, StartWaiting):
                if action.call in self._visiting:
                    broken.append(f"14: {action.call} is in two queues")
                self._visiting.add(action.call)
                self._visited.add(action.call)
            elif isinstance(action, RecordResult):
                broken += self._result(action)
            elif isinstance(action, RecordOutcome):
                has_result = action.call in self._visited - self._visiting
                if bool(action.last_result) != has_result:
                    broken.append(f"14: {action.call} ended without a result")
                self._visited.discard(action.call)
                self._visiting.discard(action.call)
        return broken

    def _result(self, action: RecordResult) -> list[str]:
        """
        A limit on entry lets nobody in, so its result needs no beginning.
        """
        known = action.call in self._visiting
        self._visiting.discard(action.call)
        self._visited.add(action.call)
        at_once = action.result in _ON_ENTRY
        if not (known or at_once) or action.waited_ms < 0:
            return [f"14: second result of {action.call}: {action}"]
        return []
