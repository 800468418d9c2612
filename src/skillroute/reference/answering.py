"""
Answering: what happens while an offer rings that does not decide it yet.

Devices of the agent become unreachable, one answers that must still be confirmed, or
sends the call elsewhere (rule 4.4).  What decides the offer is told to its machine.
"""

from __future__ import annotations

from .. import actions
from . import devices, offering
from .border import is_id
from .offer import OfferEvent
from .refusals import illegal
from .site import Site
from .state import Offer, OfferPhase


def endpoint_lost(site: Site, agent: int, device: int) -> None:
    """
    A device cannot be reached; what rings on it rings elsewhere, or ends.
    """
    state = site.agents[agent]
    bit = 1 << device
    if state.lost & bit:
        return
    state.lost |= bit
    for id in list(state.offers):
        offer = site.offers[id]
        if offer.phase != OfferPhase.RINGING or not offer.devices & bit:
            continue
        _stop(offer, bit)
        if not offer.devices and not devices.is_cut_off(site, agent):
            offer.devices = devices.ringing(site, agent)
            offer.outside = False
        _go_on(site, offer, "unreachable")


def endpoint_reached(site: Site, agent: int, device: int) -> None:
    """
    A device can be reached again, and rings with the next offer.
    """
    site.agents[agent].lost &= ~(1 << device)


def accepted(site: Site, id: int, address: str) -> None:
    """
    A device has answered: the agent has, unless that must be confirmed.
    """
    offer = _ringing(site, id)
    device = None if offer is None else devices.answering(site, offer, address)
    digit = (
        "" if offer is None or device is None else devices.digit(site, offer, device)
    )
    if offer is None or device is None or not digit:
        offering.offer_event(site, id, OfferEvent.ACCEPTED)
        return
    bit = 1 << device
    if offer.answered & bit:
        return
    offer.devices |= bit
    offer.answered |= bit
    call = site.calls[offer.call]
    plan = site.agent_plan(offer.agent)
    site.order(
        actions.ConfirmOffer(
            id=site.next_action_id(),
            call=call.id,
            offer=id,
            agent=plan.id,
            endpoint=plan.endpoints[device],
            whisper=site.number_of(call).label,
            digit=digit,
        )
    )


def confirmed(site: Site, id: int, digit: str) -> None:
    """
    Somebody has pressed a digit; a wrong one changes nothing.
    """
    offer = _ringing(site, id)
    if offer is not None:
        count = len(site.agent_plan(offer.agent).endpoints)
        answered = [n for n in range(count) if offer.answered >> n & 1]
        if not answered:
            name = OfferEvent.CONFIRMED.value
            raise illegal(name, "offer not answered", "OfferAccepted")
        if digit not in {devices.digit(site, offer, device) for device in answered}:
            return
    offering.offer_event(site, id, OfferEvent.CONFIRMED)


def redirected(site: Site, id: int, target: str) -> None:
    """
    A device sends the call elsewhere: it rings there, or the agent has declined.
    """
    offer = _ringing(site, id)
    if offer is None or not devices.is_followed(site, offer) or not is_id(target):
        offering.offer_event(site, id, OfferEvent.REDIRECTED)
        return
    devices.note_redirect(offer, target)
    rings = devices.addresses(site, offer)
    _ring(site, offer, (*rings, target) if len(rings) > 1 else (target,))


def agent_hung_up(site: Site, id: int) -> None:
    """
    An agent's leg is gone, maybe one that has answered but not confirmed.

    Of several such the host does not say which: it is taken to be the first.
    """
    offer = _ringing(site, id)
    if offer is None or not offer.answered:
        offering.offer_event(site, id, OfferEvent.AGENT_HUNG_UP)
        return
    _stop(offer, offer.answered & -offer.answered)
    _go_on(site, offer, "not_confirmed")


def _ringing(site: Site, id: int) -> Offer | None:
    """
    Return an offer if it rings.
    """
    offer = site.offers.get(id)
    return offer if offer is not None and offer.phase == OfferPhase.RINGING else None


def _stop(offer: Offer, bits: int) -> None:
    """
    Let devices ring no more.
    """
    offer.devices &= ~bits
    offer.answered &= ~bits


def _go_on(site: Site, offer: Offer, reason: str) -> None:
    """
    Ring the devices that are left, or give the offer up.
    """
    if offer.devices:
        _ring(site, offer, devices.addresses(site, offer))
    else:
        offering.offer_event(site, offer.id, OfferEvent.DEVICES_GONE, reason=reason)


def _ring(site: Site, offer: Offer, addresses: tuple[str, ...]) -> None:
    site.order(
        actions.RingDevices(
            id=site.next_action_id(), offer=offer.id, endpoints=addresses
        )
    )
