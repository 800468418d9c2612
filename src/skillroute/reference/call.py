"""
The call: one customer contact from its arrival to its one outcome.

It waits in line, keeps its place there while agents are rung and while one who
accepted is being connected (rule 7.3), is connected, or leaves the line for
voicemail or the site's last resort, and ends.  What an offer does to its call
is said in ``offer.py``; this file has what happens to the call itself: the
caller hangs up, a limit is reached, a message is left.

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
    MAX_WAIT_ENDED = "max_wait"
    ROUND_ENDED = "round_end"


class CallStep(enum.Enum):
    """
    What it does.
    """

    ABANDON = enum.auto()
    """The caller has left before anybody spoke to them."""
    END_OFFER = enum.auto()
    """An agent is being rung or spoken to: the offer's step ends both."""
    OVERFLOW = enum.auto()
    """Leave the line for the queue's overflow."""
    NOTE_LIMIT = enum.auto()
    """Overflow if the present offer comes to nothing."""
    TAKE_MESSAGE = enum.auto()
    """End with a message, or as abandoned if it is too short."""
    LAST_RESORT = enum.auto()
    """Voicemail failed: the site's last resort."""
    STALE = enum.auto()
    ILLEGAL = enum.auto()


EXPECTED = {
    CallPhase.WAITING: "CallerHungUp",
    CallPhase.RINGING: "CallerHungUp or an answer to the offer",
    CallPhase.CONNECTING: "CallerHungUp, CallConnected or ConnectFailed",
    CallPhase.CONNECTED: "CallerHungUp or AgentHungUp",
    CallPhase.VOICEMAIL: "VoicemailLeft, VoicemailFailed or CallerHungUp",
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
        case CallPhase.RINGING | CallPhase.CONNECTING:
            return _offered(event)
        case CallPhase.CONNECTED:
            return _connected(event)
        case CallPhase.VOICEMAIL:
            return _voicemail(event)
        case CallPhase.ENDED:
            return CallStep.STALE


def _waiting(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.ABANDON
        case CallEvent.MAX_WAIT_ENDED | CallEvent.ROUND_ENDED:
            return CallStep.OVERFLOW
        case CallEvent.VOICEMAIL_LEFT | CallEvent.VOICEMAIL_FAILED:
            return CallStep.ILLEGAL


def _offered(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.END_OFFER
        case CallEvent.MAX_WAIT_ENDED:
            return CallStep.NOTE_LIMIT
        case (
            CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
        ):
            return CallStep.ILLEGAL


def _connected(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.END_OFFER
        case (
            CallEvent.MAX_WAIT_ENDED
            | CallEvent.ROUND_ENDED
            | CallEvent.VOICEMAIL_LEFT
            | CallEvent.VOICEMAIL_FAILED
        ):
            return CallStep.ILLEGAL


def _voicemail(event: CallEvent) -> CallStep:
    match event:
        case CallEvent.CALLER_HUNG_UP:
            return CallStep.ABANDON
        case CallEvent.VOICEMAIL_LEFT:
            return CallStep.TAKE_MESSAGE
        case CallEvent.VOICEMAIL_FAILED:
            return CallStep.LAST_RESORT
        case CallEvent.MAX_WAIT_ENDED | CallEvent.ROUND_ENDED:
            return CallStep.ILLEGAL
