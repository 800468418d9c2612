"""
The call: one customer contact from its arrival to its one outcome.

It waits in line, keeps its place there while agents are rung and while one who
accepted is being connected (rule 7.3), is connected, or leaves the line for
another queue, voicemail, an outside number or the site's last resort, and ends.
What an offer does to its call is said in ``offer.py``; this file has what happens
to the call itself: the caller hangs up, a limit is reached, a message is left, an
outside number answers, a supervisor acts.

A limit that is reached while an agent is being rung or connected lets that
attempt end, and takes effect if it comes to nothing (rule 9.3).

A function per phase says what an event does; ``routing.py`` carries it out.
"""

from __future__ import annotations

import enum

from .state import CallPhase


class CallEvent(enum.Enum):
    """
    What can happen to a call.
    """

    CALLER_HUNG_UP = "CallerHungUp"
    VOICEMAIL_LEFT = "VoicemailLeft"
    VOICEMAIL_FAILED = "VoicemailFailed"
    FORWARD_ANSWERED = "ForwardAnswered"
    FORWARD_FAILED = "ForwardFailed"
    CALL_FAILED = "CallFailed"
    DIGIT_PRESSED = "LineDigitPressed"
    MAX_WAIT_ENDED = "max_wait"
    ROUND_ENDED = "round_end"
    MOVED = "CallMoved"
    PRIORITY_SET = "PrioritySet"
    NEEDS_SET = "NeedsSet"
    ASSIGNED = "CallAssigned"
    PICKED = "CallPicked"
    END_ORDERED = "CallEndOrdered"


class CallStep(enum.Enum):
    """
    What it does.
    """

    ABANDON = enum.auto()
    """The caller has left before anybody spoke to them."""
    END_OFFER = enum.auto()
    """An agent is being rung or spoken to: the offer's step ends both."""
    FAIL = enum.auto()
    """The switch has lost the call before anybody spoke to the caller."""
    OVERFLOW = enum.auto()
    """Leave the line for the queue's overflow."""
    LEAVE = enum.auto()
    """Leave the line for where the digit leads, if it does; an offer that rings is
    withdrawn."""
    NOTE_LIMIT = enum.auto()
    """Overflow if the present offer comes to nothing."""
    TAKE_MESSAGE = enum.auto()
    """End with a message, or as abandoned if it is too short."""
    LAST_RESORT = enum.auto()
    """Voicemail or the outside number failed: the site's last resort."""
    HAND_OVER = enum.auto()
    """The outside number has answered."""
    CLOSE = enum.auto()
    """A call that was handed over has ended."""
    MOVE = enum.auto()
    """Leave the line for another place; an offer that rings is withdrawn."""
    ADJUST = enum.auto()
    """Another place in line, or other needs."""
    GIVE = enum.auto()
    """Be offered to one agent."""
    STOP = enum.auto()
    """End, and whatever is going on with it."""
    STALE = enum.auto()
    ILLEGAL = enum.auto()


EXPECTED = {
    CallPhase.WAITING: "CallerHungUp",
    CallPhase.RINGING: "CallerHungUp or an answer to the offer",
    CallPhase.CONNECTING: "CallerHungUp, CallConnected or ConnectFailed",
    CallPhase.CONNECTED: "CallerHungUp or AgentHungUp",
    CallPhase.VOICEMAIL: "VoicemailLeft, VoicemailFailed or CallerHungUp",
    CallPhase.FORWARDING: "ForwardAnswered, ForwardFailed or CallerHungUp",
    CallPhase.FORWARDED: "CallerHungUp",
    CallPhase.ENDED: "nothing",
}
"""What would be legal in each phase, for an error text."""


def step(phase: CallPhase, event: CallEvent) -> CallStep:
    """
    Say what an event does to a call.
    """
    match phase:
        case CallPhase.WAITING:
            return _waiting(event)
        case CallPhase.RINGING:
            return _ringing(event)
        case CallPhase.CONNECTING:
            return _connecting(event)
        case CallPhase.CONNECTED:
            return _connected(event)
        case CallPhase.VOICEMAIL:
            return _voicemail(event)
        case CallPhase.FORWARDING:
            return _forwarding(event)
        case CallPhase.FORWARDED:
            return _forwarded(event)
        case CallPhase.ENDED:
            return CallStep.STALE


def _waiting(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.ABANDON
        case CallEvent.CALL_FAILED:
            return CallStep.FAIL
        case CallEvent.MAX_WAIT_ENDED | CallEvent.ROUND_ENDED:
            return CallStep.OVERFLOW
        case CallEvent.MOVED:
            return CallStep.MOVE
        case CallEvent.PRIORITY_SET | CallEvent.NEEDS_SET:
            return CallStep.ADJUST
        case CallEvent.ASSIGNED | CallEvent.PICKED:
            return CallStep.GIVE
        case CallEvent.DIGIT_PRESSED:
            return CallStep.LEAVE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.FORWARD_ANSWERED
            | CallEvent.FORWARD_FAILED
        ):
            return CallStep.ILLEGAL


def _ringing(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP | CallEvent.CALL_FAILED:
            return CallStep.END_OFFER
        case CallEvent.MAX_WAIT_ENDED:
            return CallStep.NOTE_LIMIT
        case CallEvent.MOVED:
            return CallStep.MOVE
        case CallEvent.PRIORITY_SET | CallEvent.NEEDS_SET:
            return CallStep.ADJUST
        case CallEvent.DIGIT_PRESSED:
            return CallStep.LEAVE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.FORWARD_ANSWERED
            | CallEvent.FORWARD_FAILED
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL


def _connecting(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP | CallEvent.CALL_FAILED:
            return CallStep.END_OFFER
        case CallEvent.MAX_WAIT_ENDED:
            return CallStep.NOTE_LIMIT
        case CallEvent.PRIORITY_SET | CallEvent.NEEDS_SET:
            return CallStep.ADJUST
        case CallEvent.DIGIT_PRESSED:
            return CallStep.STALE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.FORWARD_ANSWERED
            | CallEvent.FORWARD_FAILED
            | CallEvent.MOVED
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL


def _connected(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP | CallEvent.CALL_FAILED:
            return CallStep.END_OFFER
        case CallEvent.DIGIT_PRESSED:
            return CallStep.STALE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.MAX_WAIT_ENDED
            | CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.FORWARD_ANSWERED
            | CallEvent.FORWARD_FAILED
            | CallEvent.MOVED
            | CallEvent.PRIORITY_SET
            | CallEvent.NEEDS_SET
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL


def _voicemail(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.ABANDON
        case CallEvent.CALL_FAILED:
            return CallStep.FAIL
        case CallEvent.VOICEMAIL_LEFT:
            return CallStep.TAKE_MESSAGE
        case CallEvent.VOICEMAIL_FAILED:
            return CallStep.LAST_RESORT
        case CallEvent.DIGIT_PRESSED:
            return CallStep.STALE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.MAX_WAIT_ENDED
            | CallEvent.ROUND_ENDED
            | CallEvent.FORWARD_ANSWERED
            | CallEvent.FORWARD_FAILED
            | CallEvent.MOVED
            | CallEvent.PRIORITY_SET
            | CallEvent.NEEDS_SET
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL


def _forwarding(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.ABANDON
        case CallEvent.CALL_FAILED:
            return CallStep.FAIL
        case CallEvent.FORWARD_ANSWERED:
            return CallStep.HAND_OVER
        case CallEvent.FORWARD_FAILED:
            return CallStep.LAST_RESORT
        case CallEvent.DIGIT_PRESSED:
            return CallStep.STALE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case (
            CallEvent.MAX_WAIT_ENDED
            | CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.MOVED
            | CallEvent.PRIORITY_SET
            | CallEvent.NEEDS_SET
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL


def _forwarded(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP | CallEvent.CALL_FAILED:
            return CallStep.CLOSE
        case CallEvent.END_ORDERED:
            return CallStep.STOP
        case CallEvent.FORWARD_ANSWERED | CallEvent.DIGIT_PRESSED:
            return CallStep.STALE
        case (
            CallEvent.MAX_WAIT_ENDED
            | CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
            | CallEvent.FORWARD_FAILED
            | CallEvent.MOVED
            | CallEvent.PRIORITY_SET
            | CallEvent.NEEDS_SET
            | CallEvent.ASSIGNED
            | CallEvent.PICKED
        ):
            return CallStep.ILLEGAL
