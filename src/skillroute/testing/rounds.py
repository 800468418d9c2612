"""
Rounds, followed from the outside: nobody is offered a call twice in one (rule 17.3).
"""

from __future__ import annotations

from collections.abc import Container

from ..actions import Action, CancelOffer, OfferCall, StartWaiting
from ..reference.state import Call, Snapshot
from ..reference.timers import TimerKind
from .seen import Seen

__all__ = ["Rounds"]


class Rounds:
    """
    Who was offered which call, and when each call's round began anew.
    """

    def __init__(self) -> None:
        self._offered_ms: dict[tuple[str, str], int] = {}
        self._emptied_ms: dict[int, int] = {}

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
        broken = []
        by_id = seen.calls
        self._note_new_rounds(seen.before, seen.now_ms)
        entered = {a.call for a in seen.actions if isinstance(a, StartWaiting)}
        for pair in [pair for pair in self._offered_ms if pair[0] in entered]:
            del self._offered_ms[pair]
        self._forgive(seen.actions)
        for action in seen.at_rest:
            call = by_id.get(action.call)
            if call is not None:
                broken += self._offered(seen, call, action)
        return broken

    def _offered(self, seen: Seen, call: Call, action: OfferCall) -> list[str]:
        """
        Judge one offer, and remember it.
        """
        broken = []
        now_ms = seen.now_ms
        last_ms = self._offered_ms.get((action.call, action.agent), -1)
        retry_ms = seen.plan.queues[call.queue].retry_after_ms
        emptied_ms = self._emptied_ms.get(call.sequence, -1)
        if last_ms >= 0 and emptied_ms < last_ms and now_ms - last_ms < retry_ms:
            broken.append(f"17.3: {action.call} offered again to {action.agent}")
        agent = seen.serving.numbers[action.agent]
        state, units = seen.after.agents[agent], seen.plan.agents[agent].units
        if len(state.offers) + state.occupied > units:
            broken.append(f"17.2: {action.agent} is offered more than they can take")
        if agent in (*call.tried, *call.declined):
            broken.append(f"7.4: {action.agent} was tried for {action.call}")
        self._offered_ms[action.call, action.agent] = now_ms
        return broken

    def _note_new_rounds(self, before: Snapshot | None, now_ms: int) -> None:
        """
        Remember when each call's tried set was emptied last.
        """
        for timer in before.timers if before else ():
            if (
                timer.kind == TimerKind.TRIED_SET_EMPTIED
                and timer.deadline_ms <= now_ms
            ):
                self._emptied_ms[timer.subject] = timer.deadline_ms

    def _forgive(self, actions: tuple[Action, ...]) -> None:
        """
        Forget offers that were withdrawn since another was accepted: nobody was tried.
        """
        for action in actions:
            if isinstance(action, CancelOffer) and action.reason in (
                "answered_elsewhere",
                "host_lost",
                "moved",
            ):
                self._offered_ms.pop((action.call, action.agent), None)
