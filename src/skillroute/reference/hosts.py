"""
Hosts: the switches that bring calls, and what holds while one is not there.

A host is known from the first event that names it, and *in sync* until its
connection is lost, or the driver itself was not running (a gap).  Then nothing that
the site knows of its calls is sure: what rings is withdrawn, calls of the host are
held and its agents not asked, until ``HostResynced`` has told what still exists
(rules 1.7, 18.4).  Waiting goes on meanwhile; a limit that passes is tested once,
afterwards.

An agent whose host is not said is reached through all of them, so only while all are
gone are they gone, too.
"""

from __future__ import annotations

from bisect import insort

from .. import actions
from ..events import CallStanding, HostResynced
from . import answering, offering, routing, sending
from .call import CallEvent
from .limits import NUMBERS_PER_MS
from .offer import OfferEvent
from .site import Site
from .state import Call, CallPhase, HostState, OfferPhase
from .timers import TimerKind


def call_came(site: Site, host: str, id: str) -> None:
    """
    A host has brought a call: it is known, and knows of the call.
    """
    known = site.hosts.setdefault(host, HostState(host, in_sync=True, told=[]))
    if not known.in_sync:
        _tell(known, id)


def leave_numbers(site: Site, until_ms: int) -> None:
    """
    Use no number again that may have been given in a gap up to an instant.

    Calls may have been routed on although no journal could be written; their hosts
    would take an order with a number of theirs for the same one, come twice.
    """
    free = until_ms * NUMBERS_PER_MS
    site.event_sequence = max(site.event_sequence, free)
    site.offer_sequence = max(site.offer_sequence, free)


def begin_gap(site: Site) -> None:
    """
    The driver was not running: nothing is sure of any host.
    """
    for host in site.hosts.values():
        host.in_sync = False
        host.told = []
    _strand(site)


def lost(site: Site, name: str) -> None:
    """
    The connection to a host is gone.
    """
    host = site.hosts.setdefault(name, HostState(name, in_sync=True, told=[]))
    host.in_sync = False
    host.told = []
    _strand(site)


def resynced(
    site: Site,
    event: HostResynced,
    calls: list[Call | None],
    unreachable: list[int],
) -> None:
    """
    A host has told what still exists: all of it, or more follows.

    Args:
        site: The site.
        event: What was told.
        calls: Those of ``event.calls``; None: it has ended.
        unreachable: The agents who are.
    """
    for agent in unreachable:
        for device in range(len(site.agent_plan(agent).endpoints)):
            answering.endpoint_lost(site, agent, device)
    new = HostState(event.host, in_sync=True, told=[])
    host = site.hosts.setdefault(event.host, new)
    for standing, call in zip(event.calls, calls, strict=True):
        if call is None:
            order = actions.HangUpCall(
                id=site.next_action_id(),
                call=standing.call,
                message="",
                reason="ended",
            )
            site.order(order)
            if standing.offer:
                offering.release_stale(site, standing.offer)
        elif call.sequence in site.calls:
            _tell(host, call.id)
            _stand(site, call, standing)
    if event.complete:
        _in_sync(site, host)


def _in_sync(site: Site, host: HostState) -> None:
    """
    All is told: what was not is gone, and the host goes on.
    """
    was_in_sync = host.in_sync
    told, host.told = host.told, []
    of_host = [call for call in site.calls.values() if call.host == host.name]
    for call in of_host:
        if call.id not in told:
            routing.call_failed(site, call, "host_lost")
    host.in_sync = True
    if was_in_sync:
        return
    free_stranded(site)
    for call in of_host:
        if call.phase == CallPhase.WAITING and call.max_wait_passed:
            sending.overflow(site, call, CallEvent.MAX_WAIT_ENDED.value)


def free_stranded(site: Site) -> None:
    """
    Free the units of withdrawn offers that waited for a host which is there.
    """
    for offer in [o for o in site.offers.values() if _is_stranded(site, o.id)]:
        call_held = offer.call in site.calls and site.is_held(site.calls[offer.call])
        if not call_held and not site.is_agent_down(offer.agent):
            offering.offer_event(site, offer.id, OfferEvent.CANCELLED)


def _strand(site: Site) -> None:
    """
    Withdraw what rings through a host that is gone, and stop leases on its calls.
    """
    for offer in list(site.offers.values()):
        if offer.phase not in (OfferPhase.RINGING, OfferPhase.CONNECTING):
            continue
        held = site.is_held(site.calls[offer.call])
        if offer.phase == OfferPhase.CONNECTING and held:
            site.timers.cancel(TimerKind.CONNECT_LEASE_ENDS, offer.id)
        elif offer.phase == OfferPhase.RINGING and (
            held or site.is_agent_down(offer.agent)
        ):
            offering.offer_event(site, offer.id, OfferEvent.HOST_LOST)


def _stand(site: Site, call: Call, standing: CallStanding) -> None:
    """
    Bring a call to where the host says that it is.
    """
    if standing.offer and standing.offer not in call.offers:
        offering.release_stale(site, standing.offer)
    open_offers = [site.offers[id] for id in call.offers]
    offer = next((o for o in open_offers if o.phase != OfferPhase.RINGING), None)
    if standing.hung_up_at_ms is not None:
        routing.caller_hung_up(site, call)
    elif offer is not None and offer.id != standing.offer:
        offering.offer_event(site, offer.id, OfferEvent.AGENT_HUNG_UP)
    elif offer is not None and offer.phase == OfferPhase.CONNECTING:
        lease_ms = site.timers.deadline_ms(TimerKind.CONNECT_LEASE_ENDS, offer.id)
        if standing.joined:
            offering.offer_event(site, offer.id, OfferEvent.CONNECTED)
        elif lease_ms is None:
            offering.start_lease(site, offer, has_heard=False)


def _is_stranded(site: Site, offer: int) -> bool:
    """
    Tell whether an offer was withdrawn since a host was lost.
    """
    is_withdrawn = site.offer_phase(offer) is OfferPhase.WITHDRAWN
    grace_ms = site.timers.deadline_ms(TimerKind.CANCEL_GRACE_ENDS, offer)
    return is_withdrawn and grace_ms is None


def _tell(host: HostState, id: str) -> None:
    if id not in host.told:
        insort(host.told, id)
