"""
Explaining: the same decision once more, on a copy, with everything written down.

Nothing here decides anything: the tests, the order and the matching are those
of ``eligibility.py``, ``order.py`` and ``matching.py``.
"""

from __future__ import annotations

import msgspec

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..decisions import (
    AgentAssumption,
    AgentVerdict,
    Decision,
    FlowStep,
    NeedSource,
)
from ..plan.compiled import STRATEGIES
from . import declines, line, steps
from .eligibility import UNIT_CODES, failures
from .matching import ranked, settle
from .needs import SOURCES
from .order import KEY_NAMES, sort_keys
from .site import Site
from .state import Call, CallPhase, Offer, OfferPhase, Presence, Sourced
from .timers import TimerKind

_NEXT = {
    CallPhase.WAITING: "wait",
    CallPhase.RINGING: "offer",
    CallPhase.CONNECTING: "connecting",
    CallPhase.CONNECTED: "connected",
    CallPhase.VOICEMAIL: "voicemail",
}

_STEP_CODES = {
    "step_not_reached",
    "missing_tag",
    "level_below",
    "no_tag_of",
    "forbidden_tag",
}
"""Codes that a later step may clear."""

_UNIT_TIMERS = (
    TimerKind.WRAP_UP_ENDS,
    TimerKind.RING_ENDS,
    TimerKind.CANCEL_GRACE_ENDS,
)
"""The timers that free a unit where time alone does: not one on a call."""


def rest_everybody(site: Site) -> None:
    """
    Make every agent logged in, free, and idle since the same instant.
    """
    for agent, state in enumerate(site.agents):
        site.timers.cancel(TimerKind.RETRY_UNREACHABLE_ENDS, agent)
        for id in state.offers:
            del site.offers[id]
        state.presence = Presence.AVAILABLE
        state.pause_reason = ""
        state.login_ms = site.now_ms
        state.handled_ms = None
        state.offers = []
        state.occupied = 0


def assume(site: Site, agent: int, assumption: AgentAssumption) -> None:
    """
    Put an agent into a state.
    """
    state = site.agents[agent]
    state.presence = Presence.AVAILABLE
    state.pause_reason = ""
    if assumption.state == "logged_out":
        state.presence = Presence.LOGGED_OUT
    elif assumption.state == "paused":
        state.presence = Presence.PAUSED
        state.pause_reason = assumption.reason
    elif assumption.state == "busy":
        _take_all_units(site, agent, OfferPhase.CONNECTED)
    elif assumption.state == "wrap_up":
        _take_all_units(site, agent, OfferPhase.WRAP_UP)
    if assumption.idle_ms is not None:
        state.handled_ms = site.now_ms - assumption.idle_ms


def decision_of_arrival(
    site: Site, call: Call | None, id: str, dialled: str
) -> Decision:
    """
    Decide an arrival that was admitted but not yet matched, and say why.

    Args:
        site: A copy, which is changed.
        call: The call; None: the number dialled is not in the plan.
        id: The call's id.
        dialled: The number dialled.
    """
    if call is None:
        return _not_asked(site, id, "hang_up", dialled)
    agents = _verdicts(site, call)
    before = msgspec.structs.replace(call)
    settle(site)
    # A call that a limit has sent to the last resort is known no more.
    return _decision(site, site.calls.get(call.sequence, before), agents)


def decision_of_call(site: Site, call: Call | None, id: str) -> Decision:
    """
    Say why a call is where it is; None: it has ended.
    """
    if call is None:
        return _not_asked(site, id, "ended", "")
    return _decision(site, call, _verdicts(site, call))


def _take_all_units(site: Site, agent: int, phase: OfferPhase) -> None:
    for _ in range(site.units_left(agent)):
        site.offer_sequence += 1
        id = site.offer_sequence
        site.offers[id] = Offer(id, 0, agent, 0, phase, alone=True)
        site.agents[agent].offers.append(id)


def _not_asked(site: Site, id: str, happens: str, dialled: str) -> Decision:
    """
    Make the record of a call for which no queue was reached.
    """
    flow = FlowStep(
        block="number", exit="last_resort", why=f"no such number: {dialled}"
    )
    return Decision(
        now_ms=site.now_ms,
        call=id,
        next=happens,
        queue="",
        step=0,
        chosen="",
        needs=(),
        flow=(flow,) if dialled else (),
        key_names=(),
        agents=tuple(
            AgentVerdict(
                agent=plan.id,
                verdict="not_asked",
                also=(),
                rank=None,
                keys=(),
                until_ms=None,
            )
            for plan in site.plan.agents
        ),
        ahead=(),
    )


def _decision(site: Site, call: Call, agents: tuple[AgentVerdict, ...]) -> Decision:
    queue = site.queue_of(call)
    number = site.plan.numbers[call.number]
    in_progress = call.sequence in site.calls
    phase = CallPhase(call.phase)
    offer = site.offers.get(call.offers[0]) if call.offers else None
    has_agent = offer is not None and phase in (
        CallPhase.RINGING,
        CallPhase.CONNECTING,
        CallPhase.CONNECTED,
    )
    return Decision(
        now_ms=site.now_ms,
        call=call.id,
        next=_NEXT[phase] if in_progress else "hang_up",
        queue=queue.name,
        step=call.step,
        chosen=site.agent_plan(offer.agent).id if has_agent and offer else "",
        needs=_sourced_needs(site, call),
        flow=(
            FlowStep(
                block="number",
                exit=f"queue:{queue.name}",
                why=f"dialled {number.number}",
            ),
        ),
        key_names=KEY_NAMES[STRATEGIES[steps.strategy(site, call)]],
        agents=agents,
        ahead=_ahead(site, call),
    )


def _ahead(site: Site, call: Call) -> tuple[str, ...]:
    if call.phase not in line.IN_LINE:
        return ()
    return tuple(other.id for other in line.before(site, call))


def _sourced_needs(site: Site, call: Call) -> tuple[NeedSource, ...]:
    needs = steps.needs(site, call, call.step)
    name = site.tag_name
    found: list[tuple[Need, Sourced]] = []
    found += [(Required(name(n.tags[0]), n.value), n) for n in needs.required]
    found += [(AnyOf(tuple(name(tag) for tag in n.tags)), n) for n in needs.any_of]
    found += [(Forbidden(name(n.tags[0])), n) for n in needs.forbidden]
    found += [(Preferred(name(n.tags[0]), n.value), n) for n in needs.preferred]
    names = (
        f"queue:{site.queue_of(call).name}",
        f"number:{site.plan.numbers[call.number].number}",
        SOURCES[2],
    )
    return tuple(NeedSource(need=need, source=names[n.source]) for need, n in found)


def _verdicts(site: Site, call: Call) -> tuple[AgentVerdict, ...]:
    order = ranked(site, call)
    rank = {agent: place for place, agent in enumerate(order, start=1)}
    others = [agent for agent in range(len(site.agents)) if agent not in rank]
    return tuple(
        _verdict(site, call, agent, rank.get(agent)) for agent in (*order, *others)
    )


def _verdict(site: Site, call: Call, agent: int, rank: int | None) -> AgentVerdict:
    codes = tuple(failures(site, call, agent))
    strategy = STRATEGIES[steps.strategy(site, call)]
    return AgentVerdict(
        agent=site.agent_plan(agent).id,
        verdict=codes[0] if codes else "eligible",
        also=codes[1:],
        rank=rank,
        keys=sort_keys(site, call, agent, strategy),
        until_ms=_until_ms(site, call, agent, codes) if codes else None,
    )


def _until_ms(site: Site, call: Call, agent: int, codes: tuple[str, ...]) -> int | None:
    """
    Return the first instant at which time alone would make an agent eligible.
    """
    clear_ms = site.now_ms
    for code in codes:
        if code == "off_shift":
            continue
        clears_ms = _clears_ms(site, call, agent, code)
        if clears_ms is None:
            return None
        clear_ms = max(clear_ms, clears_ms)
    schedule = site.agent_plan(agent).schedule
    if schedule is None:
        return clear_ms
    return site.schedule_opens_ms(schedule, clear_ms)


def _clears_ms(site: Site, call: Call, agent: int, code: str) -> int | None:
    """
    Return when time alone clears one reason code; None: it does not.
    """
    timers = site.timers
    if code == "logged_out":
        plan = site.agent_plan(agent)
        if plan.login != 0 or plan.schedule is None:
            return None
        return site.schedule_starts_ms(plan.schedule, site.now_ms)
    if code in UNIT_CODES:
        return _unit_frees_ms(site, agent)
    if code == "declined":
        return declines.ends_ms(call, agent)
    if code == "already_offered":
        return timers.deadline_ms(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    if code == "unreachable":
        return timers.deadline_ms(TimerKind.RETRY_UNREACHABLE_ENDS, agent)
    if code == "delay_not_reached":
        return call.queue_since_ms + line.delay_ms(site, call, agent)
    if code.partition(":")[0] in _STEP_CODES:
        return _step_lets_in_ms(site, call, agent)
    return None


def _step_lets_in_ms(site: Site, call: Call, agent: int) -> int | None:
    """
    Return when a step begins by whose rules an agent fits; None: none will.
    """
    step = steps.earliest(site, call, agent)
    stands_still = call.phase not in line.IN_LINE or call.stopped_since_ms is not None
    if step is None or step <= call.step or stands_still:
        return None
    return steps.begins_ms(call, site.queue_of(call).steps[step - 1])


def _unit_frees_ms(site: Site, agent: int) -> int | None:
    """
    Return when the first of an agent's units is free, whatever the others are in.

    Other use of the devices takes units too, maybe more than there are.
    """
    deadlines = [
        site.timers.deadline_ms(kind, id)
        for id in site.agents[agent].offers
        for kind in _UNIT_TIMERS
    ]
    known = sorted(deadline for deadline in deadlines if deadline is not None)
    to_free = 1 - site.units_left(agent)
    return known[to_free - 1] if to_free <= len(known) else None
