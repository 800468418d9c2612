"""
Admission: whether a queue takes a call that has just come to it (rule 9.3).

The tests stand in the order of the rule; the first limit that is reached decides.
"""

from __future__ import annotations

from . import overrides, steps
from .line import IN_LINE
from .site import Site
from .state import Call, Presence


def refusal(site: Site, call: Call) -> str | None:
    """
    Return the limit for which a queue does not take a call; None: it takes it.

    Args:
        site: The site.
        call: A call that stands in the line of its queue, as the last that came.
    """
    limits = site.queue_of(call).limits
    if not _is_open(site, call.queue):
        return "closed"
    empty = _emptiness(
        site,
        call,
        on_shift=limits.refuse_nobody_on_shift or limits.leave_when_empty,
        logged_in=limits.refuse_nobody_logged_in or limits.leave_when_empty,
    )
    if empty is not None:
        return empty
    others = [
        other
        for other in site.calls.values()
        if other.phase in IN_LINE
        and other is not call
        and site.lines[other.queue] == site.lines[call.queue]
    ]
    caller = call.caller.number
    if limits.size_per_caller is not None and caller:
        same = sum(other.caller.number == caller for other in others)
        if same >= limits.size_per_caller:
            return "size_per_caller"
    if limits.size is not None and len(others) >= limits.size:
        return "size"
    return None


def who_left(site: Site, call: Call) -> str | None:
    """
    Return the limit for which a call leaves its line since nobody is there any more;
    None: somebody is, or the call stays.
    """
    leaves = site.queue_of(call).limits.leave_when_empty
    return _emptiness(site, call, on_shift=leaves, logged_in=leaves)


def _emptiness(
    site: Site, call: Call, *, on_shift: bool, logged_in: bool
) -> str | None:
    """
    Return which of two limits is reached: nobody of those who could serve a call is
    on shift, or logged in.

    The last step lets everybody in whom some step does (rule 18.15).  Whoever is on a
    break, on a call or cannot be reached is there, whom the queue excludes is not.
    """
    if not (on_shift or logged_in):
        return None
    last = len(site.queue_of(call).steps)
    there = [
        agent
        for agent in site.staff()
        if site.on_shift(agent)
        and steps.is_member(site, call, agent, last)
        and agent not in site.queue_of(call).exclude
        and steps.passes_tags(site, call, agent, last)
    ]
    if on_shift and not there:
        return "nobody_on_shift"
    presences = (site.agents[agent].presence for agent in there)
    if logged_in and all(one == Presence.LOGGED_OUT for one in presences):
        return "nobody_logged_in"
    return None


def _is_open(site: Site, queue: int) -> bool:
    """
    Tell whether a queue takes calls now: an override beats its hours (rule 3.2).
    """
    one = site.overlay.override(overrides.QUEUE, queue)
    if one is not None:
        return one.to == overrides.OPEN
    hours = site.plan.queues[queue].limits.hours
    return hours is None or site.schedules_open[hours]
