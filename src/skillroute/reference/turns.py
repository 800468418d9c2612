"""
Turns: whom a call prefers, one agent after another, before its strategy decides.

Each preferred agent has a turn (rules 7.7, 18.10).  During it the call is for that
agent alone: offered if they are free, held while all that stands in the way is a unit
of theirs, up to their time.  Anything else ends the turn, and so do a miss and a
decline; then the next turn begins.  A ringing offer outlasts its turn, and while the
preferred agent rings in it nobody else does.

A held call has no claim: when the agent becomes free, line order decides.
"""

from __future__ import annotations

from ..contract import PreferredAgent
from ..plan.compiled import CompiledNumber
from .site import Site
from .state import Call
from .timers import TimerKind


def wished(
    site: Site, own: tuple[PreferredAgent, ...], number: CompiledNumber | None
) -> list[tuple[int, int]]:
    """
    List whom a call prefers: as its event says, then as its number does.

    Agents whom the plan does not know have left, maybe, and are passed over.
    """
    found: dict[int, int] = {}
    for preferred in own:
        agent = site.agent_numbers.get(preferred.agent)
        if agent is not None:
            found.setdefault(agent, preferred.for_ms)
    if number is not None:
        for agent in number.prefer_agents:
            found.setdefault(agent, number.prefer_for_ms)
    return list(found.items())


def holder(call: Call) -> int | None:
    """
    Return the agent whose turn it is; None: nobody's.
    """
    return call.preferred[call.turn][0] if call.turn < len(call.preferred) else None


def rings_at_holder(site: Site, call: Call) -> bool:
    """
    Tell whether the agent is rung whose turn it is.
    """
    agent = holder(call)
    return any(site.offers[id].agent == agent for id in call.offers)


def start(site: Site, call: Call) -> None:
    """
    The call has entered a queue: its list starts anew; one agent's own queue has none.
    """
    if site.queue_of(call).is_direct:
        return
    call.turn = 0
    await_end(site, call)


def next_turn(site: Site, call: Call) -> None:
    """
    A turn is over: the next begins.
    """
    call.turn += 1
    await_end(site, call)


def leave(site: Site, call: Call) -> None:
    """
    The call leaves its queue.
    """
    call.turn = len(call.preferred)
    await_end(site, call)


def ends_ms(site: Site, call: Call) -> int | None:
    """
    Return when the present turn ends, if nobody answers; None: unknown.
    """
    agent = holder(call)
    own = [id for id in call.offers if site.offers[id].agent == agent]
    ends = [
        site.timers.deadline_ms(TimerKind.PREFERRED_TURN_ENDS, call.sequence),
        *(site.timers.deadline_ms(TimerKind.RING_ENDS, id) for id in own),
    ]
    return min((ms for ms in ends if ms is not None), default=None)


def await_end(site: Site, call: Call) -> None:
    """
    Set the timer of the present turn, which begins now.
    """
    site.timers.cancel(TimerKind.PREFERRED_TURN_ENDS, call.sequence)
    if holder(call) is not None and call.preferred[call.turn][1] > 0:
        deadline_ms = site.now_ms + call.preferred[call.turn][1]
        site.timers.set(TimerKind.PREFERRED_TURN_ENDS, call.sequence, deadline_ms)
