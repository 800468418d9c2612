"""
The line: in which order calls wait.

Each queue orders its own line (rule 8.3): by effective priority, by waiting time
alone, or the hardest to serve first.  Calls of different queues compare by the
common order: effective priority, waiting time, arrival; a queue that orders its line
otherwise counts there with its fixed priority.
"""

from __future__ import annotations

from ..plan.compiled import LINES
from . import steps
from .site import Site
from .state import Call, CallPhase, Presence

IN_LINE = (CallPhase.WAITING, CallPhase.RINGING, CallPhase.CONNECTING)
"""Phases in which a call has a place in line."""


def effective_priority(site: Site, call: Call) -> int:
    """
    Return a call's priority now, in thousandths (rules 8.2, 18.14).
    """
    queue = site.queue_of(call)
    if LINES[queue.line] != "priority":
        return 1000 * queue.priority
    step = steps.rules(site, call, call.step)
    raised = call.priority + (0 if step is None else step.raise_priority)
    waited_ms = site.now_ms - call.line_since_ms
    aged = queue.aging_milli * waited_ms // 60_000
    return 1000 * raised + min(1000 * queue.aging_cap, aged)


def common_key(site: Site, call: Call) -> tuple[int, int, int]:
    """
    Return what puts calls of different queues in order, the smaller first.
    """
    return (-effective_priority(site, call), call.line_since_ms, call.sequence)


def queue_key(site: Site, call: Call) -> tuple[int, int, int]:
    """
    Return what puts the calls of one queue in order, the smaller first.
    """
    line = LINES[site.queue_of(call).line]
    if line == "hardest_first":
        return (_who_could_serve(site, call), call.line_since_ms, call.sequence)
    return common_key(site, call)


def agent_key(site: Site, call: Call, agent: int) -> tuple[int, ...]:
    """
    Return what puts the first calls of an agent's queues in order for the agent.
    """
    places = site.queue_of(call).placements
    priority = next((place.priority for place in places if place.agent == agent), 1)
    return (priority, *common_key(site, call))


def delay_ms(site: Site, call: Call, agent: int) -> int:
    """
    Return how long a call must have waited in its queue before it gets an agent.
    """
    places = site.queue_of(call).placements
    return next((place.delay_ms for place in places if place.agent == agent), 0)


def before(site: Site, call: Call) -> list[Call]:
    """
    List the calls that stand before a call in its queue's line, first to last.
    """
    line = [
        other
        for other in site.calls.values()
        if other.queue == call.queue and other.phase in IN_LINE
    ]
    place = queue_key(site, call)
    ahead = [other for other in line if queue_key(site, other) < place]
    return sorted(ahead, key=lambda other: queue_key(site, other))


def stands_before(site: Site, other: Call, call: Call) -> bool:
    """
    Tell whether a call of the same line goes before another.

    Calls with different versions of the queue's rules compare by the common order, as
    those of different queues do.
    """
    key = queue_key if other.queue == call.queue else common_key
    return key(site, other) < key(site, call)


def _who_could_serve(site: Site, call: Call) -> int:
    """
    Count the logged-in members who pass the tests of tags of the current step.
    """
    return sum(
        state.presence != Presence.LOGGED_OUT
        and site.on_shift(agent)
        and steps.is_member(site, call, agent, call.step)
        and steps.passes_tags(site, call, agent, call.step)
        for agent, state in enumerate(site.agents)
    )
