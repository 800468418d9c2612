"""
The offer: one attempt to have one agent take one call.

It rings, is accepted and connecting, is connected, and ends in the agent's
wrap-up; or it is withdrawn by us and waits for the host to confirm that the leg
is gone, at most for the cancel grace.  In each of these phases it takes one
unit of the agent; when it is over the unit is free.  Every phase but
*connected* ends by a timer of ours, so an agent can not be stuck in it whatever
the switch forgets to say.

Two rules decide the ties.  A timer that is due at the instant of an event fires
before it, so an accept in the very millisecond in which the ring timeout ends
is late (rule 1.2).  An event about something that is already over is stale:
recorded, without effect but for a leg that must be released (rule 1.5).

While it rings, devices may come to ring and stop, and one that must be confirmed may
answer (``answering.py``): that changes no phase, since until the digit is pressed
nobody knows that it was the agent who answered.

A function per phase says what an event does; ``offering.py`` carries it out, for
the offer, its agent's unit and its call together.
"""

from __future__ import annotations

import enum

from .state import OfferPhase


class OfferEvent(enum.Enum):
    """
    What can happen to an offer.
    """

    ACCEPTED = "OfferAccepted"
    DECLINED = "OfferDeclined"
    FAILED = "OfferFailed"
    CANCELLED = "OfferCancelled"
    CONNECTED = "CallConnected"
    CONNECT_FAILED = "ConnectFailed"
    AGENT_HUNG_UP = "AgentHungUp"
    CALLER_HUNG_UP = "CallerHungUp"
    AGENT_LEFT = "pause or log-out"
    CALL_LEFT = "call moved or ended"
    HOST_LOST = "lost host"
    WRAP_UP_ENDED = "WrapUpEnded"
    CONFIRMED = "OfferConfirmed"
    """With the right digit."""
    REDIRECTED = "OfferRedirected"
    """By a device whose redirects are not followed."""
    DEVICES_GONE = "no device left"
    TIMED_OUT = "timer"
    """The timer of the present phase."""


class OfferStep(enum.Enum):
    """
    What it does to the offer, the agent's unit and the call.
    """

    CONNECT = enum.auto()
    """Accepted: whisper and join."""
    CONFIRM = enum.auto()
    """Confirmed: join, for the whisper was heard."""
    DECLINE = enum.auto()
    """Over; the call tries others and spares this agent for the visit."""
    FAIL = enum.auto()
    """Over; the call tries others, the agent may be unreachable for a while."""
    MISS = enum.auto()
    """Withdrawn; the call tries others."""
    WITHDRAW = enum.auto()
    """Withdrawn because the agent left; the call tries others."""
    DEFLECT = enum.auto()
    """Withdrawn because a device sent it elsewhere; otherwise as if declined."""
    CUT = enum.auto()
    """Withdrawn because no device rings any more; the call tries others."""
    DROP = enum.auto()
    """Withdrawn because the caller left while it rang."""
    JOIN = enum.auto()
    """Caller and agent hear each other."""
    BREAK = enum.auto()
    """Not joined, the leg may still be up: release it; the call tries others."""
    LOSE = enum.auto()
    """Not joined, the agent's leg is gone: over; the call tries others."""
    ABANDON = enum.auto()
    """The caller left while connecting: release the leg."""
    RECALL = enum.auto()
    """Withdrawn because the call goes elsewhere: nobody has missed it."""
    RECALL_LEG = enum.auto()
    """The call goes elsewhere while connecting: release the leg."""
    STRAND = enum.auto()
    """Withdrawn, and the leg is not known to be gone before the host is back."""
    FINISH_BY_CALLER = enum.auto()
    """The conversation is over: release the leg, wrap up."""
    FINISH_BY_AGENT = enum.auto()
    """The conversation is over: hang up the call, wrap up."""
    FINISH_BY_ORDER = enum.auto()
    """The conversation is over: hang up the call, release the leg, wrap up."""
    HANDLED = enum.auto()
    """Wrap-up is over: the unit is free and the agent idle."""
    FREE = enum.auto()
    """The withdrawn leg is gone: the unit is free."""
    STALE = enum.auto()
    STALE_RELEASE = enum.auto()
    """Stale, but a leg exists that must be released."""
    ILLEGAL = enum.auto()


EXPECTED = {
    OfferPhase.RINGING: "OfferAccepted, OfferDeclined or OfferFailed",
    OfferPhase.CONNECTING: "CallConnected, ConnectFailed or AgentHungUp",
    OfferPhase.CONNECTED: "AgentHungUp or CallerHungUp",
    OfferPhase.WRAP_UP: "WrapUpEnded",
    OfferPhase.WITHDRAWN: "OfferCancelled",
    OfferPhase.OVER: "nothing",
}
"""What would be legal in each phase, for an error text."""


def step(phase: OfferPhase, event: OfferEvent) -> OfferStep:
    """
    Say what an event does to an offer.
    """
    match phase:
        case OfferPhase.RINGING:
            return _ringing(event)
        case OfferPhase.CONNECTING:
            return _connecting(event)
        case OfferPhase.CONNECTED:
            return _connected(event)
        case OfferPhase.WRAP_UP:
            return _wrap_up(event)
        case OfferPhase.WITHDRAWN:
            return _withdrawn(event)
        case OfferPhase.OVER:
            return _over(event)


def _ringing(event: OfferEvent) -> OfferStep:
    match event:
        case OfferEvent.ACCEPTED:
            return OfferStep.CONNECT
        case OfferEvent.CONFIRMED:
            return OfferStep.CONFIRM
        case OfferEvent.REDIRECTED:
            return OfferStep.DEFLECT
        case OfferEvent.DEVICES_GONE:
            return OfferStep.CUT
        case OfferEvent.DECLINED:
            return OfferStep.DECLINE
        case OfferEvent.FAILED:
            return OfferStep.FAIL
        case OfferEvent.TIMED_OUT:
            return OfferStep.MISS
        case OfferEvent.AGENT_LEFT:
            return OfferStep.WITHDRAW
        case OfferEvent.CALLER_HUNG_UP:
            return OfferStep.DROP
        case OfferEvent.CALL_LEFT:
            return OfferStep.RECALL
        case OfferEvent.HOST_LOST:
            return OfferStep.STRAND
        case (
            OfferEvent.CANCELLED
            | OfferEvent.CONNECTED
            | OfferEvent.CONNECT_FAILED
            | OfferEvent.AGENT_HUNG_UP
            | OfferEvent.WRAP_UP_ENDED
        ):
            return OfferStep.ILLEGAL


def _connecting(event: OfferEvent) -> OfferStep:
    match event:
        case OfferEvent.CONNECTED:
            return OfferStep.JOIN
        case OfferEvent.CONNECT_FAILED | OfferEvent.TIMED_OUT:
            return OfferStep.BREAK
        case OfferEvent.AGENT_HUNG_UP:
            return OfferStep.LOSE
        case OfferEvent.CALLER_HUNG_UP:
            return OfferStep.ABANDON
        case OfferEvent.CALL_LEFT:
            return OfferStep.RECALL_LEG
        case (
            OfferEvent.ACCEPTED
            | OfferEvent.CONFIRMED
            | OfferEvent.AGENT_LEFT
            | OfferEvent.HOST_LOST
        ):
            return OfferStep.STALE
        case (
            OfferEvent.DECLINED
            | OfferEvent.FAILED
            | OfferEvent.CANCELLED
            | OfferEvent.WRAP_UP_ENDED
            | OfferEvent.REDIRECTED
            | OfferEvent.DEVICES_GONE
        ):
            return OfferStep.ILLEGAL


def _connected(event: OfferEvent) -> OfferStep:
    match event:
        case OfferEvent.CALLER_HUNG_UP:
            return OfferStep.FINISH_BY_CALLER
        case OfferEvent.AGENT_HUNG_UP:
            return OfferStep.FINISH_BY_AGENT
        case OfferEvent.CALL_LEFT:
            return OfferStep.FINISH_BY_ORDER
        case (
            OfferEvent.ACCEPTED
            | OfferEvent.CONFIRMED
            | OfferEvent.CONNECTED
            | OfferEvent.AGENT_LEFT
            | OfferEvent.HOST_LOST
        ):
            return OfferStep.STALE
        case (
            OfferEvent.DECLINED
            | OfferEvent.FAILED
            | OfferEvent.CANCELLED
            | OfferEvent.CONNECT_FAILED
            | OfferEvent.WRAP_UP_ENDED
            | OfferEvent.REDIRECTED
            | OfferEvent.DEVICES_GONE
            | OfferEvent.TIMED_OUT
        ):
            return OfferStep.ILLEGAL


def _wrap_up(event: OfferEvent) -> OfferStep:
    match event:
        case OfferEvent.WRAP_UP_ENDED | OfferEvent.TIMED_OUT:
            return OfferStep.HANDLED
        case OfferEvent.ACCEPTED | OfferEvent.CONFIRMED | OfferEvent.CONNECTED:
            return OfferStep.STALE_RELEASE
        case (
            OfferEvent.DECLINED
            | OfferEvent.FAILED
            | OfferEvent.CANCELLED
            | OfferEvent.CONNECT_FAILED
            | OfferEvent.AGENT_HUNG_UP
            | OfferEvent.CALLER_HUNG_UP
            | OfferEvent.AGENT_LEFT
            | OfferEvent.CALL_LEFT
            | OfferEvent.REDIRECTED
            | OfferEvent.HOST_LOST
        ):
            return OfferStep.STALE
        case OfferEvent.DEVICES_GONE:
            return OfferStep.ILLEGAL


def _withdrawn(event: OfferEvent) -> OfferStep:
    match event:
        case (
            OfferEvent.CANCELLED
            | OfferEvent.DECLINED
            | OfferEvent.FAILED
            | OfferEvent.CONNECT_FAILED
            | OfferEvent.AGENT_HUNG_UP
            | OfferEvent.TIMED_OUT
        ):
            return OfferStep.FREE
        case OfferEvent.ACCEPTED | OfferEvent.CONFIRMED | OfferEvent.CONNECTED:
            return OfferStep.STALE_RELEASE
        case (
            OfferEvent.CALLER_HUNG_UP
            | OfferEvent.AGENT_LEFT
            | OfferEvent.CALL_LEFT
            | OfferEvent.HOST_LOST
            | OfferEvent.WRAP_UP_ENDED
            | OfferEvent.REDIRECTED
        ):
            return OfferStep.STALE
        case OfferEvent.DEVICES_GONE:
            return OfferStep.ILLEGAL


def _over(event: OfferEvent) -> OfferStep:
    match event:
        case OfferEvent.ACCEPTED | OfferEvent.CONFIRMED | OfferEvent.CONNECTED:
            return OfferStep.STALE_RELEASE
        case (
            OfferEvent.DECLINED
            | OfferEvent.FAILED
            | OfferEvent.CANCELLED
            | OfferEvent.CONNECT_FAILED
            | OfferEvent.AGENT_HUNG_UP
            | OfferEvent.CALLER_HUNG_UP
            | OfferEvent.AGENT_LEFT
            | OfferEvent.CALL_LEFT
            | OfferEvent.HOST_LOST
            | OfferEvent.WRAP_UP_ENDED
            | OfferEvent.TIMED_OUT
            | OfferEvent.REDIRECTED
        ):
            return OfferStep.STALE
        case OfferEvent.DEVICES_GONE:
            return OfferStep.ILLEGAL
