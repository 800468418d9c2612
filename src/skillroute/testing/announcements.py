"""
Announcements, followed from the outside: what a caller is told never rises (rule 8.5).
"""

from __future__ import annotations

from ..actions import Action, AnnouncePosition, RecordOutcome
from ..plan.compiled import CompiledPlan
from ..reference.state import CallPhase, Snapshot
from ..reference.timers import TimerKind

__all__ = ["Announcements"]

_REMEMBERED_MAX = 50


class Announcements:
    """
    What every caller was told last.
    """

    def __init__(self) -> None:
        self._told: dict[str, tuple[int | None, int | None]] = {}

    def begin_with(self, state: Snapshot) -> None:
        """
        Learn from a state what callers were told.
        """
        self._told = {
            call.id: (call.announced_position, call.announced_wait_ms)
            for call in state.calls
        }

    def check(
        self, plan: CompiledPlan, after: Snapshot, actions: tuple[Action, ...]
    ) -> list[str]:
        """
        Return what is wrong with the announcements of an event, in words.

        Args:
            plan: The one that holds after the event.
            after: The state after it.
            actions: Its orders.
        """
        broken: list[str] = []
        for action in actions:
            if isinstance(action, AnnouncePosition):
                broken += self._risen(action)
            elif isinstance(action, RecordOutcome):
                self._told.pop(action.call, None)
        broken += _missing(plan, after)
        broken += [
            f"8.5: {len(lengths_ms)} calls of queue {queue} are remembered"
            for queue, lengths_ms in after.handled
            if len(lengths_ms) > _REMEMBERED_MAX
        ]
        for call in after.calls:
            told = self._told.get(call.id, (None, None))
            if (call.announced_position, call.announced_wait_ms) != told:
                broken.append(f"8.5: {call.id} was told {told}")
        return broken

    def _risen(self, action: AnnouncePosition) -> list[str]:
        position, wait_ms = self._told.get(action.call, (None, None))
        if not action.position and action.expected_wait_ms is None:
            return [f"8.5: {action.call} is told nothing"]
        broken = []
        if position is not None and action.position > position:
            broken.append(f"8.5: the place of {action.call} rises")
        if wait_ms is not None and (action.expected_wait_ms or 0) > wait_ms:
            broken.append(f"8.5: the wait of {action.call} rises")
        if action.expected_wait_ms is not None:
            wait_ms = action.expected_wait_ms
        self._told[action.call] = (action.position or position, wait_ms)
        return broken


def _missing(plan: CompiledPlan, after: Snapshot) -> list[str]:
    """
    List the calls in line that will be told nothing though their queue says so.
    """
    kind = TimerKind.ANNOUNCEMENT_DUE
    due = {timer.subject for timer in after.timers if timer.kind == kind}
    return [
        f"17.12: {call.id} awaits announcements in vain, or none"
        for call in after.calls
        if call.phase <= CallPhase.CONNECTING
        and (call.sequence in due)
        != (plan.queues[call.queue].announcements.every_ms is not None)
    ]
