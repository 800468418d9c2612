"""
The visit: how a call enters a queue, and how it leaves it, or the site.

Every visit of a queue ends with one result, every call with one outcome.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import actions
from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..events import CallArrived
from ..plan.compiled import CompiledNeed
from . import declines, ringing, steps
from . import needs as gathering
from .border import canonical_tag
from .limits import PRIORITY_MAX
from .site import Site
from .state import Call, CallPhase, Needs
from .timers import TimerKind


def admitted(site: Site, event: CallArrived, number: int) -> Call:
    """
    Make the record of a call that enters the queue of a number.
    """
    entry = site.plan.numbers[number]
    own = compiled_needs(site, event.needs)
    return Call(
        sequence=site.call_sequence,
        id=event.call,
        host=event.host,
        caller=event.caller,
        dialled=event.dialled,
        number=number,
        queue=entry.queue,
        needs=gathered(site, (number, entry.queue), (own, ())),
        priority=total_priority(site, (number, entry.queue), event.priority),
        arrived_ms=site.now_ms,
        line_since_ms=site.now_ms,
        queue_since_ms=site.now_ms,
        phase=CallPhase.WAITING,
        offers=[],
        tried=[],
        declined=[],
        round_ended=False,
        max_wait_passed=False,
        box=None,
        last_result="",
        step=0,
        stopped_ms=0,
        stopped_since_ms=None,
        declines=[],
        round_since_ms=None,
        own_needs=own,
        set_needs=(),
        own_priority=event.priority,
        set_priority=None,
    )


def gathered(
    site: Site,
    way: tuple[int, int],
    own: tuple[tuple[CompiledNeed, ...], tuple[CompiledNeed, ...]],
) -> Needs:
    """
    Bring together what a call asks: its queue's needs, its number's, and its own.

    Args:
        site: The site.
        way: The number dialled and the queue.
        own: What it brought, and what was set for it.
    """
    number, queue = way
    plan = site.plan
    sources = (plan.queues[queue].needs, plan.numbers[number].needs, *own)
    return gathering.gather(sources, site.single_category, site.tag_name)


def total_priority(site: Site, way: tuple[int, int], own: int) -> int:
    """
    Add up the priorities of the number dialled, the queue and the call (rule 8.2).
    """
    number, queue = way
    total = site.plan.queues[queue].priority + site.plan.numbers[number].priority + own
    return max(-PRIORITY_MAX, min(PRIORITY_MAX, total))


def adjust(site: Site, call: Call) -> None:
    """
    Work out anew what a call asks and where it stands in line.
    """
    way = (call.number, call.queue)
    call.needs = gathered(site, way, (call.own_needs, call.set_needs))
    call.priority = total_priority(site, way, call.own_priority)
    if call.set_priority is not None:
        call.priority = call.set_priority


def compiled_needs(site: Site, needs: Iterable[Need]) -> tuple[CompiledNeed, ...]:
    """
    Turn the needs of an event into those of numbers.
    """
    return tuple(
        gathering.compiled(need, site.tag_number, site.tag_name)
        for need in map(_canonical, needs)
    )


def _canonical(need: Need) -> Need:
    """
    Return a need whose tags carry their category.
    """
    match need:
        case AnyOf(tags=tags):
            return AnyOf(tuple(canonical_tag(tag) for tag in tags))
        case Required(tag=tag, level=level):
            return Required(canonical_tag(tag), level)
        case Forbidden(tag=tag):
            return Forbidden(canonical_tag(tag))
        case Preferred(tag=tag, weight=weight):
            return Preferred(canonical_tag(tag), weight)


def start_waiting(site: Site, call: Call) -> None:
    """
    The call stands in the line of its queue from now.
    """
    steps.start_clocks(site, call)
    queue = site.queue_of(call)
    if queue.max_wait_ms is not None:
        deadline_ms = site.now_ms + queue.max_wait_ms
        site.timers.set(TimerKind.MAX_WAIT_ENDS, call.sequence, deadline_ms)
    site.order(
        actions.StartWaiting(id=site.next_action_id(), call=call.id, queue=queue.name)
    )


def enter(site: Site, call: Call, queue: int) -> None:
    """
    Let a call in that has left another queue; it keeps its place in time.
    """
    call.queue = queue
    call.queue_since_ms = site.now_ms
    call.phase = CallPhase.WAITING
    adjust(site, call)
    start_waiting(site, call)


def leave_line(site: Site, call: Call, result: str) -> None:
    """
    End the visit of a queue, with its result.
    """
    site.timers.cancel(TimerKind.MAX_WAIT_ENDS, call.sequence)
    site.timers.cancel(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    steps.stop_clocks(site, call)
    ringing.leave(site, call)
    call.tried.clear()
    declines.forget(site, call)
    call.round_ended = False
    call.max_wait_passed = False
    call.last_result = result
    site.order(
        actions.RecordResult(
            id=site.next_action_id(),
            call=call.id,
            queue=site.queue_of(call).name,
            result=result,
            waited_ms=site.now_ms - call.queue_since_ms,
        )
    )


def overflow(site: Site, call: Call, limit: str) -> None:
    """
    Leave the line for where the queue sends what it gives up.
    """
    end = site.queue_of(call).overflow
    leave_line(site, call, f"overflowed:{limit}")
    if end.kind == 0:
        last_resort(site, call)
        return
    send_to_box(site, call, end.target)


def send_to_box(site: Site, call: Call, number: int) -> None:
    """
    Let the caller leave a message.
    """
    box = site.plan.boxes[number]
    call.phase = CallPhase.VOICEMAIL
    call.box = number
    site.order(
        actions.SendToVoicemail(
            id=site.next_action_id(), call=call.id, box=box.name, greeting=box.greeting
        )
    )


def last_resort(site: Site, call: Call) -> None:
    """
    Give a call what it gets that nothing else could be done with.
    """
    site.order(
        actions.HangUpCall(
            id=site.next_action_id(),
            call=call.id,
            message=site.plan.settings.last_resort_message,
            reason="last_resort",
        )
    )
    end(site, call, "overflowed")


def hang_up(site: Site, call: Call, reason: str) -> None:
    """
    End the caller's leg, without a message.
    """
    site.order(
        actions.HangUpCall(
            id=site.next_action_id(), call=call.id, message="", reason=reason
        )
    )


def end(site: Site, call: Call, outcome: str) -> None:
    """
    Forget a call, but for its id and its one outcome.
    """
    del site.calls[call.sequence]
    del site.call_sequences[call.id]
    record_end(site, call.id, outcome, call.last_result)


def record_end(site: Site, id: str, outcome: str, last_result: str) -> None:
    """
    Remember the id of a call that has ended, and record its outcome.
    """
    site.ended.append(id)
    site.order(
        actions.RecordOutcome(
            id=site.next_action_id(), call=id, outcome=outcome, last_result=last_result
        )
    )
