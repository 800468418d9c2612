"""
The world around the engine: callers, agents and a switch, played in order of time.

The engine orders, the world reacts: to an offer by an answer, a refusal or silence,
to a bridge by a conversation, to a withdrawal by its confirmation.  What will happen
stands in a heap; what no longer can happen, since its leg is gone, is passed over
when its time comes.
"""

from __future__ import annotations

import random
from heapq import heappop, heappush
from typing import TypeAlias

import msgspec

from .. import actions, events
from ..contract import OfferId
from ..numbers import resolve
from ..plan import Plan
from ._model import Behaviour, Reaction, SimulatedCall

__all__ = ["World"]

HOST = "simulator"


class _CallArrives(msgspec.Struct, frozen=True):
    call: SimulatedCall


class _AgentReacts(msgspec.Struct, frozen=True):
    offer: OfferId
    kind: str


class _DigitPressed(msgspec.Struct, frozen=True):
    offer: OfferId
    digit: str


class _LegsJoin(msgspec.Struct, frozen=True):
    offer: OfferId


class _LegGone(msgspec.Struct, frozen=True):
    offer: OfferId
    cancelled: bool


class _CallerLeaves(msgspec.Struct, frozen=True):
    call: str
    impatient: bool


class _MessageEnds(msgspec.Struct, frozen=True):
    call: str


class _OutsideAnswers(msgspec.Struct, frozen=True):
    call: str


class _Told(msgspec.Struct, frozen=True):
    event: events.Event


_Happening: TypeAlias = (
    _CallArrives
    | _AgentReacts
    | _DigitPressed
    | _LegsJoin
    | _LegGone
    | _OutsideAnswers
    | _CallerLeaves
    | _MessageEnds
    | _Told
)


class World:
    """
    Everything that is going to happen, and what is true now.

    Args:
        plan: The site's plan.
        calls: Who is going to call.
        behaviour: How agents and switch behave.
        seed: Where every draw starts.
        start_ms: Instant at which the run begins.
    """

    def __init__(
        self,
        plan: Plan,
        calls: tuple[SimulatedCall, ...],
        behaviour: Behaviour,
        *,
        seed: int,
        start_ms: int,
    ) -> None:
        self._plan = plan
        self._behaviour = behaviour
        self._random = random.Random(seed)
        self._heap: list[tuple[int, int, _Happening]] = []
        self._pushed = 0
        self._calls = {call.call: call for call in calls}
        self._handling_ms = {call.call: self._drawn_handling(call) for call in calls}
        self._first_number = next(iter(plan.raw.numbers), "")
        self._rings: dict[OfferId, actions.OfferCall] = {}
        self._talking: set[str] = set()
        self._present: set[str] = set()
        self._answered: set[OfferId] = set()
        self._joined_offers: set[OfferId] = set()
        if behaviour.log_in:
            for agent, written in plan.raw.agents.items():
                if written.login == "manual":
                    self._push(start_ms, _Told(events.AgentLoggedIn(agent=agent)))
        for after_ms, event in behaviour.told:
            self._push(start_ms + after_ms, _Told(event))
        for call in calls:
            self._push(start_ms + call.arrival_after_ms, _CallArrives(call))

    @property
    def next_ms(self) -> int | None:
        """
        When something happens next; None: nothing will.
        """
        return self._heap[0][0] if self._heap else None

    def next_event(self) -> tuple[int, events.Event | None]:
        """
        Take the next happening.

        Returns:
            Its instant, and what to tell the engine; None: it cannot happen any more.
        """
        at_ms, _, happening = heappop(self._heap)
        return at_ms, self._event_of(happening, at_ms)

    def react(self, action: actions.Action, now_ms: int) -> None:
        """
        Carry out one order of the engine.
        """
        behaviour = self._behaviour
        match action:
            case actions.OfferCall(offer=offer):
                self._rings[offer] = action
                self._ring(action, now_ms)
            case actions.CancelOffer(offer=offer):
                self._rings.pop(offer, None)
                self._push(now_ms + behaviour.release_ms, _LegGone(offer, True))
            case actions.ReleaseLeg(offer=offer):
                self._rings.pop(offer, None)
                self._push(now_ms + behaviour.release_ms, _LegGone(offer, False))
            case actions.ConfirmOffer(offer=offer, digit=digit):
                # Who answers is a person, and does as they are told.
                self._push(now_ms + behaviour.connect_ms, _DigitPressed(offer, digit))
            case actions.BridgeCall(offer=offer):
                self._push(now_ms + behaviour.connect_ms, _LegsJoin(offer))
            case actions.SendToVoicemail(call=call):
                # Who speaks to a machine is as patient as the message is long.
                self._talking.add(call)
                self._push(now_ms + behaviour.message_ms, _MessageEnds(call))
            case actions.ForwardCall(call=call):
                # Out of the site's hands: answered at once, and as long as a message.
                self._talking.add(call)
                self._push(now_ms + behaviour.connect_ms, _OutsideAnswers(call))
                ends_ms = now_ms + behaviour.connect_ms + behaviour.message_ms
                self._push(ends_ms, _CallerLeaves(call, False))
            case actions.HangUpCall(call=call) | actions.RejectCall(call=call):
                self._present.discard(call)

    def standing(self) -> tuple[events.CallStanding, ...]:
        """
        Say which calls exist: what a switch tells after a lost connection.
        """
        legs = {
            ring.call: offer
            for offer, ring in self._rings.items()
            if offer in self._answered
        }
        return tuple(
            events.CallStanding(
                call=call,
                offer=legs.get(call, 0),
                joined=legs.get(call, 0) in self._joined_offers,
            )
            for call in sorted(self._present)
        )

    def refuse(self, call: str) -> None:
        """
        Let a call go away that was not taken.
        """
        self._present.discard(call)

    def _event_of(self, happening: _Happening, now_ms: int) -> events.Event | None:
        match happening:
            case _CallArrives(call=call):
                return self._arrival(call, now_ms)
            case _AgentReacts(offer=offer, kind=kind):
                return self._reaction(offer, kind)
            case _DigitPressed(offer=offer, digit=digit):
                return (
                    events.OfferConfirmed(offer=offer, digit=digit)
                    if offer in self._rings
                    else None
                )
            case _LegsJoin(offer=offer):
                return self._joined(offer, now_ms)
            case _LegGone(offer=offer, cancelled=cancelled):
                gone = events.OfferCancelled if cancelled else events.AgentHungUp
                return gone(offer=offer)
            case _CallerLeaves(call=call, impatient=impatient):
                return self._departure(call, impatient=impatient)
            case _MessageEnds(call=call):
                length_ms = self._behaviour.message_ms
                here = call in self._present
                return (
                    events.VoicemailLeft(call=call, length_ms=length_ms)
                    if here
                    else None
                )
            case _OutsideAnswers(call=call):
                here = call in self._present
                return events.ForwardAnswered(call=call) if here else None
            case _Told(event=event):
                return event

    def _arrival(self, call: SimulatedCall, now_ms: int) -> events.Event:
        longest_ms = self._behaviour.patience_ms_max
        patience_ms = longest_ms if call.patience_ms is None else call.patience_ms
        leaves_ms = now_ms + min(patience_ms, longest_ms)
        self._push(leaves_ms, _CallerLeaves(call.call, True))
        self._present.add(call.call)
        return events.CallArrived(
            call=call.call,
            host=HOST,
            caller=resolve(self._plan, call.caller),
            dialled=resolve(self._plan, call.dialled or self._first_number),
            needs=call.needs,
            priority=call.priority,
        )

    def _ring(self, offer: actions.OfferCall, now_ms: int) -> None:
        """
        Decide what the agent will do; an agent who ignores it does nothing.
        """
        reaction = self._behaviour.reactions.get((offer.call, offer.agent))
        if reaction is None:
            reaction = self._drawn_reaction()
        if reaction.kind != "ignore":
            happening = _AgentReacts(offer.offer, reaction.kind)
            self._push(now_ms + reaction.after_ms, happening)

    def _reaction(self, offer: OfferId, kind: str) -> events.Event | None:
        if offer not in self._rings:
            return None
        if kind == "answer":
            self._answered.add(offer)
            return events.OfferAccepted(offer=offer)
        del self._rings[offer]
        if kind == "decline":
            return events.OfferDeclined(offer=offer)
        if kind == "busy":
            return events.OfferFailed(offer=offer, code="busy")
        return events.OfferFailed(offer=offer, code="unreachable")

    def _joined(self, offer: OfferId, now_ms: int) -> events.Event | None:
        ring = self._rings.get(offer)
        if ring is None or ring.call not in self._present:
            return None
        self._talking.add(ring.call)
        self._joined_offers.add(offer)
        leaves_ms = now_ms + self._handling_ms[ring.call]
        self._push(leaves_ms, _CallerLeaves(ring.call, False))
        return events.CallConnected(offer=offer)

    def _departure(self, call: str, *, impatient: bool) -> events.Event | None:
        if call not in self._present or (impatient and call in self._talking):
            return None
        self._present.discard(call)
        return events.CallerHungUp(call=call)

    def _drawn_handling(self, call: SimulatedCall) -> int:
        if call.handling_ms is not None:
            return call.handling_ms
        return self._random.randint(*self._behaviour.handling_ms)

    def _drawn_reaction(self) -> Reaction:
        behaviour = self._behaviour
        after_ms = self._random.randint(*behaviour.answer_ms)
        drawn = self._random.randrange(100)
        if drawn < behaviour.ignore_percent:
            return Reaction(kind="ignore")
        if drawn < behaviour.ignore_percent + behaviour.decline_percent:
            return Reaction(kind="decline", after_ms=after_ms)
        return Reaction(kind="answer", after_ms=after_ms)

    def _push(self, at_ms: int, happening: _Happening) -> None:
        self._pushed += 1
        heappush(self._heap, (at_ms, self._pushed, happening))
