"""
The flow of a call, for explaining: which number, which queues, and why on.
"""

from __future__ import annotations

from ..decisions import FlowStep
from ..plan.compiled import END_KINDS, CompiledEnd
from .site import Site
from .state import Call

_NAMELESS = ("last_resort", "hangup")


def flow_of(site: Site, call: Call) -> tuple[FlowStep, ...]:
    """
    List the blocks that a call has passed, in their order.
    """
    if call.number is None:
        number = call.dialled.number
        why = f"no such number: {number}"
        if number in site.number_numbers:
            why = f"number {number} is closed"
        way = "last_resort" if call.in_last_resort else "hangup"
        return (FlowStep(block="number", exit=way, why=why),)
    entry = site.number_of(call)
    first = call.visits[0].queue if call.visits else call.queue
    steps = [
        FlowStep(
            block="number",
            exit=_queue_named(site, first),
            why=f"dialled {entry.number}",
        )
    ]
    steps += [
        FlowStep(
            block=_queue_named(site, visit.queue),
            exit=_named(site, visit.end),
            why=visit.result,
        )
        for visit in call.visits
    ]
    return (*steps, *_refused(site, call))


def _refused(site: Site, call: Call) -> tuple[FlowStep, ...]:
    """
    Name the queue that took the call no more, if one did (rule 10.1).
    """
    if not call.visits or not call.in_last_resort:
        return ()
    end = call.visits[-1].end
    if END_KINDS[end.kind] != "queue":
        return ()
    times = site.plan.settings.max_visits
    why = f"entered {times} times" if times > 1 else "entered once"
    return (FlowStep(block=_named(site, end), exit="too_often", why=why),)


def _named(site: Site, end: CompiledEnd) -> str:
    """
    Write a destination as a plan has it.
    """
    kind = END_KINDS[end.kind]
    if kind == "queue":
        return _queue_named(site, end.target)
    if kind == "voicemail":
        return f"voicemail:{site.plan.boxes[end.target].name}"
    if kind in _NAMELESS and not end.text:
        return kind
    return f"{kind}:{end.text}"


def _queue_named(site: Site, number: int) -> str:
    queue = site.plan.queues[number]
    return queue.name if queue.is_direct else f"queue:{queue.name}"
