"""
Sending: where a call goes that a queue gives up or does not take.

Queues may send a call on to each other; each counts how often it was entered by
the call, so every chain of them ends.
"""

from __future__ import annotations

from .. import actions
from ..plan.compiled import END_KINDS, LIMITS, CompiledEnd
from . import admission, overrides, visit
from .limits import FORWARD_RING_MS
from .site import Site
from .state import Call, CallPhase, Visit


def arrive(site: Site, call: Call) -> None:
    """
    Let a call that has come by a number of ours into the number's queue.
    """
    _enter(site, call, site.number_of(call).queue, keeps_place=False)


def send(site: Site, call: Call, end: CompiledEnd, *, keeps_place: bool) -> None:
    """
    Send a call that is in no queue to a destination.

    Args:
        site: The site.
        call: A call in no queue.
        end: The destination.
        keeps_place: Whether it counts in a queue as waiting since before.
    """
    match END_KINDS[end.kind]:
        case "queue":
            _enter(site, call, end.target, keeps_place=keeps_place)
        case "voicemail":
            _send_to_voicemail(site, call, end.target)
        case "number":
            _forward(site, call, end.text)
        case "hangup":
            visit.hang_up(site, call, "hangup", end.text)
            visit.end(site, call, "hung_up")
        case _:
            last_resort(site, call)


def overflow(site: Site, call: Call, limit: str) -> None:
    """
    Leave the line for where the queue sends what this limit ends.
    """
    queue = site.queue_of(call)
    end = destination(site, call, limit)
    leave_for(site, call, f"overflowed:{limit}", end)
    send(site, call, end, keeps_place=queue.limits.keeps_place)


def destination(site: Site, call: Call, limit: str) -> CompiledEnd:
    """
    Return where a limit of the queue that a call is in sends it.
    """
    queue = site.queue_of(call)
    return dict(queue.limits.overflow_on).get(LIMITS.index(limit), queue.overflow)


def leave_for(site: Site, call: Call, result: str, end: CompiledEnd) -> None:
    """
    End a visit, and remember where it led.
    """
    visit.leave_line(site, call, result)
    call.visits.append(Visit(call.queue, result, end))


def last_resort(site: Site, call: Call) -> None:
    """
    Give a call what it gets that nothing else could be done with.
    """
    call.in_last_resort = True
    end = site.plan.settings.last_resort
    if END_KINDS[end.kind] != "last_resort":
        send(site, call, end, keeps_place=False)
        return
    visit.hang_up(site, call, "last_resort", site.plan.settings.last_resort_message)
    visit.end(site, call, "overflowed")


def destination_failed(site: Site, call: Call, code: str) -> None:
    """
    A mailbox or an outside number failed: the last resort, unless it was that.
    """
    if not call.in_last_resort:
        last_resort(site, call)
        return
    visit.hang_up(site, call, "failed", site.plan.settings.last_resort_message)
    visit.end(site, call, f"failed:{code}")


def _enter(site: Site, call: Call, queue: int, *, keeps_place: bool) -> None:
    """
    Let a call enter a queue, or those to which its limits on entry lead.

    A queue that the call has entered too often takes it no more (rule 10.1).
    """
    while True:
        times = sum(past.queue == queue for past in call.visits)
        if times >= site.plan.settings.max_visits:
            last_resort(site, call)
            return
        visit.enter(site, call, queue, keeps_place=keeps_place)
        limit = admission.refusal(site, call)
        if limit is None:
            visit.start_waiting(site, call)
            return
        keeps_place = site.queue_of(call).limits.keeps_place
        end = destination(site, call, limit)
        if limit == "closed":
            end = overrides.away_from_queue(site, queue, end) or end
        leave_for(site, call, f"overflowed:{limit}", end)
        if END_KINDS[end.kind] != "queue":
            send(site, call, end, keeps_place=keeps_place)
            return
        queue = end.target


def _send_to_voicemail(site: Site, call: Call, number: int) -> None:
    box = site.plan.boxes[number]
    call.phase = CallPhase.VOICEMAIL
    call.box = number
    site.order(
        actions.SendToVoicemail(
            id=site.next_action_id(), call=call.id, box=box.name, greeting=box.greeting
        )
    )


def _forward(site: Site, call: Call, number: str) -> None:
    call.phase = CallPhase.FORWARDING
    site.order(
        actions.ForwardCall(
            id=site.next_action_id(),
            call=call.id,
            number=number,
            ring_ms=FORWARD_RING_MS,
        )
    )
