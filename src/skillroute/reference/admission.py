"""
Admission: whether a queue takes a call that has just come to it (rule 9.3).

The tests stand in the order of the rule; the first limit that is reached decides.
"""

from __future__ import annotations

from . import overrides
from .line import IN_LINE
from .site import Site
from .state import Call


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


def _is_open(site: Site, queue: int) -> bool:
    """
    Tell whether a queue takes calls now: an override beats its hours (rule 3.2).
    """
    one = site.overlay.override(overrides.QUEUE, queue)
    if one is not None:
        return one.to == overrides.OPEN
    hours = site.plan.queues[queue].limits.hours
    return hours is None or site.schedules_open[hours]
