"""
What became of each call, and what was decided about it, step by step.
"""

from __future__ import annotations

import msgspec

from ..actions import (
    Action,
    CancelOffer,
    OfferCall,
    RecordOutcome,
    RecordResult,
    StartWaiting,
)
from ..events import CallArrived, CallConnected, Event

__all__ = ["Fate", "FateBook", "Step"]


class Step(msgspec.Struct, frozen=True):
    """
    One decision about a call.
    """

    at_ms: int
    call: str
    what: str
    """Such as ``rings anna`` or ``ends: abandoned``."""


class Fate(msgspec.Struct, kw_only=True):
    """
    What became of one call.
    """

    call: str
    arrived_ms: int
    queue: str = ""
    """The last that it waited in; empty: none."""
    outcome: str = ""
    """Empty: it had not ended."""
    agent: str = ""
    """Who answered first; empty: nobody."""
    wait_ms: int = 0
    """From the arrival to the conversation, else to the end of waiting."""
    rung: list[str] = []
    """Agents it was offered to, in that order."""


class FateBook:
    """
    Keeps what becomes of calls.
    """

    def __init__(self) -> None:
        self.fates: dict[str, Fate] = {}
        """By call, in the order of arrival."""
        self.steps: list[Step] = []
        """Every decision, in order."""
        self.open = 0
        """How many calls have not ended."""
        self._offers: dict[int, OfferCall] = {}

    def note(
        self, event: Event | None, at_ms: int, actions: tuple[Action, ...]
    ) -> None:
        """
        Note one event that was applied, or None for a timer, and its orders.
        """
        if isinstance(event, CallArrived):
            self.fates[event.call] = Fate(call=event.call, arrived_ms=at_ms)
            self.open += 1
        elif isinstance(event, CallConnected) and event.offer in self._offers:
            offer = self._offers[event.offer]
            fate = self.fates.get(offer.call)
            if fate is not None and not fate.agent:
                fate.agent = offer.agent
                fate.wait_ms = at_ms - fate.arrived_ms
        for action in actions:
            self._note_action(action, at_ms)

    def offer(self, id: int) -> OfferCall | None:
        """
        Find an offer that was made.
        """
        return self._offers.get(id)

    def _note_action(self, action: Action, at_ms: int) -> None:
        fate = self.fates.get(getattr(action, "call", ""))
        if fate is None:
            return
        what = ""
        match action:
            case OfferCall(agent=agent, offer=offer):
                self._offers[offer] = action
                fate.rung.append(agent)
                what = f"rings {agent}"
            case CancelOffer(agent=agent, reason=reason):
                what = f"stops ringing {agent} ({reason})"
            case StartWaiting(queue=queue):
                fate.queue = queue
                what = f"waits in {queue}"
            case RecordResult(queue=queue, result=result):
                if not fate.agent:
                    fate.wait_ms = at_ms - fate.arrived_ms
                what = f"leaves {queue}: {result}"
            case RecordOutcome(outcome=outcome):
                self._end(fate, outcome, at_ms)
                what = f"ends: {outcome}"
            case _:
                return
        self.steps.append(Step(at_ms, fate.call, what))

    def _end(self, fate: Fate, outcome: str, at_ms: int) -> None:
        fate.outcome = outcome
        self.open -= 1
        if not fate.queue and not fate.agent:
            fate.wait_ms = at_ms - fate.arrived_ms
