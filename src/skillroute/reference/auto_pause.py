"""
Auto-pause: who misses too many calls in a row is paused for a while.

Only an offer that rang its full time to one agent alone counts (rule 7.6); any accept
begins the count anew, and so does the pause itself.  It never takes the last agent of
a queue who is available by presence and shift, unless the plan says so (rule 18.8).
"""

from __future__ import annotations

from .. import actions
from . import offering, routing
from .agent import AgentEvent
from .offer import OfferEvent
from .site import Site
from .state import Presence
from .timers import TimerKind

REASON = "missed_offers"
"""The reason of such a pause."""


def ring_ended(site: Site, id: int) -> None:
    """
    An offer has rung its full time.
    """
    offer = site.offers[id]
    offering.offer_event(site, id, OfferEvent.TIMED_OUT)
    if not offer.alone:
        return
    state = site.agents[offer.agent]
    state.missed += 1
    after = site.plan.settings.auto_pause_after
    enough = after is not None and state.missed >= after
    if enough and state.presence == Presence.AVAILABLE and _may_go(site, offer.agent):
        _pause(site, offer.agent)


def pause_ended(site: Site, agent: int) -> None:
    """
    The time of a pause is over.
    """
    routing.agent_event(site, agent, AgentEvent.PAUSE_ENDED)


def _pause(site: Site, agent: int) -> None:
    until_ms = site.now_ms + site.plan.settings.auto_pause_for_ms
    site.agents[agent].missed = 0
    site.order(
        actions.PauseAgent(
            id=site.next_action_id(),
            agent=site.agent_plan(agent).id,
            reason=REASON,
            until_ms=until_ms,
        )
    )
    routing.agent_event(site, agent, AgentEvent.MISSED_OFFERS, REASON)
    site.timers.set(TimerKind.PAUSE_ENDS, agent, until_ms)


def _may_go(site: Site, agent: int) -> bool:
    """
    Tell whether every queue that an agent serves has another one who is available.

    Whoever serves a queue from a later step on serves it.
    """
    if site.plan.settings.auto_pause_last or not site.on_shift(agent):
        return True
    others = {
        other
        for other, state in enumerate(site.agents)
        if other != agent
        and state.presence == Presence.AVAILABLE
        and site.on_shift(other)
    }
    for queue in site.plan.queues:
        members = queue.steps[-1].members if queue.steps else queue.members
        if members is None:
            members = tuple(range(len(site.agents)))
        if agent in members and not others & set(members):
            return False
    return True
