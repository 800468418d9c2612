"""
To whom an event goes: checked against what it is about, then handed to its machine.

Events about the plan and acts of supervisors go elsewhere (``engine.py``, ``acts.py``).
"""

from __future__ import annotations

from ..events import (
    AgentHungUp,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentOccupied,
    AgentPaused,
    AgentResumed,
    CallArrived,
    CallConnected,
    CallerHungUp,
    CallFailed,
    ConnectFailed,
    EndpointLost,
    EndpointReached,
    Event,
    ForwardAnswered,
    ForwardFailed,
    Gap,
    HostLost,
    HostResynced,
    LineDigitPressed,
    OfferAccepted,
    OfferCancelled,
    OfferConfirmed,
    OfferDeclined,
    OfferFailed,
    OfferRedirected,
    OpenCasesTold,
    VoicemailFailed,
    VoicemailLeft,
    WallClockMoved,
    WrapUpEnded,
)
from . import answering, border, hosts, offering, routing
from .agent import AgentEvent
from .call import CallEvent
from .limits import OCCUPIED_UNITS_MAX, OFFSET_MS_MAX, OPEN_CASES_MAX, TIME_MS_MAX
from .offer import OfferEvent
from .site import Site

__all__ = ["apply"]

_OFFER_EVENTS: dict[type[Event], OfferEvent] = {
    OfferDeclined: OfferEvent.DECLINED,
    OfferFailed: OfferEvent.FAILED,
    OfferCancelled: OfferEvent.CANCELLED,
    CallConnected: OfferEvent.CONNECTED,
    ConnectFailed: OfferEvent.CONNECT_FAILED,
}

_AGENT_EVENTS: dict[type[Event], AgentEvent] = {
    AgentLoggedIn: AgentEvent.LOGGED_IN,
    AgentLoggedOut: AgentEvent.LOGGED_OUT,
    AgentPaused: AgentEvent.PAUSED,
    AgentResumed: AgentEvent.RESUMED,
}


def apply(site: Site, event: Event) -> None:
    """
    Let an event happen, unless it is about nothing or out of bounds.
    """
    name = type(event).__name__
    match event:
        case CallArrived():
            border.check_arrival(site, event)
            hosts.call_came(site, event.host, event.call)
            routing.call_arrived(site, event)
        case Gap() | HostLost() | HostResynced():
            _host_event(site, event)
        case CallerHungUp(call=id):
            call = border.call_named(site, name, id)
            if call is not None:
                routing.caller_hung_up(site, call)
        case VoicemailLeft(call=id, length_ms=length_ms):
            call = border.call_named(site, name, id)
            border.check_range(name, "length_ms", length_ms, 0, TIME_MS_MAX)
            if call is not None:
                routing.voicemail_left(site, call, length_ms)
        case LineDigitPressed(call=id, digit=digit):
            call = border.call_named(site, name, id)
            if call is not None:
                routing.digit_pressed(site, call, digit)
        case VoicemailFailed() | ForwardFailed() | ForwardAnswered() | CallFailed():
            _destination_event(site, event)
        case WallClockMoved(offset_ms=offset_ms):
            _move_wall_clock(site, offset_ms)
        case OfferAccepted() | OfferConfirmed() | OfferRedirected() | AgentHungUp():
            border.check_offer(site, event.offer)
            _answer(site, event)
        case OfferFailed(offer=offer, code=code):
            border.check_offer(site, offer)
            offering.offer_event(site, offer, OfferEvent.FAILED, code)
        case OfferDeclined() | OfferCancelled() | CallConnected() | ConnectFailed():
            border.check_offer(site, event.offer)
            offering.offer_event(site, event.offer, _OFFER_EVENTS[type(event)])
        case _:
            _agent_event(site, event)


def _agent_event(site: Site, event: Event) -> None:
    """
    Something happened to an agent, or to a device of theirs.
    """
    name = type(event).__name__
    match event:
        case WrapUpEnded(agent=id):
            routing.wrap_up_ended(site, border.agent_named(site, name, id))
        case AgentOccupied(agent=id, units=units):
            agent = border.agent_named(site, name, id)
            border.check_range(name, "units", units, 0, OCCUPIED_UNITS_MAX)
            site.agents[agent].occupied = units
        case OpenCasesTold(agent=id, cases=cases):
            agent = border.agent_named(site, name, id)
            border.check_range(name, "cases", cases, 0, OPEN_CASES_MAX)
            site.agents[agent].open_cases = cases
        case AgentPaused(agent=id, reason=reason):
            agent = border.agent_named(site, name, id)
            if reason:
                border.check_id(name, "reason", reason)
            routing.agent_event(site, agent, AgentEvent.PAUSED, reason)
        case AgentLoggedIn() | AgentLoggedOut() | AgentResumed():
            agent = border.agent_named(site, name, event.agent)
            routing.agent_event(site, agent, _AGENT_EVENTS[type(event)])
        case EndpointLost(agent=id, endpoint=address):
            agent = border.agent_named(site, name, id)
            device = border.endpoint_named(site, agent, address)
            answering.endpoint_lost(site, agent, device)
        case EndpointReached(agent=id, endpoint=address):
            agent = border.agent_named(site, name, id)
            device = border.endpoint_named(site, agent, address)
            answering.endpoint_reached(site, agent, device)


def _answer(
    site: Site, event: OfferAccepted | OfferConfirmed | OfferRedirected | AgentHungUp
) -> None:
    """
    Let a device answer, confirm, redirect or hang up.
    """
    match event:
        case OfferAccepted(offer=offer, endpoint=address):
            answering.accepted(site, offer, address)
        case OfferConfirmed(offer=offer, digit=digit):
            answering.confirmed(site, offer, digit)
        case OfferRedirected(offer=offer, target=target):
            answering.redirected(site, offer, target)
        case AgentHungUp(offer=offer):
            answering.agent_hung_up(site, offer)


def _destination_event(
    site: Site, event: VoicemailFailed | ForwardFailed | ForwardAnswered | CallFailed
) -> None:
    """
    Something happened to a call that no agent is asked about.
    """
    name = type(event).__name__
    call = border.call_named(site, name, event.call)
    if not isinstance(event, ForwardAnswered):
        border.check_id(name, "code", event.code)
    if call is None:
        return
    match event:
        case ForwardAnswered():
            routing.forward_answered(call)
        case CallFailed(code=code):
            routing.call_failed(site, call, code)
        case VoicemailFailed(code=code):
            failed = CallEvent.VOICEMAIL_FAILED
            routing.destination_failed(site, call, failed, code)
        case ForwardFailed(code=code):
            failed = CallEvent.FORWARD_FAILED
            routing.destination_failed(site, call, failed, code)


def _host_event(site: Site, event: Gap | HostLost | HostResynced) -> None:
    """
    A host is gone, or tells what it still has; a gap that came so far is malformed.
    """
    match event:
        case Gap():
            border.refuse_gap(site)
        case HostLost(host=host):
            border.check_host(site, "HostLost", host)
            hosts.lost(site, host)
        case HostResynced():
            told, unreachable = border.check_resync(site, event)
            hosts.resynced(site, event, told, unreachable)


def _move_wall_clock(site: Site, offset_ms: int) -> None:
    name = "WallClockMoved"
    border.check_range(name, "offset_ms", offset_ms, -OFFSET_MS_MAX, OFFSET_MS_MAX)
    site.wall_offset_ms = offset_ms
    for number in range(len(site.schedules_open)):
        routing.shift_changed(site, number)
