"""
Whom a call was offered to, and who was passed over (rules 6.3, 6.5, 17.4, 17.5).
"""

from __future__ import annotations

import msgspec

from ..actions import OfferCall, RecordAssignment, StartWaiting
from ..reference.state import Call, CallPhase
from .orders import Orders
from .seen import Seen
from .switches import is_up
from .widths import turn_of, wants_offer

__all__ = ["held", "orders_kept", "overtaking", "rest", "specificity"]


def rest(seen: Seen) -> list[str]:
    """
    Rule 17.4: no call waits while somebody free could take it.
    """
    serving, after = seen.serving, seen.after
    return [
        f"17.4: {call.id} waits, {seen.plan.agents[agent].id} could take it"
        for call in after.calls
        if wants_offer(seen.plan, call, after)
        for agent in range(len(after.agents))
        if serving.is_free(after, agent) and serving.may_take(after, call, agent)
    ]


def held(seen: Seen) -> list[str]:
    """
    Rule 17.4: a call is held only for an agent who lacks nothing but a unit.
    """
    serving, after = seen.serving, seen.after
    return [
        f"17.4: {call.id} is held for {seen.plan.agents[agent].id} in vain"
        for call in after.calls
        if is_up(after, call.host)
        if call.phase == CallPhase.WAITING
        for agent in [turn_of(call)]
        if agent is not None
        and not (
            call.preferred[call.turn][1] > 0
            and serving.serves_now(after, agent)
            and serving.may_take(after, call, agent)
            and not serving.is_free(after, agent)
        )
    ]


def overtaking(seen: Seen) -> list[str]:
    """
    Rule 17.5: nobody is served before a call ahead of them that could be served.
    """
    serving, after = seen.serving, seen.after
    broken = []
    # Who has come to the queue by this event may have come after the choice.
    entered = {a.call for a in seen.actions if isinstance(a, StartWaiting)}
    waited = {
        (call.sequence, call.queue, call.queue_since_ms): call.step
        for call in (seen.before.calls if seen.before else ())
        if call.phase in (CallPhase.WAITING, CallPhase.RINGING)
        and call.id not in entered
    }
    by_id = seen.calls
    for action in seen.at_rest:
        if action.call not in by_id:
            continue
        served = by_id[action.call]
        agent = serving.numbers[action.agent]
        broken += [
            f"17.5: {served.id} overtook {other.id}"
            for other in after.calls
            if wants_offer(seen.plan, other, after)
            and (other.sequence, other.queue, other.queue_since_ms) in waited
            and other.queue == served.queue
            and serving.queue_key(after, other) < serving.queue_key(after, served)
            and serving.may_take(after, other, agent)
            # The step that lets the agent in may have begun after the choice.
            and serving.may_take(after, _as_it_was(other, waited), agent)
            and serving.serves_now(after, agent)
        ]
    return broken


def _as_it_was(call: Call, steps: dict[tuple[int, int, int], int]) -> Call:
    """
    Return a call with the step that it had before the event.
    """
    step = steps[call.sequence, call.queue, call.queue_since_ms]
    return msgspec.structs.replace(call, step=min(step, call.step))


def specificity(seen: Seen) -> list[str]:
    """
    Rule 6.5: nobody is chosen while somebody free has a proper subset of the tags.
    """
    serving, after = seen.serving, seen.after
    broken = []
    by_id = seen.calls
    for action in seen.at_rest:
        call = by_id.get(action.call)
        if (
            call is None
            or serving.strategy(call) != 0
            or action.offer not in call.offers
            or serving.names_other_calls
        ):
            continue
        chosen = serving.numbers[action.agent]
        broken += [
            f"6.5: {action.agent} chosen, {seen.plan.agents[other].id} is narrower"
            for other in range(len(after.agents))
            if other != chosen
            and serving.is_free(after, other)
            and serving.may_take(after, call, other)
            and serving.is_narrower(call, other, chosen)
        ]
    return broken


def orders_kept(seen: Seen, orders: Orders) -> list[str]:
    """
    Rule 6.3: nobody is chosen while somebody free comes first by the strategy.

    Args:
        seen: The event.
        orders: What strategies remember; told of the event's offers.
    """
    broken = []
    by_id = seen.calls
    at_rest = {action.offer for action in seen.at_rest}
    assigned = {
        action.offer
        for action in seen.actions
        if isinstance(action, RecordAssignment) and action.act == "assign"
    }
    for action in seen.actions:
        if not isinstance(action, OfferCall):
            continue
        call = by_id.get(action.call)
        if call and action.offer in at_rest and action.offer in call.offers:
            broken += _passed_over(seen, orders, call, action)
        if action.offer not in assigned:
            orders.note(action)
    return broken


def _passed_over(
    seen: Seen, orders: Orders, call: Call, action: OfferCall
) -> list[str]:
    """
    Who comes before the agent who was chosen, by a strategy that can be judged.
    """
    serving, after = seen.serving, seen.after
    required, _ = serving.required(call, call.step)
    strategy = serving.strategy(call)
    place = orders.judge(after, call, strategy, serving.levels, required)
    if place is None or serving.names_other_calls:
        return []

    def key(agent: int) -> tuple[int, ...]:
        earliest, preference = serving.earliest(call, agent), serving.preference
        return (earliest, -preference(call, agent), place(agent))

    chosen = serving.numbers[action.agent]
    return [
        f"6.3: {action.agent} chosen, {seen.plan.agents[other].id} goes first"
        for other in range(len(after.agents))
        if serving.is_free(after, other)
        and serving.may_take(after, call, other)
        and key(other) < key(chosen)
    ]
