"""
What is kept of former plans while calls and offers still use it (rule 15.1).

A call keeps the rules of the queue that it is in, an agent who was removed their number
until their last unit is free.  So agents, queues, boxes and numbers of former plans
stand behind those of the plan, and whoever follows a number finds what it meant.
"""

from __future__ import annotations

import msgspec

from ..plan.compiled import CompiledPlan, are_parts
from .state import Kept, Snapshot


def joined(plan: CompiledPlan, left: Kept) -> CompiledPlan:
    """
    Return a plan with what is kept behind its own.
    """
    if left == Kept():
        return plan
    return msgspec.structs.replace(
        plan,
        agents=plan.agents + left.agents,
        queues=plan.queues + left.queues,
        boxes=plan.boxes + left.boxes,
        numbers=plan.numbers + left.numbers,
    )


def parted(plan: CompiledPlan, own: CompiledPlan) -> tuple[CompiledPlan, Kept]:
    """
    Take a joined plan apart; *own* has as many of everything as the plan had.
    """
    agents, queues = len(own.agents), len(own.queues)
    boxes, numbers = len(own.boxes), len(own.numbers)
    left = Kept(
        agents=plan.agents[agents:],
        queues=plan.queues[queues:],
        boxes=plan.boxes[boxes:],
        numbers=plan.numbers[numbers:],
    )
    own = msgspec.structs.replace(
        plan,
        agents=plan.agents[:agents],
        queues=plan.queues[:queues],
        boxes=plan.boxes[:boxes],
        numbers=plan.numbers[:numbers],
    )
    return own, left


def is_sound(plan: CompiledPlan, snapshot: Snapshot) -> bool:
    """
    Tell whether what a snapshot keeps could stand behind a plan.
    """
    if snapshot.kept == Kept():
        return True
    known = msgspec.structs.replace(
        joined(plan, snapshot.kept), tags=plan.tags + tuple(snapshot.extra_tags)
    )
    return are_parts(known)
