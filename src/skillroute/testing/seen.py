"""
One event as it is seen from outside: what was before and after it, and its orders.
"""

from __future__ import annotations

from typing import NamedTuple

from ..actions import Action, OfferCall, RecordAssignment
from ..plan.compiled import CompiledPlan
from ..reference.state import Call, Snapshot
from .serving import Serving

__all__ = ["Seen"]


class Seen(NamedTuple):
    """
    What the checks of the ``Ledger`` look at after an event.
    """

    serving: Serving
    """Who could serve whom after it."""
    before: Snapshot | None
    """The state before it; None: nothing was seen yet."""
    after: Snapshot
    actions: tuple[Action, ...]

    @property
    def plan(self) -> CompiledPlan:
        """
        The plan that holds after the event, with the overlay.
        """
        return self.serving.plan

    @property
    def now_ms(self) -> int:
        """
        The time of the event.
        """
        return self.after.clock_ms or 0

    @property
    def calls(self) -> dict[str, Call]:
        """
        By id, the calls in progress after the event.
        """
        return {call.id: call for call in self.after.calls}

    @property
    def at_rest(self) -> tuple[OfferCall, ...]:
        """
        The offers after which nothing changed any more: those of the event itself,
        if no timer fired behind it.  What a supervisor or an agent said is no choice.
        """
        if self.after.timer_ordinal != 0:
            return ()
        told = {a.offer for a in self.actions if isinstance(a, RecordAssignment)}
        return tuple(
            action
            for action in self.actions
            if isinstance(action, OfferCall)
            and action.id[:2] == (self.after.event_sequence, 0)
            and action.offer not in told
        )
