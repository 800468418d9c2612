"""
Announcements: what callers are told of their place in line, and of the wait.

Both are told at intervals, from the entry into the queue on (rule 8.5).  The expected
wait goes by how long the last calls of the line have kept their agents, and by how
many agents there are to take one; of the calls that there have not been yet the plan
says how long they take.

What one caller is told never rises, also when the call goes on to another queue.
"""

from __future__ import annotations

from .. import actions
from . import steps
from .limits import HANDLED_REMEMBERED, TIME_MS_MAX
from .line import IN_LINE, stands_before
from .site import Site
from .state import Call, CallPhase, Offer, Presence
from .timers import TimerKind


def await_next(site: Site, call: Call) -> None:
    """
    Set the timer of a call's next announcement, if its queue has any.
    """
    every_ms = site.queue_of(call).announcements.every_ms
    if every_ms is not None:
        deadline_ms = site.now_ms + every_ms
        site.timers.set(TimerKind.ANNOUNCEMENT_DUE, call.sequence, deadline_ms)


def announce(site: Site, call: Call) -> None:
    """
    Tell a caller what the queue says; one who hears the agent's whisper is not told.

    Nor is one whose host is not in sync.
    """
    await_next(site, call)
    if call.phase == CallPhase.CONNECTING or site.is_held(call):
        return
    telling = site.queue_of(call).announcements
    place, wait_ms = 0, None
    if telling.position:
        place = position(site, call)
        if call.announced_position is not None:
            place = min(place, call.announced_position)
        call.announced_position = place
    if telling.wait:
        wait_ms = expected_wait_ms(site, call)
    if wait_ms is not None:
        if call.announced_wait_ms is not None:
            wait_ms = min(wait_ms, call.announced_wait_ms)
        call.announced_wait_ms = wait_ms
    if place or wait_ms is not None:
        site.order(
            actions.AnnouncePosition(
                id=site.next_action_id(),
                call=call.id,
                position=place,
                expected_wait_ms=wait_ms,
            )
        )


def position(site: Site, call: Call) -> int:
    """
    Return the place of a call in its line, 1 for the first; those being rung count.
    """
    line = site.lines[call.queue]
    return 1 + sum(
        other.phase in IN_LINE
        and site.lines[other.queue] == line
        and stands_before(site, other, call)
        for other in site.calls.values()
    )


def expected_wait_ms(site: Site, call: Call) -> int | None:
    """
    Return how long a call may have to wait from now; None: nobody is there to take it.

    Source: position over service rate, as of rule 8.5.
    """
    servers = _who_serves(site, call)
    if servers == 0:
        return None
    lengths_ms = site.handled.get(site.lines[call.queue], [])
    expected_ms = site.queue_of(call).announcements.expected_handling_ms
    total_ms = sum(lengths_ms) + (HANDLED_REMEMBERED - len(lengths_ms)) * expected_ms
    wait_ms = position(site, call) * total_ms // (HANDLED_REMEMBERED * servers)
    return min(wait_ms, TIME_MS_MAX)


def note_handled(site: Site, offer: Offer) -> None:
    """
    Remember how long an agent was taken by a call of a line.
    """
    assert offer.connected_ms is not None
    lengths_ms = site.handled.setdefault(site.lines[offer.queue], [])
    lengths_ms.append(site.now_ms - offer.connected_ms)
    del lengths_ms[:-HANDLED_REMEMBERED]


def _who_serves(site: Site, call: Call) -> int:
    """
    Count the members who are there, on no break, and pass the tests of tags of the
    current step.
    """
    return sum(
        state.presence == Presence.AVAILABLE
        and site.on_shift(agent)
        and steps.is_member(site, call, agent, call.step)
        and steps.passes_tags(site, call, agent, call.step)
        for agent, state in enumerate(site.agents)
    )
