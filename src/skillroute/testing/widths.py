"""
How many agents a call may ring at once (rules 6.4, 9.3, 18.16), for the Ledger.
"""

from __future__ import annotations

from ..plan.compiled import CompiledPlan
from ..reference.state import Call, CallPhase, Snapshot
from .switches import is_up

__all__ = ["turn_of", "wants_offer", "width", "width_max"]

_ALL, _PROGRESSIVELY = 1, 2


def width(plan: CompiledPlan, call: Call, after: Snapshot) -> int:
    """
    Return how many agents a call may ring now.

    Args:
        plan: The plan of the site.
        call: A call in line.
        after: The state of the site; what a supervisor assigned rings alone.
    """
    now_ms = after.clock_ms or 0
    if any(offer.assigned and offer.id in call.offers for offer in after.offers):
        return 1
    queue = plan.queues[call.queue]
    most = queue.parallel.max_parallel
    ringing = queue.steps[call.step - 1].ringing if call.step else queue.ringing
    if ringing == _ALL:
        return most
    if ringing != _PROGRESSIVELY:
        return 1
    begun_ms = now_ms if call.round_since_ms is None else call.round_since_ms
    rung = queue.parallel.batch
    while begun_ms + queue.parallel.every_ms <= now_ms and rung < most:
        begun_ms += queue.parallel.every_ms
        rung += queue.parallel.batch
    return min(rung, most)


def width_max(plan: CompiledPlan, call: Call) -> int:
    """
    Return how many agents a call may ever ring: a step may have narrowed it since.
    """
    queue = plan.queues[call.queue]
    ways = {queue.ringing, *(step.ringing for step in queue.steps[: call.step])}
    return queue.parallel.max_parallel if ways != {0} else 1


def wants_offer(plan: CompiledPlan, call: Call, after: Snapshot) -> bool:
    """
    Tell whether a call would ring one agent more.
    """
    if not is_up(after, call.host):
        return False
    if call.phase == CallPhase.WAITING:
        return True
    holder = turn_of(call)
    at_holder = any(o.agent == holder and o.id in call.offers for o in after.offers)
    rings_on = call.max_wait_passed or at_holder
    rings = call.phase == CallPhase.RINGING and not rings_on
    return rings and len(call.offers) < width(plan, call, after)


def turn_of(call: Call) -> int | None:
    """
    Return the agent whom a call is for now; None: whoever fits.
    """
    return dict(enumerate(agent for agent, _ in call.preferred)).get(call.turn)
