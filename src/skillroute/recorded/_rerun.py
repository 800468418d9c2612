"""
Routes a recorded day again, under the same plan or another.

Calls come as they came.  Whatever is asked as it was asked then is answered as it was
answered then, after the same time; what was never asked is answered as is usual in the
record.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Literal, TypeAlias

import msgspec

from .. import backends
from ..actions import (
    Action,
    CancelOffer,
    ForwardCall,
    HangUpCall,
    OfferCall,
    RejectCall,
    ReleaseLeg,
    SendToVoicemail,
)
from ..errors import EventRefusedError
from ..events import (
    AgentHungUp,
    CallArrived,
    CallConnected,
    CallerHungUp,
    Event,
    ForwardAnswered,
    OfferAccepted,
    OfferDeclined,
    OfferFailed,
)
from ._day import Asking, Day, asked_by
from ._fates import FateBook
from ._patience import PatienceBook
from ._usual import Usual

__all__ = ["Patience", "Rerun", "rerun_day"]

Patience: TypeAlias = Literal["estimated", "endless"]
"""How long callers wait who were answered in the record: like those who gave up, or
for ever."""

_LATE = 1 << 62
"""Comes after whatever was recorded for the same instant."""

_DAY_MS = 86_400_000
"""Calls that wait longer than that behind the end of the record are left open."""

_ANSWERED_ONCE_ASKED = ("CancelOffer", "ReleaseLeg", "HangUpCall", "WrapUp", "")
"""What happens whatever happened meanwhile."""


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """
    A day that was routed again.
    """

    fates: FateBook
    engine: Any
    """As it was at the end, or where it was stopped."""
    events: int
    """How many events and timers it took."""


def rerun_day(
    day: Day,
    plan: bytes,
    *,
    patience: Patience = "estimated",
    backend: str = "",
    until: tuple[int, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rerun:
    """
    Route a recorded day again.

    Args:
        day: As ``read_day`` read it.
        plan: A compiled plan.
        patience: How long callers wait who were answered then.
        backend: Which engine; empty: the active one.
        until: (instant, call): stop as soon as something is decided about the call at
            that instant, or the instant is over; None: go to the end.
        progress: Told (calls that have come, calls in all).

    Cost: an event for each that was recorded, more or less.
    """
    engine = backends.load(backend or backends.active()).Engine(plan)
    return _Run(day, engine, patience, until, progress).finished()


class _Run:
    """
    One day, being routed.
    """

    def __init__(
        self,
        day: Day,
        engine: Any,
        patience: Patience,
        until: tuple[int, str] | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._day = day
        self._engine = engine
        self._until = until
        self._progress = progress
        self._usual = Usual(day)
        self._patient = _patience_book(day) if patience == "estimated" else None
        self._heap: list[tuple[int, int, int, str, Event]] = []
        """(when, record, number, kind of what it answers, what happens)."""
        self._pushed = 0
        self._times: dict[tuple[str, str, str], int] = {}
        self._ringing: set[int] = set()
        self._legs: set[int] = set()
        self._talking: dict[str, str] = {}
        self._elsewhere: set[str] = set()
        """Calls that leave a message, or are connected outside."""
        self._gone: set[str] = set()
        self._fates = FateBook()
        self._events = 0

    def finished(self) -> Rerun:
        """Route it to the end."""
        start_ms = self._day.start_ms
        for answer in (*self._day.arrivals, *self._day.site):
            self._push(start_ms + answer.after_ms, answer.seq, "", answer.event)
        is_over = self._did(None, start_ms, self._engine.advance(start_ms))
        while not is_over:
            next_ms = self._heap[0][0] if self._heap else None
            due_ms = self._engine.next_deadline_ms
            if self._is_beyond(next_ms, due_ms):
                break
            if due_ms is not None and (next_ms is None or due_ms <= next_ms):
                if next_ms is None and not self._is_worth_waiting(due_ms):
                    break
                is_over = self._did(None, due_ms, self._engine.advance(due_ms))
            elif next_ms is None:
                break
            else:
                at_ms, _, _, kind, event = heappop(self._heap)
                is_over = self._can_happen(kind, event) and self._happens(event, at_ms)
        return Rerun(fates=self._fates, engine=self._engine, events=self._events)

    def _is_worth_waiting(self, due_ms: int) -> bool:
        return self._fates.open > 0 and due_ms < self._day.end_ms + _DAY_MS

    def _is_beyond(self, *times_ms: int | None) -> bool:
        """Tell whether whatever happens next is later than where to stop."""
        next_ms = min((at for at in times_ms if at is not None), default=0)
        return self._until is not None and next_ms > self._until[0]

    def _happens(self, event: Event, at_ms: int) -> bool:
        """Tell the engine an event; True: stop here."""
        actions: tuple[Action, ...] = ()
        try:
            actions = self._engine.handle(event, at_ms)
        except EventRefusedError as refusal:
            return self._did(None, at_ms, refusal.actions)
        return self._did(event, at_ms, actions)

    def _did(
        self, event: Event | None, at_ms: int, actions: tuple[Action, ...]
    ) -> bool:
        """React to what happened and what was ordered; True: stop here."""
        self._events += 1
        steps = len(self._fates.steps)
        self._fates.note(event, at_ms, actions)
        if event is not None:
            self._took_place(event, at_ms)
        for action in actions:
            self._react(action, at_ms)
        if self._progress is not None and isinstance(event, CallArrived):
            self._progress(len(self._fates.fates), len(self._day.arrivals))
        if self._until is None or at_ms < self._until[0]:
            return False
        new = self._fates.steps[steps:]
        return any(step.call == self._until[1] for step in new)

    # The world ---------------------------------------------------------------

    def _can_happen(self, kind: str, event: Event) -> bool:
        """Tell whether what was to happen still can."""
        offer, call = getattr(event, "offer", 0), getattr(event, "call", "")
        if kind in _ANSWERED_ONCE_ASKED:
            return True
        if kind in ("OfferCall", "ConfirmOffer"):
            return offer in self._ringing
        if offer:
            made = self._fates.offer(offer)
            is_gone = made is not None and made.call in self._gone
            return offer in self._legs and not is_gone
        if kind == "CallArrived" and isinstance(event, CallerHungUp):
            # Nobody gives up waiting who does not wait any more.
            served = call in self._talking or call in self._elsewhere
            return not served and call not in self._gone
        return call not in self._gone

    def _took_place(self, event: Event, at_ms: int) -> None:
        """Note what an event means for what can happen later."""
        match event:
            case CallArrived(call=call):
                self._answer(("CallArrived", call, ""), at_ms, 0)
                self._wait(call, at_ms)
            case OfferAccepted(offer=offer):
                self._legs.add(offer)
            case OfferDeclined(offer=offer) | OfferFailed(offer=offer):
                self._ringing.discard(offer)
            case CallConnected(offer=offer):
                self._talk(offer, at_ms)
            case CallerHungUp(call=call):
                self._gone.add(call)
                self._talk_ended(call, at_ms)
            case AgentHungUp(offer=offer):
                made = self._fates.offer(offer)
                if made is not None and offer in self._legs:
                    self._talk_ended(made.call, at_ms)
                self._legs.discard(offer)
            case ForwardAnswered(call=call):
                self._answer(("ForwardCall", call, ""), at_ms, 0)

    def _talk(self, offer: int, at_ms: int) -> None:
        made = self._fates.offer(offer)
        if made is None:
            return
        self._talking[made.call] = made.agent
        if not self._answer(("Talk", made.call, made.agent), at_ms, offer):
            after_ms, end = self._usual.talk(made.call, made.queue, offer)
            self._push(at_ms + after_ms, _LATE, "Talk", end)

    def _talk_ended(self, call: str, at_ms: int) -> None:
        agent = self._talking.pop(call, "")
        if agent:
            self._answer(("WrapUp", "", agent), at_ms, 0)

    def _react(self, action: Action, at_ms: int) -> None:
        """Carry out an order, and answer it."""
        match action:
            case OfferCall(offer=offer):
                self._ringing.add(offer)
            case CancelOffer(offer=offer) | ReleaseLeg(offer=offer):
                self._ringing.discard(offer)
                self._legs.discard(offer)
            case SendToVoicemail(call=call) | ForwardCall(call=call):
                self._elsewhere.add(call)
            case HangUpCall(call=call) | RejectCall(call=call):
                self._gone.add(call)
            case _:
                pass
        key = asked_by(action)
        if key is None:
            return
        asking = (*key, self._times.get(key, 0))
        if not self._answer(key, at_ms, getattr(action, "offer", 0)):
            for after_ms, event in self._usual.answers(action, asking):
                self._push(at_ms + after_ms, _LATE, key[0], event)

    def _answer(self, key: tuple[str, str, str], at_ms: int, offer: int) -> bool:
        """Answer as in the record; False: it was not asked there."""
        times = self._times.get(key, 0)
        self._times[key] = times + 1
        asking: Asking = (*key, times)
        answers = self._day.answers.get(asking, [])
        for answer in answers:
            event = answer.event
            if offer and hasattr(event, "offer"):
                event = msgspec.structs.replace(event, offer=offer)
            self._push(at_ms + answer.after_ms, answer.seq, key[0], event)
        if answers or key[0] in ("CallArrived", "WrapUp"):
            return True
        if key[0] == "OfferCall":
            return asking in self._day.missed
        return key[0] != "Talk" and asking in self._day.asked

    def _wait(self, call: str, at_ms: int) -> None:
        """Let a caller give up at last who did not in the record."""
        if self._patient is None or call in self._day.patience_ms:
            return
        fate = self._day.fates.fates.get(call)
        waited_ms = 0 if fate is None else fate.wait_ms
        patience_ms = self._patient.drawn_ms(call, waited_ms)
        if patience_ms is not None:
            gives_up = CallerHungUp(call=call)
            self._push(at_ms + patience_ms, _LATE, "CallArrived", gives_up)

    def _push(self, at_ms: int, seq: int, kind: str, event: Event) -> None:
        self._pushed += 1
        heappush(self._heap, (at_ms, seq, self._pushed, kind, event))


def _patience_book(day: Day) -> PatienceBook:
    waited_ms = {
        call: fate.wait_ms
        for call, fate in day.fates.fates.items()
        if call not in day.patience_ms
    }
    return PatienceBook(day.patience_ms, waited_ms)
