"""
Eligibility: the tests that an agent must pass to be offered a call.

The tests stand in the order of the rules (rule 16); the first that fails is the
agent's reason code.  One function serves deciding (which stops at the first
failure) and explaining (which reads them all).
"""

from __future__ import annotations

from collections.abc import Iterator

from . import devices, ringing, steps, turns
from .line import delay_ms
from .site import Site
from .state import Call, OfferPhase, Presence
from .timers import TimerKind

UNIT_CODES = ("wrap_up", "ringing", "connecting", "busy")
"""Codes of an agent who has no unit left, the first that any unit is in."""

_UNIT_CODE = {
    OfferPhase.WRAP_UP: "wrap_up",
    OfferPhase.RINGING: "ringing",
    OfferPhase.WITHDRAWN: "ringing",
    OfferPhase.CONNECTING: "connecting",
    OfferPhase.CONNECTED: "busy",
}

_NOT_OF_PREFERRED = ("not_in_queue", "step_not_reached", "delay_not_reached")
"""Tests that a preferred agent need not pass (rule 18.10)."""

_UNCONFIRMED = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)


def is_eligible(site: Site, call: Call, agent: int) -> bool:
    """
    Tell whether an agent passes every test for a call.
    """
    return next(failures(site, call, agent), None) is None


def _host_failures(site: Site, agent: int, call: Call | None) -> Iterator[str]:
    """
    Yield the code of a call or an agent whose host is not in sync.
    """
    is_held = call is not None and site.is_held(call)
    if is_held or site.is_agent_down(agent):
        yield "host_down"


def state_failures(site: Site, agent: int) -> Iterator[str]:
    """
    Yield the codes of presence, shift and units.
    """
    state = site.agents[agent]
    if state.presence == Presence.LOGGED_OUT:
        yield "logged_out"
    if state.presence == Presence.PAUSED:
        yield f"paused:{state.pause_reason}" if state.pause_reason else "paused"
    if not site.on_shift(agent):
        yield "off_shift"
    if site.units_left(agent) <= 0:
        yield unit_code(site, agent)


def failures(site: Site, call: Call, agent: int) -> Iterator[str]:
    """
    Yield the reason codes of all tests that an agent fails, in their order.
    """
    yield from _host_failures(site, agent, call)
    yield from state_failures(site, agent)
    is_preferred = agent == turns.holder(call)
    for code in _queue_failures(site, call, agent):
        if not (is_preferred and code in _NOT_OF_PREFERRED):
            yield code
    if agent in call.declined:
        yield "declined"
    if was_tried(site, call, agent):
        yield "already_offered"
    yield from _reach_failures(site, agent)
    yield from _call_failures(site, call, agent)


def agent_failures(site: Site, agent: int) -> Iterator[str]:
    """
    Yield those of the codes that an agent has whatever the call.
    """
    yield from _host_failures(site, agent, None)
    yield from state_failures(site, agent)
    yield from _reach_failures(site, agent)


def unit_code(site: Site, agent: int) -> str:
    """
    Return the code of an agent who has no unit left.
    """
    phases = [OfferPhase(site.offers[id].phase) for id in site.agents[agent].offers]
    codes = {_UNIT_CODE[phase] for phase in phases}
    if site.agents[agent].occupied:
        codes.add("busy")
    return next(code for code in UNIT_CODES if code in codes)


def was_tried(site: Site, call: Call, agent: int) -> bool:
    """
    Tell whether an agent is in a call's tried set (rule 18.5).

    Those who missed, declined or failed it in this round are, and those whose
    offer for it is open or not confirmed to be gone.
    """
    return agent in call.tried or any(
        site.offers[id].call == call.sequence and site.offers[id].phase in _UNCONFIRMED
        for id in site.agents[agent].offers
    )


def _reach_failures(site: Site, agent: int) -> Iterator[str]:
    """
    Yield the code of an agent whose devices cannot be reached.
    """
    retry_ms = site.timers.deadline_ms(TimerKind.RETRY_UNREACHABLE_ENDS, agent)
    if retry_ms is not None or devices.is_cut_off(site, agent):
        yield "unreachable"


def _queue_failures(site: Site, call: Call, agent: int) -> Iterator[str]:
    """
    Yield the codes of membership, steps, delays and tags.
    """
    last = len(site.queue_of(call).steps)
    earliest = steps.earliest(site, call, agent) if call.step < last else None
    if not steps.is_member(site, call, agent, last):
        yield "not_in_queue"
    elif not steps.is_member(site, call, agent, call.step) or (
        earliest is not None and earliest > call.step
    ):
        yield "step_not_reached"
    if site.now_ms - call.queue_since_ms < delay_ms(site, call, agent):
        yield "delay_not_reached"
    yield from steps.tag_failures(site, call, agent, call.step)


def _call_failures(site: Site, call: Call, agent: int) -> Iterator[str]:
    """
    Yield the codes of a call that is for others, or for nobody more.
    """
    if agent in call.excluded or agent in site.queue_of(call).exclude:
        yield "excluded"
    holder = turns.holder(call)
    if holder is not None and holder != agent:
        yield f"held_for:{site.agent_plan(holder).id}"
    if ringing.is_full(site, call):
        yield "ring_limit"
