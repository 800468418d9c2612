"""
What a reload leaves to the calls in line: their age, and their rules (rule 17.11).
"""

from __future__ import annotations

import msgspec

from ..actions import OfferCall, RecordOutcome, RecordResult, StartWaiting
from ..plan.compiled import CompiledPlan, CompiledQueue
from ..reference.state import Call, CallPhase
from .seen import Seen

__all__ = ["calls_kept"]

_NUMBERS_OF_OTHERS = {
    "needs",
    "members",
    "overflow",
    "placements",
    "steps",
    "limits",
    "exclude",
}
"""Parts of a queue that name tags, agents or queues by their numbers in one plan."""


def calls_kept(seen: Seen, former: CompiledPlan) -> list[str]:
    """
    Rule 17.11: no call is lost by a reload, none is younger or under other rules.

    Args:
        seen: The reload.
        former: The plan before it, with the overlay.
    """
    if seen.before is None:
        return []
    told = (OfferCall, RecordOutcome, RecordResult, StartWaiting)
    moved = {action.call for action in seen.actions if isinstance(action, told)}
    calls = seen.calls
    broken = []
    for call in seen.before.calls:
        if call.id in moved or call.phase > CallPhase.CONNECTING:
            continue
        after = calls.get(call.id)
        if after is None:
            broken.append(f"17.11: {call.id} was lost by a reload")
            continue
        if _ages(call) != _ages(after):
            broken.append(f"17.11: {call.id} has another age after a reload")
        rules = _rules(former.queues[call.queue])
        if rules != _rules(seen.plan.queues[after.queue]):
            broken.append(f"17.11: {call.id} is under other rules after a reload")
    return broken


def _ages(call: Call) -> tuple[int, ...]:
    return (call.sequence, call.arrived_ms, call.line_since_ms, call.queue_since_ms)


def _rules(queue: CompiledQueue) -> tuple[object, ...]:
    """
    Return what can be compared of a queue's rules.
    """
    fields = msgspec.structs.asdict(queue)
    own = [value for name, value in fields.items() if name not in _NUMBERS_OF_OTHERS]
    begins = [step.after_ms for step in queue.steps]
    return (own, begins, queue.limits.size, queue.limits.max_wait_cuts_ring)
