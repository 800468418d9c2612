"""
What no well-behaved host says.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from .. import events
from ..contract import (
    AnyOf,
    Destination,
    Forbidden,
    Preferred,
    PreferredAgent,
    Required,
)

__all__ = ["odd_event"]


def odd_event(
    draw: random.Random,
    arrival: events.CallArrived,
    agent: str,
    a_call: Callable[[], str],
) -> events.Event:
    """
    Make an event that is out of place, or out of all bounds.

    Args:
        draw: Decides which.
        arrival: One that would be in order.
        agent: An agent of the site.
        a_call: Draws a call of the site.
    """
    choices: tuple[events.Event, ...] = (
        events.OfferAccepted(offer=draw.choice((0, -1, 10**6))),
        events.CallerHungUp(call="nobody"),
        events.CallerHungUp(call="two words"),
        events.AgentLoggedIn(agent="nobody"),
        events.AgentPaused(agent=agent, reason="tea & cake"),
        events.VoicemailLeft(call="nobody", length_ms=-1),
        events.AgentOccupied(agent=agent, units=draw.choice((-1, 1001))),
        events.OpenCasesTold(agent=agent, cases=-1),
        events.VoicemailFailed(call="nobody", code="so full"),
        events.CallFailed(call="odd", code=""),
        events.HostLost(host="two words"),
        events.CallHeld(call="nobody", by="anna"),
        events.PrioritySet(call="nobody", priority=0),
        events.TagsSet(agent=agent, tags=(("lang:pl", 0),)),
        events.TagsSet(agent=agent, tags=(("a b", 1), ("*", 1))),
        events.MembershipSet(agent=agent, queue="q9", member=True),
        events.OverlayReset(kind="weather", name="rain"),
        events.Overridden(kind="schedule", name="s0", to="play", prompt="x"),
        events.Overridden(kind="queue", name="q0", to="play"),
        events.Overridden(kind="number", name="+999", to="open"),
        events.Overridden(kind="schedule", name="s9", to="open"),
        events.Overridden(kind="queue", name="q0", to="open", until_ms=5),
        events.PrioritySet(call=arrival.call, priority=1001),
        events.CallEndOrdered(call="nobody", by="x" * 1025),
        events.NeedsSet(call=a_call(), needs=(Required("a b"),)),
        events.CallAssigned(call=a_call(), agent="nobody"),
        events.CallMoved(call=a_call(), to=Destination(kind="none")),
        events.CallMoved(call=a_call(), to=Destination(kind="queue", name="nowhere")),
        events.CallMoved(
            call=a_call(), to=Destination(kind="voicemail", name="nowhere")
        ),
        events.CallMoved(call=a_call(), to=Destination(kind="number", name="+0123456")),
        events.CallMoved(call=a_call(), to=Destination(kind="agent", name="nobody")),
        events.PresenceSet(agent=agent, presence="paused", pause_reason="tea & cake"),
        msgspec.structs.replace(arrival, priority=1001),
        msgspec.structs.replace(arrival, needs=(Required("a b"),)),
        msgspec.structs.replace(arrival, needs=(Required("lang:pl", 0),)),
        msgspec.structs.replace(arrival, needs=(Preferred("lang:pl", 1001),)),
        msgspec.structs.replace(arrival, needs=(AnyOf(()),)),
        msgspec.structs.replace(arrival, preferred=(PreferredAgent("a0", -1),)),
        msgspec.structs.replace(arrival, preferred=(PreferredAgent("a b"),)),
        msgspec.structs.replace(arrival, excluded=("a0",) * 65),
        msgspec.structs.replace(arrival, needs=(Forbidden("x"),) * 65),
    )
    return draw.choice(choices)
