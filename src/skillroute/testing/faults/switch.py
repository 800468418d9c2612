"""
A simulated switch: calls with their legs, phones that ring, and its own truth.

It carries orders out, each once, and reports what happens on its legs.  It knows
nothing of queues and agents' states: what it says after a lost connection is what it
really has.  Every leg ends by itself sooner or later, as on a real switch, whatever
orders get lost.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

from ... import actions, events
from ...actions import Action, ActionId
from .agenda import Agenda

__all__ = ["Caller", "Leg", "LegState", "People", "Switch"]

PHONE_RINGS_MS = 20_000
"""How long a phone rings that nobody stops."""
SILENCE_MS = 15_000
"""How long an agent listens who is joined with nobody."""


class LegState(enum.Enum):
    """
    How far the leg of an agent is.
    """

    RINGING = enum.auto()
    ANSWERED = enum.auto()
    JOINED = enum.auto()


class Leg:
    """
    The leg of an agent, rung for an offer.
    """

    def __init__(self, offer: int, agent: str, call: str) -> None:
        self.offer = offer
        self.agent = agent
        self.call = call
        self.state = LegState.RINGING
        self.joined_ms = 0


class Caller:
    """
    A call as the switch has it: the caller's leg, and those of agents.
    """

    def __init__(self, arrival: events.CallArrived) -> None:
        self.arrival = arrival
        self.id = arrival.call
        self.is_there = True
        self.hung_up_ms: int | None = None
        self.legs: dict[int, Leg] = {}
        self.joined: int | None = None
        """The offer whose leg hears the caller; 0: an outside number."""
        self.has_used_id = False
        """Its id was that of a call before the switch was started again."""
        self.place = "line"
        """``line``, ``voicemail``, ``forwarding`` or ``forwarded``."""


class People(Protocol):
    """
    Those at the phones: they decide what happens on the legs of a switch.
    """

    def phone_rings(self, switch: Switch, leg: Leg, ring_ms: int) -> None:
        """
        An agent's phone rings, and the engine will stop it after so long.
        """

    def asked_to_confirm(self, switch: Switch, leg: Leg, digit: str) -> None:
        """
        Whoever has answered hears that a digit is to be pressed.
        """

    def conversation_begins(self, switch: Switch, caller: Caller, leg: Leg) -> None:
        """
        Caller and agent hear each other.
        """

    def message_begins(self, switch: Switch, caller: Caller) -> None:
        """
        The caller hears the beep of a mailbox.
        """

    def outside_rings(self, switch: Switch, caller: Caller) -> None:
        """
        An outside number rings.
        """


class Switch:
    """
    One switch.

    Args:
        name: Of the host.
        agenda: What happens when.
        report: Takes what the switch says.
        carries_twice: A planted fault: an order that comes twice is carried out twice.
    """

    def __init__(
        self,
        name: str,
        agenda: Agenda,
        report: Callable[[events.Event], None],
        *,
        carries_twice: bool = False,
    ) -> None:
        self.name = name
        self.agenda = agenda
        self.people: People
        self.calls: dict[str, Caller] = {}
        """Those of which any leg exists."""
        self.legs: dict[int, Leg] = {}
        """Legs of agents, by offer."""
        self.rung_twice: list[int] = []
        """Offers that were rung although they had been: an order carried out again."""
        self.two_winners: list[str] = []
        """Calls that were joined with a second agent."""
        self.disturbed_ms = 0
        """When an order was lost last, or the connection: until then two agents may
        have been joined rightly."""
        self._report = report
        self._carries_twice = carries_twice
        self._done: set[ActionId] = set()
        self._rung: dict[int, ActionId] = {}

    # What callers and agents do ----------------------------------------------

    def call_comes(self, arrival: events.CallArrived) -> Caller:
        """
        A caller is there.
        """
        caller = Caller(arrival)
        self.calls[caller.id] = caller
        self._report(arrival)
        return caller

    def caller_hangs_up(self, caller: Caller) -> None:
        """
        The caller's leg ends, if it is still there.
        """
        if self.calls.get(caller.id) is not caller or not caller.is_there:
            return
        caller.is_there = False
        caller.hung_up_ms = self.agenda.now_ms
        self._report(events.CallerHungUp(call=caller.id))
        joined = self.legs.get(caller.joined or 0)
        if joined is not None and joined.call == caller.id:
            self._drop(joined)
        self._forget_if_empty(caller)

    def refused(self, arrival: events.CallArrived, *, for_good: bool) -> None:
        """
        Hear that a call was not taken: its caller is told that all lines are busy.

        Args:
            arrival: How it came.
            for_good: False: a call of that id was there already, maybe this one.
        """
        caller = self.calls.get(arrival.call)
        is_it = caller is not None and caller.arrival is arrival
        if caller is not None and is_it and (for_good or caller.has_used_id):
            self._end(caller.id)

    def presses(self, caller: Caller, digit: str) -> None:
        """
        The caller presses a digit.
        """
        if caller.is_there:
            self._report(events.LineDigitPressed(call=caller.id, digit=digit))

    def has_leg(self, leg: Leg, *states: LegState) -> bool:
        """
        Tell whether a leg still exists, and is in one of some states.
        """
        return self.legs.get(leg.offer) is leg and leg.state in states

    def answers(self, leg: Leg, endpoint: str = "") -> None:
        """
        An agent picks up.
        """
        if self.has_leg(leg, LegState.RINGING):
            leg.state = LegState.ANSWERED
            self._report(events.OfferAccepted(offer=leg.offer, endpoint=endpoint))
            self.agenda.after(SILENCE_MS, lambda: self._end_silence(leg))

    def says(self, leg: Leg, event: events.Event) -> None:
        """
        Something else happens on a leg, that does not change it.
        """
        if self.legs.get(leg.offer) is leg:
            self._report(event)

    def gives_up(self, leg: Leg, event: events.Event) -> None:
        """
        A phone stops ringing, for a reason of its own.
        """
        if self.has_leg(leg, LegState.RINGING):
            self._drop(leg)
            self._report(event)

    def agent_hangs_up(self, leg: Leg) -> None:
        """
        An agent's leg ends, if it was answered.
        """
        if self.has_leg(leg, LegState.ANSWERED, LegState.JOINED):
            self._drop(leg)
            self._report(events.AgentHungUp(offer=leg.offer))

    def message_ends(self, caller: Caller, event: events.Event) -> None:
        """
        The mailbox has a message, or takes none.
        """
        if caller.is_there and caller.place == "voicemail":
            caller.place = "line"
            self._report(event)

    def outside_answers(self, caller: Caller) -> None:
        """
        The outside number picks up.
        """
        if caller.is_there and caller.place == "forwarding":
            caller.place = "forwarded"
            self._report(events.ForwardAnswered(call=caller.id))

    def outside_fails(self, caller: Caller, event: events.ForwardFailed) -> None:
        """
        The outside number cannot be had.
        """
        if caller.is_there and caller.place == "forwarding":
            caller.place = "line"
            self._report(event)

    # After a lost connection -------------------------------------------------

    def lose_everything(self) -> None:
        """
        The switch starts again: no leg is left, and nobody hears of it.
        """
        for caller in self.calls.values():
            caller.is_there = False
        self.calls.clear()
        self.legs.clear()

    def truth(self) -> list[events.CallStanding]:
        """
        Return what exists now: one element a leg of an agent, or a call without one.
        """
        told: list[events.CallStanding] = []
        for caller in self.calls.values():
            # The leg that hears the caller comes last, so that it decides.
            legs = sorted(caller.legs.values(), key=lambda leg: leg.state.value)
            answered = [leg for leg in legs if leg.state is not LegState.RINGING]
            chosen = answered[-1:] or legs
            told += [
                events.CallStanding(
                    call=caller.id,
                    offer=leg.offer,
                    joined=leg.state is LegState.JOINED and caller.is_there,
                    hung_up_at_ms=caller.hung_up_ms,
                )
                for leg in chosen
            ] or [events.CallStanding(call=caller.id, hung_up_at_ms=caller.hung_up_ms)]
        return told

    # Orders ------------------------------------------------------------------

    def carry_out(self, action: Action, *, refuse: bool = False) -> None:
        """
        Carry an order out, once.

        Args:
            action: The order.
            refuse: Whether the switch cannot, and says so where it can.
        """
        if action.id in self._done and not self._carries_twice:
            return
        self._done.add(action.id)
        match action:
            case actions.OfferCall():
                self._ring(action, refuse=refuse)
            case actions.CancelOffer(offer=offer) | actions.ReleaseLeg(offer=offer):
                self._let_go(offer)
            case actions.BridgeCall():
                self._bridge(action, refuse=refuse)
            case actions.ConfirmOffer(offer=offer, digit=digit):
                leg = self.legs.get(offer)
                if leg is not None:
                    leg.state = LegState.RINGING
                    self.people.asked_to_confirm(self, leg, digit)
            case actions.HangUpCall(call=call):
                self._end(call)
            case actions.SendToVoicemail(call=call):
                self._send_to_voicemail(call, refuse=refuse)
            case actions.ForwardCall(call=call):
                self._forward(call, refuse=refuse)
            case _:
                # Music, announcements and records change no leg.
                return

    def _ring(self, action: actions.OfferCall, *, refuse: bool) -> None:
        offer = action.offer
        caller = self.calls.get(action.call)
        if offer in self._rung:
            self.rung_twice.append(offer)
        self._rung[offer] = action.id
        if refuse or caller is None or not caller.is_there:
            failed = events.OfferFailed(offer=offer, code="no_answer")
            if refuse:
                failed = events.OfferFailed(offer=offer, code="unreachable")
            self._report(failed)
            return
        leg = Leg(offer, action.agent, action.call)
        self.legs[offer] = caller.legs[offer] = leg
        self.agenda.after(PHONE_RINGS_MS, lambda: self._stop_ringing(leg))
        self.people.phone_rings(self, leg, action.ring_ms)

    def _stop_ringing(self, leg: Leg) -> None:
        self.gives_up(leg, events.OfferFailed(offer=leg.offer, code="no_answer"))

    def _end_silence(self, leg: Leg) -> None:
        if leg.state is not LegState.JOINED:
            self.agent_hangs_up(leg)

    def _let_go(self, offer: int) -> None:
        """
        Take an agent's leg down, and say that it is gone, also if there was none.
        """
        leg = self.legs.get(offer)
        if leg is not None:
            self._drop(leg)
        self._report(events.OfferCancelled(offer=offer))

    def _bridge(self, action: actions.BridgeCall, *, refuse: bool) -> None:
        leg = self.legs.get(action.offer)
        caller = self.calls.get(action.call)
        if leg is None or caller is None or not caller.is_there or refuse:
            code = "refused" if refuse else "no_leg"
            self._report(events.ConnectFailed(offer=action.offer, code=code))
            return
        other = self.legs.get(caller.joined or 0)
        is_second = other is not None and other is not leg
        if other is not None and is_second and other.joined_ms > self.disturbed_ms:
            self.two_winners.append(caller.id)
        leg.state = LegState.JOINED
        leg.joined_ms = self.agenda.now_ms
        caller.joined = leg.offer
        for rung in list(caller.legs.values()):
            if rung is not leg:
                self._drop(rung)
        self._report(events.CallConnected(offer=leg.offer))
        self.people.conversation_begins(self, caller, leg)

    def _end(self, call: str) -> None:
        """
        End the caller's leg by order.
        """
        caller = self.calls.get(call)
        if caller is None:
            return
        if caller.is_there:
            caller.is_there = False
            caller.hung_up_ms = self.agenda.now_ms
            self._report(events.CallerHungUp(call=call))
        self._forget_if_empty(caller)

    def _send_to_voicemail(self, call: str, *, refuse: bool) -> None:
        caller = self.calls.get(call)
        if caller is None or not caller.is_there:
            return
        if refuse:
            self._report(events.VoicemailFailed(call=call, code="full"))
            return
        caller.place = "voicemail"
        self.people.message_begins(self, caller)

    def _forward(self, call: str, *, refuse: bool) -> None:
        caller = self.calls.get(call)
        if caller is None or not caller.is_there:
            return
        if refuse:
            self._report(events.ForwardFailed(call=call, code="refused"))
            return
        caller.place = "forwarding"
        self.people.outside_rings(self, caller)

    def _drop(self, leg: Leg) -> None:
        del self.legs[leg.offer]
        caller = self.calls.get(leg.call)
        if caller is not None:
            caller.legs.pop(leg.offer, None)
            if caller.joined == leg.offer:
                caller.joined = None
            self._forget_if_empty(caller)

    def _forget_if_empty(self, caller: Caller) -> None:
        if not caller.is_there and not caller.legs:
            self.calls.pop(caller.id, None)
