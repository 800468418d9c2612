"""
Devices: which endpoints of an agent ring for an offer.

The first one in the plan's order that can be reached rings, or all of them together
(rule 4.4).  Sets of endpoints are numbers: bit n is endpoint n of the plan.
"""

from __future__ import annotations

from ..plan.compiled import is_outside
from .site import Site
from .state import Offer

OUTSIDE_DIGIT = "1"
"""What whoever answers an outside number must press, unless the plan says otherwise."""


def ringing(site: Site, agent: int) -> int:
    """
    Return the devices that ring for a new offer.
    """
    plan = site.agent_plan(agent)
    every = _every(site, agent)
    # Who gets a call though none can be reached is rung on all of them.
    reached = every & ~site.agents[agent].lost or every
    return reached if plan.rings_all else reached & -reached


def is_cut_off(site: Site, agent: int) -> bool:
    """
    Tell whether none of an agent's devices can be reached.
    """
    every = _every(site, agent)
    return every != 0 and site.agents[agent].lost == every


def addresses(site: Site, offer: Offer) -> tuple[str, ...]:
    """
    List the devices that ring for an offer, in the plan's order.
    """
    endpoints = enumerate(site.agent_plan(offer.agent).endpoints)
    return tuple(address for n, address in endpoints if offer.devices >> n & 1)


def answering(site: Site, offer: Offer, address: str) -> int | None:
    """
    Return which device has answered; None: the plan names none.

    A host that does not say, or says what nobody knows, means the first that rings.
    """
    endpoints = site.agent_plan(offer.agent).endpoints
    if address in endpoints:
        return endpoints.index(address)
    return next((n for n in range(len(endpoints)) if offer.devices >> n & 1), None)


def digit(site: Site, offer: Offer, device: int) -> str:
    """
    Return what must be pressed on a device that has answered; empty: nothing.
    """
    own = site.agent_plan(offer.agent).confirm_digits[device]
    return own or (OUTSIDE_DIGIT if offer.outside else "")


def is_followed(site: Site, offer: Offer) -> bool:
    """
    Tell whether a redirect is followed, whichever of the devices that ring made it.
    """
    follows = site.agent_plan(offer.agent).follows
    redirecting = [follows[n] for n in range(len(follows)) if offer.devices >> n & 1]
    return bool(redirecting) and all(redirecting)


def note_redirect(offer: Offer, target: str) -> None:
    """
    Remember that what rings now is an outside number, if it is one.
    """
    offer.outside = offer.outside or is_outside(target)


def _every(site: Site, agent: int) -> int:
    return (1 << len(site.agent_plan(agent).endpoints)) - 1
