"""
Wrap-up: how long an agent has after a call, and who may end that.

Its length is the agent's, else the queue's, and so is its kind (rule 4.5): a capped
one ends by its length or when the agent says so, a fixed one by its length alone, a
manual one when the agent says so, but never later than its cap.
"""

from __future__ import annotations

from ..plan.compiled import WRAP_UPS
from .limits import MANUAL_WRAP_UP_MS_MAX
from .site import Site
from .state import Offer


def length_ms(site: Site, offer: Offer) -> int:
    """
    Return how long the agent of a finished call gets no other; 0: no time.
    """
    own_ms = site.agent_plan(offer.agent).wrap_up_ms
    queue_ms = site.plan.queues[offer.queue].wrap_up_ms
    if _kind(site, offer) != "manual":
        return queue_ms if own_ms is None else own_ms
    # A queue's 0 means that no cap was written; an agent's own 0, no wrap-up.
    cap_ms = (queue_ms or MANUAL_WRAP_UP_MS_MAX) if own_ms is None else own_ms
    return min(cap_ms, MANUAL_WRAP_UP_MS_MAX)


def is_fixed(site: Site, offer: Offer) -> bool:
    """
    Tell whether only time ends the wrap-up of an offer.
    """
    return _kind(site, offer) == "fixed"


def _kind(site: Site, offer: Offer) -> str:
    own = site.agent_plan(offer.agent).wrap_up
    return WRAP_UPS[site.plan.queues[offer.queue].wrap_up if own is None else own]
