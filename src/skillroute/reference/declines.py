"""
Declines: whom a call spares since they declined it.

A decline holds for call and agent for as long as the queue says, across rounds, or
for the rest of the visit (rule 7.5).
"""

from __future__ import annotations

from bisect import insort

from .site import Site
from .state import Call
from .timers import TimerKind


def add(site: Site, call: Call, agent: int) -> None:
    """
    An agent has declined a call.
    """
    length_ms = site.queue_of(call).decline_for_ms
    if length_ms == 0:
        return
    if agent not in call.declined:
        insort(call.declined, agent)
    call.declines = [decline for decline in call.declines if decline[1] != agent]
    if length_ms is not None:
        insort(call.declines, (site.now_ms + length_ms, agent))
    await_end(site, call)


def end(site: Site, call: Call) -> None:
    """
    The time of one decline is over, or of several at once.
    """
    while call.declines and call.declines[0][0] <= site.now_ms:
        _, agent = call.declines.pop(0)
        call.declined.remove(agent)
    await_end(site, call)


def forget(site: Site, call: Call) -> None:
    """
    The visit is over, and with it all declines.
    """
    call.declined.clear()
    call.declines.clear()
    site.timers.cancel(TimerKind.DECLINE_ENDS, call.sequence)


def ends_ms(call: Call, agent: int) -> int | None:
    """
    Return when an agent's decline of a call ends; None: with the visit.
    """
    return next((at_ms for at_ms, other in call.declines if other == agent), None)


def await_end(site: Site, call: Call) -> None:
    """
    Set the timer of the decline that ends next.
    """
    if call.declines:
        deadline_ms = call.declines[0][0]
        site.timers.set(TimerKind.DECLINE_ENDS, call.sequence, deadline_ms)
    else:
        site.timers.cancel(TimerKind.DECLINE_ENDS, call.sequence)
