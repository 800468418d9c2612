"""
Demand: how much each tag was asked for lately, compared with who holds it.

The strategy ``opportunity_cost`` spares agents whose tags others will ask for (rule
6.3).  What a tag costs is worked out at full minutes of the engine's clock: calls of
the last 30 minutes that required it when they first stood in a line, for each
logged-in agent who holds it by name.  While nobody has asked for anything no minute
needs to be counted, and a site without the strategy counts none.
"""

from __future__ import annotations

from ..plan.compiled import STRATEGIES
from .site import Site
from .state import Call, Presence
from .timers import TimerKind

MINUTE_MS = 60_000
WINDOW_MS = 30 * MINUTE_MS
SCALE = 65_536
"""Costs are whole numbers: calls an agent, in so many parts."""

_OPPORTUNITY_COST = STRATEGIES.index("opportunity_cost")


def note(site: Site, call: Call) -> None:
    """
    A call stands in a line: count what it requires, if that is the first time.
    """
    if call.in_demand or not _is_asked(site):
        return
    call.in_demand = True
    minute_ms = site.now_ms - site.now_ms % MINUTE_MS
    asked = {(at_ms, tag): calls for at_ms, tag, calls in site.demand.asked}
    for need in call.needs.required:
        place = (minute_ms, need.tags[0])
        asked[place] = asked.get(place, 0) + 1
    site.demand.asked = sorted((*place, calls) for place, calls in asked.items())
    if site.demand.asked and _deadline_ms(site) is None:
        site.timers.set(TimerKind.DEMAND_COUNTED, 0, minute_ms + MINUTE_MS)


def count(site: Site) -> None:
    """
    Work out what tags cost, at a full minute.
    """
    began_ms = site.now_ms - WINDOW_MS
    site.demand.asked = [one for one in site.demand.asked if one[0] >= began_ms]
    demand: dict[int, int] = {}
    for _, tag, calls in site.demand.asked:
        demand[tag] = demand.get(tag, 0) + calls
    site.demand.costs = [
        (tag, SCALE * calls // max(1, _supply(site, tag)))
        for tag, calls in sorted(demand.items())
    ]
    if demand:
        site.timers.set(TimerKind.DEMAND_COUNTED, 0, site.now_ms + MINUTE_MS)


def _supply(site: Site, tag: int) -> int:
    """
    Count the logged-in agents who hold a tag by name.
    """
    return sum(
        state.presence != Presence.LOGGED_OUT
        and site.on_shift(agent)
        and tag in site.levels[agent]
        for agent, state in enumerate(site.agents)
    )


def _deadline_ms(site: Site) -> int | None:
    return site.timers.deadline_ms(TimerKind.DEMAND_COUNTED, 0)


def _is_asked(site: Site) -> bool:
    """
    Tell whether a queue goes by demand, in some step.
    """
    return any(
        _OPPORTUNITY_COST in {queue.strategy, *(s.strategy for s in queue.steps)}
        for queue in site.plan.queues
    )
