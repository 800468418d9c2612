"""
Reload: the site goes on under another plan (rules 15.1, 17.11).

No call is lost: each keeps the rules of the queue that it is in.  Everything else of
the plan holds at once, for the next choice.  An agent who is not in the plan any more
gets no new call, and ends what they have; what was changed while running is kept until
the plan changes that very value.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ..plan.compiled import CompiledAgent, CompiledPlan, CompiledQueue
from . import (
    answering,
    declines,
    hosts,
    offering,
    overrides,
    routing,
    steps,
    tallies,
    turns,
    visit,
)
from .agent import AgentEvent
from .line import IN_LINE
from .renumbering import Numbering
from .site import Site, absent
from .state import (
    AgentState,
    Call,
    MemberOverlay,
    Offer,
    Overlay,
    Override,
    Presence,
    Snapshot,
    TagsOverlay,
)
from .timers import Timer, TimerKind

Hours: TypeAlias = tuple[tuple[int, int], ...]

_OF_AGENTS = (TimerKind.PAUSE_ENDS, TimerKind.RETRY_UNREACHABLE_ENDS)


def reload(site: Site, plan: CompiledPlan) -> None:
    """
    Let another plan hold from now.
    """
    before = site.own_plan
    for number in range(len(site.agents)):
        tallies.count(site, number)
    on_shift = {
        agent.id: site.on_shift(number) for number, agent in enumerate(before.agents)
    }
    _let_go(site, plan)
    numbering = Numbering(site, plan)
    let_down = _calls_let_down(site, numbering)
    state = _moved(site, numbering)
    site.take_plan(plan, numbering.kept)
    site.load(state)
    for call in site.calls.values():
        if call.phase in IN_LINE:
            visit.adjust(site, call)
            site.timers.cancel(TimerKind.DELAY_ENDS, call.sequence)
            steps.await_delay(site, call)
            declines.await_end(site, call)
            if call.sequence in let_down:
                turns.await_end(site, call)
    for number in range(len(site.schedules_open)):
        site.schedules_open[number] = site.schedule_is_open(number)
        site.watch_schedule(number)
    known = {agent.id: agent for agent in before.agents}
    for number, agent in enumerate(plan.agents):
        if agent.login == 0:
            was_on_shift = on_shift.get(agent.id, False)
            _log_in(site, number, known.get(agent.id), was_on_shift=was_on_shift)
    # Agents may be reached through another host now.
    hosts.free_stranded(site)


def _let_go(site: Site, plan: CompiledPlan) -> None:
    """
    Withdraw what rings at agents and devices that the next plan does not have.
    """
    next_agents = {agent.id: agent for agent in plan.agents}
    for number in site.staff():
        agent = site.agent_plan(number)
        after = next_agents.get(agent.id)
        if after is None:
            offering.withdraw_offers(site, number, "removed")
            routing.agent_event(site, number, AgentEvent.LOGGED_OUT)
            continue
        for device, address in enumerate(agent.endpoints):
            if address not in after.endpoints:
                answering.endpoint_lost(site, number, device)


def _calls_let_down(site: Site, numbering: Numbering) -> set[int]:
    """
    Return the calls in the turn of an agent whom the next plan does not have.
    """
    holders = ((call.sequence, turns.holder(call)) for call in site.calls.values())
    return {
        number
        for number, agent in holders
        if agent is not None and not numbering.is_there(agent)
    }


def _log_in(
    site: Site, number: int, before: CompiledAgent | None, *, was_on_shift: bool
) -> None:
    """
    Let an agent be there who comes without logging in, if the plan has brought it.
    """
    is_logged_out = site.agents[number].presence == Presence.LOGGED_OUT
    if before is None or (before.login != 0 and is_logged_out):
        routing.start_agent(site, number)
    elif site.on_shift(number) and not was_on_shift:
        routing.agent_event(site, number, AgentEvent.SHIFT_STARTED)


# The state in the next plan's numbers ----------------------------------------


def _moved(site: Site, numbering: Numbering) -> Snapshot:
    """
    Return all logical state in the numbers of the next plan.
    """
    plan, kept = numbering.plan, numbering.kept
    agents = [absent() for _ in (*plan.agents, *kept.agents)]
    for number, state in enumerate(site.agents):
        if number in numbering.agents:
            place = numbering.agents[number]
            agents[place] = _agent(site, numbering, number, state)
    moved = site.snapshot()
    moved.extra_tags = numbering.extra_tags
    moved.schedules_open = [False for _ in plan.schedules]
    moved.agents = agents
    moved.offers = [_offer(site, numbering, offer) for offer in moved.offers]
    moved.calls = [_call(numbering, call) for call in moved.calls]
    moved.timers = [
        timer
        for one in moved.timers
        if (timer := _timer(site, numbering, one)) is not None
    ]
    moved.overlay = _overlay(site, numbering)
    moved.demand = numbering.demand(moved.demand)
    moved.kept = kept
    moved.handled = sorted(
        (numbering.queues[line], lengths_ms)
        for line, lengths_ms in moved.handled
        if line in numbering.queues
    )
    return moved


def _agent(
    site: Site, numbering: Numbering, number: int, state: AgentState
) -> AgentState:
    last_offers = [
        (numbering.queues[queue], offer)
        for queue, offer in state.last_offers
        if queue in numbering.queues
    ]
    return msgspec.structs.replace(
        state,
        lost=_devices(site, numbering, number, state.lost),
        last_offers=sorted(last_offers),
    )


def _offer(site: Site, numbering: Numbering, offer: Offer) -> Offer:
    return msgspec.structs.replace(
        offer,
        agent=numbering.agents[offer.agent],
        queue=numbering.versions[offer.queue],
        devices=_devices(site, numbering, offer.agent, offer.devices),
        answered=_devices(site, numbering, offer.agent, offer.answered),
    )


def _devices(site: Site, numbering: Numbering, agent: int, devices: int) -> int:
    """
    Return a set of an agent's devices: those that there are still.
    """
    after = numbering.agent(agent).endpoints
    before = site.base_plan.agents[agent].endpoints
    return sum(
        1 << after.index(address)
        for device, address in enumerate(before)
        if devices >> device & 1 and address in after
    )


def _call(numbering: Numbering, call: Call) -> Call:
    number, queue = None, 0
    if call.number is not None:
        number = numbering.numbers[call.number]
        queue = numbering.versions[call.queue]
    preferred = [numbering.is_there(agent) for agent, _ in call.preferred]
    declines = [
        (ends_ms, numbering.agents[agent])
        for ends_ms, agent in call.declines
        if agent in numbering.agents
    ]
    return msgspec.structs.replace(
        call,
        number=number,
        queue=queue,
        needs=numbering.in_force(call.needs),
        tried=numbering.present(call.tried),
        declined=numbering.present(call.declined),
        box=None if call.box is None else numbering.boxes[call.box],
        declines=sorted(declines),
        own_needs=numbering.needs(call.own_needs),
        set_needs=numbering.needs(call.set_needs),
        preferred=[
            (numbering.agents[agent], for_ms)
            for agent, for_ms in call.preferred
            if numbering.is_there(agent)
        ],
        turn=sum(preferred[: call.turn]),
        excluded=numbering.present(call.excluded),
        visits=[
            msgspec.structs.replace(
                past,
                queue=numbering.queues[past.queue],
                end=numbering.end(past.end),
            )
            for past in call.visits
        ],
    )


def _timer(site: Site, numbering: Numbering, timer: Timer) -> Timer | None:
    """
    Return a timer; None: it is about nothing any more, or is set anew.
    """
    if timer.kind == TimerKind.SHIFT_CHANGES:
        return None
    if timer.kind == TimerKind.OVERRIDE_ENDS:
        subject, kind = divmod(timer.subject, len(overrides.KINDS))
        one = site.overlay.override(kind, subject)
        place = None if one is None else _moved_subject(site, numbering, one)
        if place is None:
            return None
        subject = overrides.timer_subject(kind, place)
        return msgspec.structs.replace(timer, subject=subject)
    if timer.kind not in _OF_AGENTS:
        return timer
    agent = numbering.agents.get(timer.subject)
    return None if agent is None else msgspec.structs.replace(timer, subject=agent)


# The overlay -----------------------------------------------------------------


def _overlay(site: Site, numbering: Numbering) -> Overlay:
    """
    Keep what was changed while running, where the plan says what it said before.
    """
    plan, old = numbering.plan, site.base_plan
    overlay = Overlay([], [], _overrides(site, numbering))
    for held in site.overlay.tags:
        number = numbering.agents.get(held.agent)
        if number is None or number >= len(plan.agents):
            continue
        before, after = old.agents[held.agent], plan.agents[number]
        said = (numbering.pairs(before.tags), before.wildcard)
        if said == (after.tags, after.wildcard):
            tags = numbering.pairs(held.tags)
            overlay.tags.append(TagsOverlay(number, held.wildcard, tags))
    for one in site.overlay.members:
        moved = _member(numbering, old.queues[one.queue], one)
        if moved is not None:
            overlay.members.append(moved)
    overlay.tags.sort()
    overlay.members.sort()
    return overlay


def _member(
    numbering: Numbering, before: CompiledQueue, one: MemberOverlay
) -> MemberOverlay | None:
    plan = numbering.plan
    agent = numbering.agents.get(one.agent, len(plan.agents))
    queue = numbering.queues.get(one.queue)
    if queue is None or agent >= len(plan.agents):
        return None
    if queue < len(plan.queues):
        said = _serves_from(before, one.agent)
        if said != _serves_from(plan.queues[queue], agent):
            return None
    return MemberOverlay(queue, agent, one.member)


def _overrides(site: Site, numbering: Numbering) -> list[Override]:
    """
    Keep overrides of hours, queues and numbers of which the plan says what it said.
    """
    moved = []
    for one in site.overlay.overrides:
        subject = _moved_subject(site, numbering, one)
        if subject is not None:
            moved.append(msgspec.structs.replace(one, subject=subject))
    return sorted(moved, key=lambda one: (one.kind, one.subject))


def _moved_subject(site: Site, numbering: Numbering, one: Override) -> int | None:
    """
    Return what is overridden; None: it is gone, or the plan says something else of it.

    Of a schedule that is its hours; of a queue, by which hours it goes; of a number,
    which queue it leads to.
    """
    plan, old = numbering.plan, site.base_plan
    if one.kind == overrides.SCHEDULE:
        place = numbering.schedules.get(one.subject)
        if place is None:
            return None
        is_same = _hours(old, one.subject) == _hours(plan, place)
    elif one.kind == overrides.QUEUE:
        place = numbering.queues.get(one.subject, len(plan.queues))
        if place >= len(plan.queues):
            return None
        before, after = old.queues[one.subject], plan.queues[place]
        hours = (_hours(old, before.limits.hours), _hours(plan, after.limits.hours))
        is_same = hours[0] == hours[1]
    else:
        place = numbering.numbers.get(one.subject, len(plan.numbers))
        if place >= len(plan.numbers):
            return None
        queues = (old.numbers[one.subject].queue, plan.numbers[place].queue)
        is_same = old.queues[queues[0]].name == plan.queues[queues[1]].name
    return place if is_same else None


def _hours(plan: CompiledPlan, number: int | None) -> tuple[str, Hours] | None:
    """
    Return the zone and the weekly hours of a schedule.
    """
    if number is None:
        return None
    schedule = plan.schedules[number]
    return (plan.zones[schedule.zone].name, schedule.weekly_ms)


def _serves_from(queue: CompiledQueue, agent: int) -> int | None:
    """
    Return the step from which on a plan lets an agent serve a queue; None: never.
    """
    members = (queue.members, *(step.members for step in queue.steps))
    serves = (who is None or agent in who for who in members)
    return next((step for step, does in enumerate(serves) if does), None)
