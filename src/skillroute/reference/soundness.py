"""
Soundness: whether a snapshot could be one of this plan.

A snapshot comes from outside, so every number in it is checked before the site
takes it over; the engine behind this check trusts its state.
"""

from __future__ import annotations

from ..plan.compiled import (
    NEED_KINDS,
    CompiledAgent,
    CompiledNeed,
    CompiledPlan,
    is_end,
)
from . import overrides
from .limits import (
    DEMAND_MAX,
    HANDLED_REMEMBERED,
    LEVEL_MAX,
    OCCUPIED_UNITS_MAX,
    OFFSET_MS_MAX,
    OPEN_CASES_MAX,
    PREFER_FOR_MS_MAX,
    PRIORITY_MAX,
    TAGS_PER_AGENT_MAX,
    TIME_MS_MAX,
    WEIGHT_MAX,
)
from .state import (
    AgentState,
    Call,
    CallPhase,
    Needs,
    Offer,
    OfferPhase,
    Presence,
    Snapshot,
)
from .timers import Timer, TimerKind

_OFFER_PHASE = {
    CallPhase.RINGING: OfferPhase.RINGING,
    CallPhase.CONNECTING: OfferPhase.CONNECTING,
    CallPhase.CONNECTED: OfferPhase.CONNECTED,
}
"""By phase of a call: the phase of its offer."""

_OUTSIDE = (CallPhase.VOICEMAIL, CallPhase.FORWARDING, CallPhase.FORWARDED)
"""Phases of a call that has left all queues."""

_TIMED_PHASE = {
    TimerKind.WRAP_UP_ENDS: OfferPhase.WRAP_UP,
    TimerKind.CANCEL_GRACE_ENDS: OfferPhase.WITHDRAWN,
    TimerKind.RING_ENDS: OfferPhase.RINGING,
    TimerKind.CONNECT_LEASE_ENDS: OfferPhase.CONNECTING,
}


def is_sound(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    """
    Tell whether every number points to something, and what must agree does.
    """
    offers = {offer.id: offer for offer in snapshot.offers}
    calls = {call.sequence: call for call in snapshot.calls}
    held = [id for agent in snapshot.agents for id in agent.offers]
    return (
        len(snapshot.agents) == len(plan.agents)
        and len(snapshot.schedules_open) == len(plan.schedules)
        and sorted(held) == sorted(offers)
        and all(agent.offers == sorted(agent.offers) for agent in snapshot.agents)
        and all(map(_is_agent, snapshot.agents, plan.agents))
        and all(_is_counted(plan, snapshot, agent) for agent in snapshot.agents)
        and _are_clocks(snapshot)
        and len({call.id for call in snapshot.calls}) == len(snapshot.calls)
        and all(_is_offer(plan, snapshot, o, calls) for o in snapshot.offers)
        and all(_is_call(plan, snapshot, c, offers) for c in snapshot.calls)
        and all(_is_timer(plan, snapshot, t, offers, calls) for t in snapshot.timers)
        and _is_overlay(plan, snapshot)
        and _is_demand(plan, snapshot)
        and _are_handled(plan, snapshot)
        and _are_hosts(snapshot)
    )


def _are_hosts(snapshot: Snapshot) -> bool:
    names = [host.name for host in snapshot.hosts]
    tolds = [host.told for host in snapshot.hosts]
    return names == sorted(set(names)) and all(
        told == sorted(set(told)) for told in tolds
    )


def _is_agent(agent: AgentState, plan: CompiledAgent) -> bool:
    return (
        0 <= agent.occupied <= OCCUPIED_UNITS_MAX
        and 0 <= agent.open_cases <= OPEN_CASES_MAX
        and 0 <= agent.missed <= TIME_MS_MAX
        and 0 <= agent.lost < 1 << len(plan.endpoints)
    )


def _is_counted(plan: CompiledPlan, snapshot: Snapshot, agent: AgentState) -> bool:
    """
    Tell whether what was counted of an agent are numbers to reckon with.
    """
    tally, queues = agent.tally, [queue for queue, _ in agent.last_offers]
    counts = (tally.calls, tally.talk_ms, tally.wrap_up_ms, tally.logged_in_ms)
    return (
        0 <= tally.counted_ms <= (snapshot.clock_ms or 0)
        and all(0 <= value <= TIME_MS_MAX for value in counts)
        and queues == sorted(set(queues))
        and all(0 <= queue < len(plan.queues) for queue in queues)
        and all(1 <= offer <= snapshot.offer_sequence for _, offer in agent.last_offers)
    )


def _are_clocks(snapshot: Snapshot) -> bool:
    """
    Tell whether clock, counters and timers could be those of one site.
    """
    clock_ms = snapshot.clock_ms
    counters = (
        snapshot.event_sequence,
        snapshot.timer_ordinal,
        snapshot.timer_sequence,
        snapshot.call_sequence,
        snapshot.offer_sequence,
    )
    subjects = {(timer.kind, timer.subject) for timer in snapshot.timers}
    return (
        (clock_ms is not None or not snapshot.calls)
        and (clock_ms is None or 0 <= clock_ms <= TIME_MS_MAX)
        and abs(snapshot.wall_offset_ms) <= OFFSET_MS_MAX
        and all(0 <= counter <= TIME_MS_MAX for counter in counters)
        and len(subjects) == len(snapshot.timers)
        and all(
            (clock_ms is None or timer.deadline_ms > clock_ms)
            and 1 <= timer.sequence <= snapshot.timer_sequence
            for timer in snapshot.timers
        )
    )


def _is_offer(
    plan: CompiledPlan, snapshot: Snapshot, offer: Offer, calls: dict[int, Call]
) -> bool:
    open_for = calls.get(offer.call)
    is_open = offer.phase in _OFFER_PHASE.values()
    was_joined = offer.phase in (OfferPhase.CONNECTED, OfferPhase.WRAP_UP)
    return (
        1 <= offer.id <= snapshot.offer_sequence
        and 0 <= offer.phase < OfferPhase.OVER
        and 0 <= offer.queue < len(plan.queues)
        and 0 <= offer.agent < len(plan.agents)
        and offer.id in snapshot.agents[offer.agent].offers
        and 0 <= offer.devices < 1 << len(plan.agents[offer.agent].endpoints)
        and 0 <= offer.answered == offer.answered & offer.devices
        and was_joined == (offer.connected_ms is not None)
        and 0 <= (offer.connected_ms or 0) <= (snapshot.clock_ms or 0)
        and (not is_open or (open_for is not None and offer.id in open_for.offers))
    )


def _is_demand(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    """
    Tell whether what was asked for are tags, in numbers to reckon with.
    """
    demand, tags = snapshot.demand, len(plan.tags) + len(snapshot.extra_tags)
    places = [(minute_ms, tag) for minute_ms, tag, _ in demand.asked]
    priced = [tag for tag, _ in demand.costs]
    timers = {timer.kind for timer in snapshot.timers}
    return (
        places == sorted(set(places))
        and priced == sorted(set(priced))
        and all(0 <= tag < tags for tag in (*priced, *(tag for _, tag in places)))
        and all(0 <= minute_ms <= TIME_MS_MAX for minute_ms, _ in places)
        and all(1 <= calls <= DEMAND_MAX for _, _, calls in demand.asked)
        and all(0 <= cost <= TIME_MS_MAX for _, cost in demand.costs)
        and bool(demand.asked) == (TimerKind.DEMAND_COUNTED in timers)
    )


def _are_handled(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    """
    Tell whether the lengths of handled calls are some of each queue, and no more than
    are remembered.
    """
    queues = [queue for queue, _ in snapshot.handled]
    return queues == sorted(set(queues)) and all(
        0 <= queue < len(plan.queues)
        and 1 <= len(lengths_ms) <= HANDLED_REMEMBERED
        and all(0 <= length_ms <= TIME_MS_MAX for length_ms in lengths_ms)
        for queue, lengths_ms in snapshot.handled
    )


def _is_call(
    plan: CompiledPlan, snapshot: Snapshot, call: Call, offers: dict[int, Offer]
) -> bool:
    tags = len(plan.tags) + len(snapshot.extra_tags)
    preferred = [agent for agent, _ in call.preferred]
    agents = (*call.tried, *call.declined, *call.excluded, *preferred)
    return (
        1 <= call.sequence <= snapshot.call_sequence
        and _is_reached(plan, call)
        and all(0 <= agent < len(plan.agents) for agent in agents)
        and _rises(call.tried, call.declined, call.excluded)
        and _are_declines(call)
        and 0 <= call.stopped_ms <= TIME_MS_MAX
        and 0 <= call.offers_made <= TIME_MS_MAX
        and all(0 <= tag < tags for tag in _tags(call.needs))
        and all(1 <= need.value <= LEVEL_MAX for need in call.needs.required)
        and all(_is_need(n, tags) for n in (*call.own_needs, *call.set_needs))
        and all(abs(p) <= PRIORITY_MAX for p in (call.own_priority, call.priority))
        and abs(call.set_priority or 0) <= PRIORITY_MAX
        and 0 <= (call.round_since_ms or 0) <= (snapshot.clock_ms or 0)
        and len(set(preferred)) == len(preferred)
        and all(0 <= for_ms <= PREFER_FOR_MS_MAX for _, for_ms in call.preferred)
        and 0 <= call.turn <= len(call.preferred)
        and 1 <= (call.announced_position or 1) <= TIME_MS_MAX
        and call.announced_position != 0
        and 0 <= (call.announced_wait_ms or 0) <= TIME_MS_MAX
        and _is_placed(plan, call, offers)
    )


def _are_declines(call: Call) -> bool:
    """
    Tell whether the declines that end are declines, each once and in order.
    """
    agents = [agent for _, agent in call.declines]
    return (
        call.declines == sorted(call.declines)
        and len(set(agents)) == len(agents)
        and set(agents) <= set(call.declined)
    )


def _is_overlay(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    tags = len(plan.tags) + len(snapshot.extra_tags)
    overlay = snapshot.overlay
    holders = [held.agent for held in overlay.tags]
    pairs = [(one.queue, one.agent) for one in overlay.members]
    return (
        holders == sorted(set(holders))
        and pairs == sorted(set(pairs))
        and all(0 <= agent < len(plan.agents) for agent in holders)
        and all(0 <= queue < len(plan.queues) for queue, _ in pairs)
        and all(0 <= agent < len(plan.agents) for _, agent in pairs)
        and all(_are_held(held.tags, tags) for held in overlay.tags)
        and _are_overrides(plan, snapshot)
    )


def _are_overrides(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    counts = (len(plan.schedules), len(plan.queues), len(plan.numbers))
    keys = [(one.kind, one.subject) for one in snapshot.overlay.overrides]
    return keys == sorted(set(keys)) and all(
        0 <= one.kind < len(counts)
        and 0 <= one.subject < counts[one.kind]
        and 0 <= one.to < len(overrides.TO)
        and 0 <= (one.until_ms or 0) <= TIME_MS_MAX
        for one in snapshot.overlay.overrides
    )


def _are_held(held: tuple[tuple[int, int], ...], tags: int) -> bool:
    numbers = [tag for tag, _ in held]
    return (
        len(held) <= TAGS_PER_AGENT_MAX
        and numbers == sorted(set(numbers))
        and all(0 <= tag < tags for tag in numbers)
        and all(1 <= level <= LEVEL_MAX for _, level in held)
    )


def _is_need(need: CompiledNeed, tags: int) -> bool:
    values = (LEVEL_MAX, 0, 0, WEIGHT_MAX)
    return (
        0 <= need.kind < len(NEED_KINDS)
        and len(need.tags) > 0
        and all(0 <= tag < tags for tag in need.tags)
        and min(1, values[need.kind]) <= need.value <= values[need.kind]
    )


def _is_reached(plan: CompiledPlan, call: Call) -> bool:
    """
    Tell whether a call has come by a number, and the queues it was in exist.
    """
    if call.number is None:
        is_outside = call.phase in _OUTSIDE
        return is_outside and not (call.queue or call.step or call.visits)
    return (
        0 <= call.number < len(plan.numbers)
        and 0 <= call.queue < len(plan.queues)
        and 0 <= call.step <= len(plan.queues[call.queue].steps)
        and all(
            0 <= visit.queue < len(plan.queues) and is_end(plan, visit.end)
            for visit in call.visits
        )
    )


def _rises(*parts: list[int]) -> bool:
    return all(part == sorted(set(part)) for part in parts)


def _is_placed(plan: CompiledPlan, call: Call, offers: dict[int, Offer]) -> bool:
    """
    Tell whether a call has the offer, or the box, that its phase asks for.
    """
    if call.phase == CallPhase.WAITING:
        return not call.offers
    if call.phase == CallPhase.VOICEMAIL:
        has_box = call.box is not None and 0 <= call.box < len(plan.boxes)
        return has_box and not call.offers
    if call.phase in (CallPhase.FORWARDING, CallPhase.FORWARDED):
        return not call.offers
    wanted = next((o for p, o in _OFFER_PHASE.items() if p == call.phase), None)
    is_one = len(call.offers) == 1
    own = [offers.get(id) for id in call.offers]
    return (
        (is_one or (bool(own) and call.phase == CallPhase.RINGING))
        and call.offers == sorted(set(call.offers))
        and all(
            offer is not None and offer.phase == wanted and offer.call == call.sequence
            for offer in own
        )
    )


def _tags(needs: Needs) -> list[int]:
    parts = (needs.required, needs.any_of, needs.forbidden, needs.preferred)
    return [tag for part in parts for need in part for tag in need.tags]


def _is_timer(
    plan: CompiledPlan,
    snapshot: Snapshot,
    timer: Timer,
    offers: dict[int, Offer],
    calls: dict[int, Call],
) -> bool:
    if timer.kind not in set(TimerKind):
        return False
    kind = TimerKind(timer.kind)
    if kind in _TIMED_PHASE:
        offer = offers.get(timer.subject)
        return offer is not None and offer.phase == _TIMED_PHASE[kind]
    if kind is TimerKind.RETRY_UNREACHABLE_ENDS:
        return 0 <= timer.subject < len(snapshot.agents)
    if kind is TimerKind.PAUSE_ENDS:
        agents = snapshot.agents
        return (
            0 <= timer.subject < len(agents)
            and agents[timer.subject].presence == Presence.PAUSED
        )
    if kind is TimerKind.OVERRIDE_ENDS:
        kinds = len(overrides.KINDS)
        place = (timer.subject % kinds, timer.subject // kinds)
        return snapshot.overlay.override(*place) is not None
    if kind is TimerKind.DEMAND_COUNTED:
        return timer.subject == 0
    if kind is TimerKind.SHIFT_CHANGES:
        return 0 <= timer.subject < len(snapshot.schedules_open)
    call = calls.get(timer.subject)
    if call is None or call.phase > CallPhase.CONNECTING:
        return False
    steps = plan.queues[call.queue].steps
    return kind is not TimerKind.STEP_BEGINS or call.step < len(steps)
