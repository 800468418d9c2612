"""
Eligibility: the tests that an agent must pass to be offered a call.

The tests stand in the order of the rules (rule 16); the first that fails is the
agent's reason code.  One function serves deciding (which stops at the first
failure) and explaining (which reads them all).
"""

from __future__ import annotations

from collections.abc import Iterator

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

_UNCONFIRMED = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)


def is_eligible(site: Site, call: Call, agent: int) -> bool:
    """
    Tell whether an agent passes every test for a call.
    """
    return next(failures(site, call, agent), None) is None


def failures(site: Site, call: Call, agent: int) -> Iterator[str]:
    """
    Yield the reason codes of all tests that an agent fails, in their order.
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
    members = site.queue_of(call).members
    if members is not None and agent not in members:
        yield "not_in_queue"
    yield from _tag_failures(site, call, agent)
    if agent in call.declined:
        yield "declined"
    if was_tried(site, call, agent):
        yield "already_offered"
    if site.timers.deadline_ms(TimerKind.RETRY_UNREACHABLE_ENDS, agent) is not None:
        yield "unreachable"


def unit_code(site: Site, agent: int) -> str:
    """
    Return the code of an agent who has no unit left.
    """
    phases = [OfferPhase(site.offers[id].phase) for id in site.agents[agent].offers]
    codes = {_UNIT_CODE[phase] for phase in phases}
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


def _tag_failures(site: Site, call: Call, agent: int) -> Iterator[str]:
    needs = call.needs
    levels = site.levels[agent]
    wildcard = site.agent_plan(agent).wildcard
    name = site.tag_name
    if not wildcard:
        missing = [n.tags[0] for n in needs.required if n.tags[0] not in levels]
        low = [
            n.tags[0] for n in needs.required if levels.get(n.tags[0], 100) < n.value
        ]
        lacking = [n.tags for n in needs.any_of if not levels.keys() & set(n.tags)]
        if missing:
            yield f"missing_tag:{name(missing[0])}"
        if low:
            yield f"level_below:{name(low[0])}"
        if lacking:
            yield f"no_tag_of:{'|'.join(name(tag) for tag in lacking[0])}"
    required = {need.tags[0] for need in needs.required}
    for need in needs.forbidden:
        tag = need.tags[0]
        # Forbidden beats required, for a wildcard too (rule 5.1).
        if tag in levels or (wildcard and tag in required):
            yield f"forbidden_tag:{name(tag)}"
            return
