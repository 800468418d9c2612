"""
Supposing: what a hypothetical decision takes for granted, put into a copy of the site.

What a question supposes of an agent's tags and schedule is written into the plan of
the copy, the rest into its state; then the copy is decided like any site.
"""

from __future__ import annotations

import msgspec

from ..decisions import AgentAssumption, ExplainQuery
from ..plan.compiled import CompiledAgent
from . import border, holding, kept, steps, tallies, turns
from .limits import LEVEL_MAX, TIME_MS_MAX
from .refusals import illegal
from .site import Site
from .state import Call, CallPhase, Offer, OfferPhase, Presence
from .timers import TimerKind


def supposes(query: ExplainQuery) -> bool:
    """
    Tell whether a question is about anything that is not so.
    """
    return (
        query.arrival is not None
        or bool(query.assume)
        or query.assume_rested
        or query.waited_ms != 0
    )


def check(site: Site, query: ExplainQuery) -> None:
    """
    Raise unless a question can be asked; nothing has been changed for it yet.
    """
    name = "ExplainQuery"
    for assumption in query.assume:
        border.agent_named(site, name, assumption.agent)
        for held in assumption.tags:
            border.check_id(name, "tag", held.tag)
            border.check_range(name, "level", held.level, 0, LEVEL_MAX)
    for agent in query.only or ():
        border.agent_named(site, name, agent)
    if not 0 <= query.waited_ms <= TIME_MS_MAX:
        expected = f"0 to {TIME_MS_MAX}"
        raise illegal(name, "time out of range", expected, "time_out_of_range")
    if query.arrival is None:
        border.call_named(site, name, query.call)
    else:
        border.check_arrival(site, query.arrival)


def with_agents_changed(site: Site, assume: tuple[AgentAssumption, ...]) -> Site:
    """
    Return a site whose plan says of agents what is supposed of their tags and shifts.
    """
    if not any(assumption.tags or assumption.on_shift for assumption in assume):
        return site
    names = list(site.tag_names)
    agents = list(site.plan.agents)
    for assumption in assume:
        agent = site.agent_numbers[assumption.agent]
        agents[agent] = _changed(agents[agent], assumption, names)
    # What only events have mentioned keeps its number.
    plan = msgspec.structs.replace(site.plan, tags=tuple(names), agents=tuple(agents))
    changed = Site(*kept.parted(plan, site.own_plan))
    # What was changed of agents while running stands in that plan already.
    state = site.snapshot()
    state.overlay = msgspec.structs.replace(state.overlay, tags=[], members=[])
    changed.load(state)
    return changed


def rest_everybody(site: Site) -> None:
    """
    Make every agent logged in, free, and idle since the same instant.
    """
    for agent in site.staff():
        state = site.agents[agent]
        tallies.count(site, agent)
        _free(site, agent)
        site.timers.cancel(TimerKind.PAUSE_ENDS, agent)
        state.presence = Presence.AVAILABLE
        state.pause_reason = ""
        state.login_ms = site.now_ms
        state.handled_ms = None


def take_back(site: Site, call: Call) -> None:
    """
    Let a call that rings wait, as if the offer had not been made.
    """
    if call.phase != CallPhase.RINGING:
        return
    call.offers_made -= len(call.offers)
    for id in call.offers:
        offer = site.offers.pop(id)
        site.agents[offer.agent].offers.remove(id)
        site.timers.cancel(TimerKind.RING_ENDS, id)
    call.phase = CallPhase.WAITING
    call.offers = []
    steps.no_offer_is_out(site, call)


def assume(site: Site, assumption: AgentAssumption) -> None:
    """
    Put an agent into a state.
    """
    agent = site.agent_numbers[assumption.agent]
    state = site.agents[agent]
    tallies.count(site, agent)
    if assumption.idle_ms is not None:
        state.handled_ms = site.now_ms - assumption.idle_ms
    if assumption.state == "unchanged":
        return
    site.timers.cancel(TimerKind.PAUSE_ENDS, agent)
    if state.presence == Presence.LOGGED_OUT:
        state.login_ms = site.now_ms
    state.presence = Presence.AVAILABLE
    state.pause_reason = ""
    if assumption.state == "available":
        _free(site, agent)
    elif assumption.state == "logged_out":
        state.presence = Presence.LOGGED_OUT
    elif assumption.state == "paused":
        state.presence = Presence.PAUSED
        state.pause_reason = assumption.reason
    elif assumption.state == "busy":
        _take_all_units(site, agent, OfferPhase.CONNECTED)
    elif assumption.state == "wrap_up":
        _take_all_units(site, agent, OfferPhase.WRAP_UP)


def clear(site: Site, call: Call, agent: int) -> None:
    """
    Let a call hold nothing against an agent.
    """
    call.tried = [other for other in call.tried if other != agent]
    call.declined = [other for other in call.declined if other != agent]
    call.declines = [decline for decline in call.declines if decline[1] != agent]
    call.excluded = [other for other in call.excluded if other != agent]
    for id in list(site.agents[agent].offers):
        offer = site.offers[id]
        if offer.call == call.sequence and offer.phase == OfferPhase.WITHDRAWN:
            site.agents[agent].offers.remove(id)
            del site.offers[id]


def wait_longer(site: Site, call: Call, waited_ms: int) -> None:
    """
    Let a waiting call have waited for so much longer.
    """
    if waited_ms == 0 or call.phase != CallPhase.WAITING:
        return
    call.line_since_ms -= waited_ms
    call.queue_since_ms -= waited_ms
    following = site.queue_of(call).steps
    while (
        call.step < len(following)
        and steps.begins_ms(call, following[call.step]) <= site.now_ms
    ):
        steps.begin(site, call)
    steps.await_step(site, call)
    _end_turns(site, call, waited_ms)


def _end_turns(site: Site, call: Call, waited_ms: int) -> None:
    """
    End the turns of preferred agents for which a call would have waited by then.
    """
    left_ms = waited_ms
    while True:
        holding.end_turns_of(site, call)
        kind = TimerKind.PREFERRED_TURN_ENDS
        ends_ms = site.timers.deadline_ms(kind, call.sequence)
        if ends_ms is None or ends_ms - site.now_ms > left_ms:
            return
        left_ms -= ends_ms - site.now_ms
        turns.next_turn(site, call)


def _changed(
    agent: CompiledAgent, assumption: AgentAssumption, names: list[str]
) -> CompiledAgent:
    """
    Return an agent with the tags and the shift supposed; new tags get names.
    """
    levels = dict(agent.tags)
    for held in assumption.tags:
        name = border.canonical_tag(held.tag)
        if name not in names:
            names.append(name)
        levels[names.index(name)] = held.level
    return msgspec.structs.replace(
        agent,
        tags=tuple(sorted((tag, level) for tag, level in levels.items() if level)),
        schedule=None if assumption.on_shift else agent.schedule,
    )


def _free(site: Site, agent: int) -> None:
    """
    Take everything off an agent's hands: the calls are taken to be with others.
    """
    site.timers.cancel(TimerKind.RETRY_UNREACHABLE_ENDS, agent)
    for id in site.agents[agent].offers:
        call = site.calls.get(site.offers.pop(id).call)
        if call is not None and id in call.offers:
            call.offers.remove(id)
            # It rings whom it rings, and nobody else.
            call.max_wait_passed = True
            if not call.offers:
                call.phase = CallPhase.CONNECTED
    site.agents[agent].offers = []
    site.agents[agent].occupied = 0
    site.agents[agent].lost = 0


def _take_all_units(site: Site, agent: int, phase: OfferPhase) -> None:
    """
    Take an agent's units by offers of no call.
    """
    for _ in range(site.units_left(agent)):
        site.offer_sequence += 1
        id = site.offer_sequence
        site.offers[id] = Offer(
            id,
            0,
            agent,
            0,
            phase,
            alone=True,
            assigned=False,
            devices=0,
            answered=0,
            outside=False,
            connected_ms=site.now_ms,
        )
        site.agents[agent].offers.append(id)
