"""
The visit: how a call enters a queue, and how it leaves it, or the site.

Every visit of a queue ends with one result, every call with one outcome.  Where
a call goes that leaves a queue is said in ``sending.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import actions
from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..events import CallArrived
from ..plan.compiled import CompiledNeed
from . import announcing, declines, demand, ringing, steps, turns
from . import needs as gathering
from .border import canonical_tag
from .limits import PRIORITY_MAX
from .site import Site
from .state import Call, CallPhase, Needs
from .timers import TimerKind


def admitted(site: Site, event: CallArrived) -> Call:
    """
    Make the record of a call that has come in; it is in no queue yet.
    """
    number = site.number_numbers.get(event.dialled.number)
    entry = None if number is None else site.plan.numbers[number]
    preferred = turns.wished(site, event.preferred, entry)
    return Call(
        sequence=site.call_sequence,
        id=event.call,
        host=event.host,
        caller=event.caller,
        dialled=event.dialled,
        number=number,
        queue=0,
        needs=Needs((), (), (), ()),
        priority=0,
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
        own_needs=compiled_needs(site, event.needs),
        set_needs=(),
        own_priority=event.priority,
        set_priority=None,
        visits=[],
        in_last_resort=False,
        preferred=preferred,
        turn=len(preferred),
        excluded=excluded_agents(site, event.excluded),
        offers_made=0,
        in_demand=False,
        announced_position=None,
        announced_wait_ms=None,
    )


def excluded_agents(site: Site, ids: Iterable[str]) -> list[int]:
    """
    Return the numbers of agents, ascending; who is not in the plan is passed over.
    """
    known = {site.agent_numbers[id] for id in ids if id in site.agent_numbers}
    return sorted(known)


def adjust(site: Site, call: Call) -> None:
    """
    Work out anew what a call asks and where it stands in line.

    Its queue's needs and priority, its number's, its own and those that were set for
    it are brought together (rules 5.1, 8.2); of one agent's own queue it asks nothing.
    """
    queue, number = site.queue_of(call), site.number_of(call)
    sources = (queue.needs, number.needs, call.own_needs, call.set_needs)
    if queue.is_direct:
        sources = ((), (), (), ())
    call.needs = gathering.gather(sources, site.single_category, site.tag_name)
    total = queue.priority + number.priority + call.own_priority
    call.priority = max(-PRIORITY_MAX, min(PRIORITY_MAX, total))
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
    turns.start(site, call)
    demand.note(site, call)
    queue = site.queue_of(call)
    if queue.max_wait_ms is not None:
        deadline_ms = site.now_ms + queue.max_wait_ms
        site.timers.set(TimerKind.MAX_WAIT_ENDS, call.sequence, deadline_ms)
    announcing.await_next(site, call)
    site.order(
        actions.StartWaiting(id=site.next_action_id(), call=call.id, queue=queue.name)
    )


def enter(site: Site, call: Call, queue: int, *, keeps_place: bool) -> None:
    """
    Put a call that is in no queue into one; it may count as waiting since before.
    """
    call.queue = queue
    call.queue_since_ms = site.now_ms
    if not keeps_place:
        call.line_since_ms = site.now_ms
    call.phase = CallPhase.WAITING
    call.step = 0
    adjust(site, call)


def leave_line(site: Site, call: Call, result: str) -> None:
    """
    End the visit of a queue, with its result.
    """
    site.timers.cancel(TimerKind.MAX_WAIT_ENDS, call.sequence)
    site.timers.cancel(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    site.timers.cancel(TimerKind.ANNOUNCEMENT_DUE, call.sequence)
    steps.stop_clocks(site, call)
    ringing.leave(site, call)
    turns.leave(site, call)
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


def hang_up(site: Site, call: Call, reason: str, message: str = "") -> None:
    """
    End the caller's leg, after the message if there is one.
    """
    site.order(
        actions.HangUpCall(
            id=site.next_action_id(), call=call.id, message=message, reason=reason
        )
    )


def end(site: Site, call: Call, outcome: str) -> None:
    """
    Forget a call, but for its id and its one outcome.
    """
    del site.calls[call.sequence]
    del site.call_sequences[call.id]
    site.ended.append(call.id)
    site.order(
        actions.RecordOutcome(
            id=site.next_action_id(),
            call=call.id,
            outcome=outcome,
            last_result=call.last_result,
        )
    )
