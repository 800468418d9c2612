"""
Rounds, followed from the outside: nobody is offered a call twice in one (rule 17.3).
"""

from __future__ import annotations

from collections.abc import Container

from ..actions import CancelOffer, OfferCall, RecordAssignment, StartWaiting
from ..reference.state import Snapshot
from ..reference.timers import TimerKind
from .seen import Seen

__all__ = ["Rounds"]

_UNTRIED = ("answered_elsewhere", "host_lost", "moved", "removed")
"""Why an offer is withdrawn without its agent having been tried."""


class Rounds:
    """
    Who was offered which call, and when each call's round began anew.
    """

    def __init__(self) -> None:
        self._offered_ms: dict[tuple[str, str], int] = {}
        """(call, agent) to the earliest time at which the last offer may have been."""
        self._emptied_ms: dict[str, int] = {}

    def reload(self, agents: Container[str]) -> None:
        """
        Forget the agents who are not among these: they may come back as new ones.
        """
        for pair in [pair for pair in self._offered_ms if pair[1] not in agents]:
            del self._offered_ms[pair]

    def check(self, seen: Seen) -> list[str]:
        """
        Rule 17.3: in one round no agent is offered the same call twice.

        Between two offers of one call to one agent the tried set was emptied: its
        timer was seen to pass, or at least ``retry_after`` has gone by.
        """
        broken: list[str] = []
        self._note_new_rounds(seen.before, seen.now_ms)
        told = {a.offer for a in seen.actions if isinstance(a, RecordAssignment)}
        for action in seen.actions:
            if isinstance(action, StartWaiting):
                self._forget_call(action.call)
            elif isinstance(action, CancelOffer):
                # Nobody was tried whose offer somebody else's answer has ended.
                if action.reason in _UNTRIED:
                    self._offered_ms.pop((action.call, action.agent), None)
            elif isinstance(action, OfferCall) and action.offer not in told:
                broken += self._offered(seen, action)
        return broken + _tried(seen)

    def _offered(self, seen: Seen, action: OfferCall) -> list[str]:
        """
        Judge one offer, and remember it.

        One that a timer made may be as old as the last event: then only what has been
        too soon in any case is called so.
        """
        pair = (action.call, action.agent)
        is_now = action.id[:2] == (seen.after.event_sequence, 0)
        begun_ms = (seen.before.clock_ms or 0) if seen.before else 0
        last_ms = self._offered_ms.get(pair)
        self._offered_ms[pair] = seen.now_ms if is_now else begun_ms
        if last_ms is None or self._emptied_ms.get(action.call, -1) >= last_ms:
            return []
        retries_ms = [
            queue.retry_after_ms
            for queue in seen.plan.queues
            if queue.name == action.queue
        ]
        if seen.now_ms - last_ms >= min(retries_ms, default=0):
            return []
        return [f"17.3: {action.call} offered again to {action.agent}"]

    def _forget_call(self, call: str) -> None:
        for pair in [pair for pair in self._offered_ms if pair[0] == call]:
            del self._offered_ms[pair]

    def _note_new_rounds(self, before: Snapshot | None, now_ms: int) -> None:
        """
        Remember when each call's tried set was emptied last.
        """
        if before is None:
            return
        kind = TimerKind.TRIED_SET_EMPTIED
        ids = {call.sequence: call.id for call in before.calls}
        self._emptied_ms |= {
            ids[timer.subject]: timer.deadline_ms
            for timer in before.timers
            if timer.kind == kind and timer.deadline_ms <= now_ms
        }


def _tried(seen: Seen) -> list[str]:
    """
    Who was offered a call though tried for it, or having no unit left.
    """
    broken = []
    by_id = seen.calls
    for action in seen.at_rest:
        call = by_id.get(action.call)
        if call is None:
            continue
        agent = seen.serving.numbers[action.agent]
        state, units = seen.after.agents[agent], seen.plan.agents[agent].units
        if len(state.offers) + state.occupied > units:
            broken.append(f"17.2: {action.agent} is offered more than they can take")
        if agent in (*call.tried, *call.declined):
            broken.append(f"7.4: {action.agent} was tried for {action.call}")
    return broken
