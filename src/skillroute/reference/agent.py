"""
The agent's presence: logged out, available or paused.

Who may send what: agents and supervisors log in and out, pause and resume; a
shift's start logs an agent in whose log-in is automatic (a log-out lasts until
the next log-in or shift start, rule 4.3); an agent who misses calls is paused for
a while (``auto_pause.py``).  What else people call an agent's
state (ringing, on call, wrap-up) follows from the offers that take their units
and is kept nowhere else.

A function per presence says what an event does; ``site.py`` carries it out.
Nothing else changes a presence.
"""

from __future__ import annotations

import enum

from .state import Presence


class AgentEvent(enum.Enum):
    """
    What can happen to a presence.
    """

    LOGGED_IN = "AgentLoggedIn"
    LOGGED_OUT = "AgentLoggedOut"
    PAUSED = "AgentPaused"
    RESUMED = "AgentResumed"
    SHIFT_STARTED = "shift start"
    MISSED_OFFERS = "missed offers"
    """Too many in a row; only an available agent is asked."""
    PAUSE_ENDED = "pause end"
    """The time of a pause for missed offers is over."""


class AgentStep(enum.Enum):
    """
    What it does.
    """

    LOG_IN = enum.auto()
    """Available from now, and there since now."""
    LOG_OUT = enum.auto()
    PAUSE = enum.auto()
    """Paused, with the event's reason."""
    RESUME = enum.auto()
    """Available, and there since the former log-in."""
    RENEW = enum.auto()
    """There since now, presence unchanged."""
    STALE = enum.auto()
    ILLEGAL = enum.auto()


EXPECTED = {
    Presence.LOGGED_OUT: "AgentLoggedIn",
    Presence.AVAILABLE: "AgentLoggedOut or AgentPaused",
    Presence.PAUSED: "AgentResumed, AgentLoggedIn or AgentLoggedOut",
}
"""What would be legal in each presence, for an error text."""


def step(presence: Presence, event: AgentEvent) -> AgentStep:
    """
    Say what an event does to a presence.
    """
    match presence:
        case Presence.LOGGED_OUT:
            return _logged_out(event)
        case Presence.AVAILABLE:
            return _available(event)
        case Presence.PAUSED:
            return _paused(event)


def _logged_out(event: AgentEvent) -> AgentStep:
    match event:
        case AgentEvent.LOGGED_IN | AgentEvent.SHIFT_STARTED:
            return AgentStep.LOG_IN
        case AgentEvent.LOGGED_OUT:
            return AgentStep.STALE
        case (
            AgentEvent.PAUSED
            | AgentEvent.RESUMED
            | AgentEvent.MISSED_OFFERS
            | AgentEvent.PAUSE_ENDED
        ):
            return AgentStep.ILLEGAL


def _available(event: AgentEvent) -> AgentStep:
    match event:
        case AgentEvent.LOGGED_IN | AgentEvent.RESUMED:
            return AgentStep.STALE
        case AgentEvent.LOGGED_OUT:
            return AgentStep.LOG_OUT
        case AgentEvent.PAUSED | AgentEvent.MISSED_OFFERS:
            return AgentStep.PAUSE
        case AgentEvent.SHIFT_STARTED:
            return AgentStep.RENEW
        case AgentEvent.PAUSE_ENDED:
            return AgentStep.ILLEGAL


def _paused(event: AgentEvent) -> AgentStep:
    match event:
        case AgentEvent.LOGGED_IN | AgentEvent.RESUMED | AgentEvent.PAUSE_ENDED:
            return AgentStep.RESUME
        case AgentEvent.LOGGED_OUT:
            return AgentStep.LOG_OUT
        case AgentEvent.PAUSED:
            return AgentStep.PAUSE
        case AgentEvent.SHIFT_STARTED:
            return AgentStep.RENEW
        case AgentEvent.MISSED_OFFERS:
            return AgentStep.ILLEGAL
