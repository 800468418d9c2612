"""
The visit: how a call enters a queue, and how it leaves it, or the site.

Every visit of a queue ends with one result, every call with one outcome.
"""

from __future__ import annotations

from .. import actions
from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..events import CallArrived
from . import declines, steps
from . import needs as gathering
from .border import canonical_tag
from .site import Site
from .state import Call, CallPhase
from .timers import TimerKind


def admitted(site: Site, event: CallArrived, number: int) -> Call:
    """
    Make the record of a call that enters the queue of a number.
    """
    entry = site.plan.numbers[number]
    queue = site.plan.queues[entry.queue]
    own = [
        gathering.compiled(need, site.tag_number, site.tag_name)
        for need in map(_canonical, event.needs)
    ]
    priority = queue.priority + entry.priority + event.priority
    return Call(
        sequence=site.call_sequence,
        id=event.call,
        host=event.host,
        caller=event.caller,
        dialled=event.dialled,
        number=number,
        queue=entry.queue,
        needs=gathering.gather(
            (queue.needs, entry.needs, own), site.single_category, site.tag_name
        ),
        priority=max(-1000, min(1000, priority)),
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


def leave_line(site: Site, call: Call, result: str) -> None:
    """
    End the visit of a queue, with its result.
    """
    site.timers.cancel(TimerKind.MAX_WAIT_ENDS, call.sequence)
    site.timers.cancel(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    steps.stop_clocks(site, call)
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
    box = site.plan.boxes[end.target]
    call.phase = CallPhase.VOICEMAIL
    call.box = end.target
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
