"""
Routing: what events and timers do to calls, offers and agents together.

The machines in ``call.py``, ``offer.py`` and ``agent.py`` say what happens;
the functions here carry it out.  This is the one place where the three are
coupled.  The functions for events come first, what they share below.
"""

from __future__ import annotations

from bisect import insort

from .. import actions
from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..events import CallArrived
from . import agent as agents
from . import call as calls
from . import needs as gathering
from . import offer as offers
from .agent import AgentEvent, AgentStep
from .border import canonical_tag
from .call import CallEvent, CallStep
from .offer import OfferEvent, OfferStep
from .refusals import illegal
from .site import Site
from .state import Call, CallPhase, Offer, OfferPhase, Presence
from .timers import TimerKind

# Events and timers -----------------------------------------------------------


def call_arrived(site: Site, event: CallArrived) -> Call | None:
    """
    Let a call in, by the number dialled; None: no such number, so it has ended.
    """
    site.call_sequence += 1
    number = site.number_numbers.get(event.dialled.number)
    if number is None:
        site.order(
            actions.HangUpCall(
                id=site.next_action_id(),
                call=event.call,
                message=site.plan.settings.last_resort_message,
                reason="last_resort",
            )
        )
        _record_end(site, event.call, "overflowed", "")
        return None
    call = _admitted(site, event, number)
    site.calls[call.sequence] = call
    site.call_sequences[call.id] = call.sequence
    queue = site.queue_of(call)
    if queue.max_wait_ms is not None:
        deadline_ms = site.now_ms + queue.max_wait_ms
        site.timers.set(TimerKind.MAX_WAIT_ENDS, call.sequence, deadline_ms)
    site.order(
        actions.StartWaiting(id=site.next_action_id(), call=call.id, queue=queue.name)
    )
    return call


def caller_hung_up(site: Site, call: Call) -> None:
    """
    The caller's leg is gone.
    """
    step = calls.step(CallPhase(call.phase), CallEvent.CALLER_HUNG_UP)
    if step is CallStep.ABANDON:
        if call.phase == CallPhase.WAITING:
            _leave_line(site, call, "abandoned")
        _end(site, call, "abandoned")
    else:
        assert call.offer is not None
        offer_event(site, call.offer, OfferEvent.CALLER_HUNG_UP)


def voicemail_left(site: Site, call: Call, length_ms: int) -> None:
    """
    The caller has left a message; one that is too short counts as none.
    """
    _require_step(call, CallEvent.VOICEMAIL_LEFT)
    assert call.box is not None
    box = site.plan.boxes[call.box]
    outcome = "abandoned"
    if length_ms >= box.message_ms_min:
        outcome = "voicemail"
        site.order(
            actions.NotifyVoicemail(
                id=site.next_action_id(),
                call=call.id,
                box=box.name,
                recipients=box.recipients,
                length_ms=length_ms,
            )
        )
    site.order(
        actions.HangUpCall(
            id=site.next_action_id(), call=call.id, message="", reason="voicemail_left"
        )
    )
    _end(site, call, outcome)


def voicemail_failed(site: Site, call: Call) -> None:
    """
    The mailbox took no message: the site's last resort.
    """
    _require_step(call, CallEvent.VOICEMAIL_FAILED)
    _last_resort(site, call)


def limit_reached(site: Site, call: Call, event: CallEvent) -> None:
    """
    A limit of the queue is reached: overflow, now or when the offer is lost.
    """
    if calls.step(CallPhase(call.phase), event) is CallStep.NOTE_LIMIT:
        call.max_wait_passed = True
    else:
        _overflow(site, call, event.value)


def tried_set_emptied(call: Call) -> None:
    """
    The pause between two rounds is over: everybody may be tried again.
    """
    call.tried.clear()
    call.round_ended = False


def offer_call(site: Site, call: Call, agent: int) -> None:
    """
    Offer a call to an agent; reserving the unit is part of it.
    """
    site.offer_sequence += 1
    id = site.offer_sequence
    queue = site.queue_of(call)
    plan = site.agent_plan(agent)
    site.offers[id] = Offer(id, call.sequence, agent, call.queue, OfferPhase.RINGING)
    site.agents[agent].offers.append(id)
    call.phase = CallPhase.RINGING
    call.offer = id
    site.timers.set(TimerKind.RING_ENDS, id, site.now_ms + queue.ring_ms)
    site.order(
        actions.OfferCall(
            id=site.next_action_id(),
            call=call.id,
            offer=id,
            agent=plan.id,
            queue=queue.name,
            endpoints=plan.endpoints,
            ring_ms=queue.ring_ms,
            label=site.plan.numbers[call.number].label,
        )
    )


def offer_event(
    site: Site, id: int, event: OfferEvent, code: str = "", reason: str = ""
) -> None:
    """
    Something happened to an offer.

    Args:
        site: The site.
        id: An offer that was made; it may be over.
        event: What happened.
        code: Why it failed, for ``FAILED``.
        reason: Why the agent left, for ``AGENT_LEFT``.
    """
    phase = site.offer_phase(id)
    step = offers.step(phase, event)
    if step is OfferStep.ILLEGAL:
        expected = offers.EXPECTED[phase]
        raise illegal(event.value, f"offer {phase.name.lower()}", expected)
    if step is OfferStep.STALE:
        return
    if step is OfferStep.STALE_RELEASE:
        _release_stale(site, id)
        return
    offer = site.offers[id]
    if step in (OfferStep.FREE, OfferStep.HANDLED):
        _free_unit(site, offer)
        if step is OfferStep.HANDLED:
            site.agents[offer.agent].handled_ms = site.now_ms
        return
    call = site.calls[offer.call]
    if step in (OfferStep.CONNECT, OfferStep.JOIN):
        _advance(site, call, offer, step)
    elif step in (OfferStep.FINISH_BY_CALLER, OfferStep.FINISH_BY_AGENT):
        _finish(site, call, offer, step)
    else:
        _give_up(site, call, offer, step, code=code, reason=reason)


def agent_event(site: Site, agent: int, event: AgentEvent, reason: str = "") -> None:
    """
    An agent logs in or out, pauses, resumes, or a shift of theirs starts.
    """
    state = site.agents[agent]
    presence = Presence(state.presence)
    step = agents.step(presence, event)
    if step is AgentStep.ILLEGAL:
        expected = agents.EXPECTED[presence]
        raise illegal(event.value, f"agent {presence.name.lower()}", expected)
    if step is AgentStep.STALE:
        return
    if step in (AgentStep.LOG_IN, AgentStep.RENEW):
        state.login_ms = site.now_ms
    if step in (AgentStep.LOG_IN, AgentStep.RESUME):
        state.presence = Presence.AVAILABLE
        state.pause_reason = ""
    if step is AgentStep.LOG_OUT:
        state.presence = Presence.LOGGED_OUT
        state.pause_reason = ""
        _withdraw_offers(site, agent, "logged_out")
    if step is AgentStep.PAUSE:
        state.presence = Presence.PAUSED
        state.pause_reason = reason
        _withdraw_offers(site, agent, "paused")


def wrap_up_ended(site: Site, agent: int) -> None:
    """
    An agent has finished the work after all their calls.
    """
    for id in list(site.agents[agent].offers):
        if site.offer_phase(id) is OfferPhase.WRAP_UP:
            offer_event(site, id, OfferEvent.WRAP_UP_ENDED)


def shift_changed(site: Site, number: int) -> None:
    """
    A schedule has opened or closed, or the wall clock was moved.
    """
    was_open = site.schedules_open[number]
    site.schedules_open[number] = site.schedule_is_open(number)
    site.watch_schedule(number)
    if was_open or not site.schedules_open[number]:
        return
    for agent, plan in enumerate(site.plan.agents):
        if plan.schedule == number and plan.login == 0:
            agent_event(site, agent, AgentEvent.SHIFT_STARTED)


# A call's way ----------------------------------------------------------------


def _admitted(site: Site, event: CallArrived, number: int) -> Call:
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
        offer=None,
        tried=[],
        declined=[],
        round_ended=False,
        max_wait_passed=False,
        box=None,
        last_result="",
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


def _require_step(call: Call, event: CallEvent) -> None:
    phase = CallPhase(call.phase)
    if calls.step(phase, event) is CallStep.ILLEGAL:
        expected = calls.EXPECTED[phase]
        raise illegal(event.value, f"call {phase.name.lower()}", expected)


def _leave_line(site: Site, call: Call, result: str) -> None:
    """
    End the visit of a queue, with its result.
    """
    site.timers.cancel(TimerKind.MAX_WAIT_ENDS, call.sequence)
    site.timers.cancel(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    call.tried.clear()
    call.declined.clear()
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


def _overflow(site: Site, call: Call, limit: str) -> None:
    """
    Leave the line for where the queue sends what it gives up.
    """
    end = site.queue_of(call).overflow
    _leave_line(site, call, f"overflowed:{limit}")
    if end.kind == 0:
        _last_resort(site, call)
        return
    box = site.plan.boxes[end.target]
    call.phase = CallPhase.VOICEMAIL
    call.box = end.target
    site.order(
        actions.SendToVoicemail(
            id=site.next_action_id(), call=call.id, box=box.name, greeting=box.greeting
        )
    )


def _last_resort(site: Site, call: Call) -> None:
    site.order(
        actions.HangUpCall(
            id=site.next_action_id(),
            call=call.id,
            message=site.plan.settings.last_resort_message,
            reason="last_resort",
        )
    )
    _end(site, call, "overflowed")


def _end(site: Site, call: Call, outcome: str) -> None:
    """
    Forget a call, but for its id and its one outcome.
    """
    del site.calls[call.sequence]
    del site.call_sequences[call.id]
    _record_end(site, call.id, outcome, call.last_result)


def _record_end(site: Site, id: str, outcome: str, last_result: str) -> None:
    site.ended.append(id)
    site.order(
        actions.RecordOutcome(
            id=site.next_action_id(), call=id, outcome=outcome, last_result=last_result
        )
    )


# An offer's way --------------------------------------------------------------


def _advance(site: Site, call: Call, offer: Offer, step: OfferStep) -> None:
    """
    The offer is accepted, or caller and agent hear each other.
    """
    if step is OfferStep.CONNECT:
        settings = site.plan.settings
        lease_ms = settings.connect_timeout_ms + settings.whisper_ms
        site.timers.cancel(TimerKind.RING_ENDS, offer.id)
        site.timers.set(TimerKind.CONNECT_LEASE_ENDS, offer.id, site.now_ms + lease_ms)
        offer.phase = OfferPhase.CONNECTING
        call.phase = CallPhase.CONNECTING
        site.order(
            actions.BridgeCall(
                id=site.next_action_id(),
                call=call.id,
                offer=offer.id,
                agent=site.agent_plan(offer.agent).id,
                whisper=site.plan.numbers[call.number].label,
            )
        )
    else:
        site.timers.cancel(TimerKind.CONNECT_LEASE_ENDS, offer.id)
        offer.phase = OfferPhase.CONNECTED
        call.phase = CallPhase.CONNECTED
        _leave_line(site, call, "answered")


def _finish(site: Site, call: Call, offer: Offer, step: OfferStep) -> None:
    """
    The conversation is over: the agent wraps up, the call has its outcome.
    """
    if step is OfferStep.FINISH_BY_CALLER:
        _order_release(site, call.id, offer)
    else:
        site.order(
            actions.HangUpCall(
                id=site.next_action_id(),
                call=call.id,
                message="",
                reason="agent_hung_up",
            )
        )
    own_ms = site.agent_plan(offer.agent).wrap_up_ms
    length_ms = site.plan.queues[offer.queue].wrap_up_ms if own_ms is None else own_ms
    if length_ms == 0:
        _free_unit(site, offer)
        site.agents[offer.agent].handled_ms = site.now_ms
    else:
        offer.phase = OfferPhase.WRAP_UP
        site.timers.set(TimerKind.WRAP_UP_ENDS, offer.id, site.now_ms + length_ms)
    _end(site, call, "answered")


def _give_up(
    site: Site, call: Call, offer: Offer, step: OfferStep, *, code: str, reason: str
) -> None:
    """
    The offer comes to nothing: by the agent, the switch, a timer or the caller.
    """
    if step is OfferStep.FAIL and code in ("busy", "unreachable"):
        retry_ms = site.plan.queues[offer.queue].retry_unreachable_ms
        site.timers.set(
            TimerKind.RETRY_UNREACHABLE_ENDS, offer.agent, site.now_ms + retry_ms
        )
    if step is OfferStep.MISS:
        _withdraw(site, call, offer, "ring_timeout")
    elif step is OfferStep.WITHDRAW:
        _withdraw(site, call, offer, reason)
    elif step is OfferStep.DROP:
        _withdraw(site, call, offer, "caller_gone")
    elif step in (OfferStep.BREAK, OfferStep.ABANDON):
        _order_release(site, call.id, offer)
        _await_confirmation(site, offer)
    else:
        _free_unit(site, offer)
    if step in (OfferStep.DROP, OfferStep.ABANDON):
        _leave_line(site, call, "abandoned")
        _end(site, call, "abandoned")
    else:
        _try_others(site, call, offer.agent, declined=step is OfferStep.DECLINE)


def _try_others(site: Site, call: Call, agent: int, *, declined: bool) -> None:
    """
    The call waits again, without this agent in this round.
    """
    if agent not in call.tried:
        insort(call.tried, agent)
    if declined and agent not in call.declined:
        insort(call.declined, agent)
    call.phase = CallPhase.WAITING
    call.offer = None
    if call.max_wait_passed:
        _overflow(site, call, CallEvent.MAX_WAIT_ENDED.value)


def _withdraw(site: Site, call: Call, offer: Offer, reason: str) -> None:
    site.order(
        actions.CancelOffer(
            id=site.next_action_id(),
            call=call.id,
            offer=offer.id,
            agent=site.agent_plan(offer.agent).id,
            reason=reason,
        )
    )
    _await_confirmation(site, offer)


def _await_confirmation(site: Site, offer: Offer) -> None:
    """
    Keep the unit until the leg is gone, at most for the grace (rule 7.1).
    """
    site.timers.cancel(TimerKind.RING_ENDS, offer.id)
    site.timers.cancel(TimerKind.CONNECT_LEASE_ENDS, offer.id)
    grace_ms = site.plan.settings.cancel_grace_ms
    site.timers.set(TimerKind.CANCEL_GRACE_ENDS, offer.id, site.now_ms + grace_ms)
    offer.phase = OfferPhase.WITHDRAWN


def _withdraw_offers(site: Site, agent: int, reason: str) -> None:
    """
    Withdraw what rings at an agent who leaves (rule 18.7).
    """
    for id in list(site.agents[agent].offers):
        offer_event(site, id, OfferEvent.AGENT_LEFT, reason=reason)


def _free_unit(site: Site, offer: Offer) -> None:
    """
    The offer is over; its timers go with it.
    """
    for kind in (
        TimerKind.WRAP_UP_ENDS,
        TimerKind.CANCEL_GRACE_ENDS,
        TimerKind.RING_ENDS,
        TimerKind.CONNECT_LEASE_ENDS,
    ):
        site.timers.cancel(kind, offer.id)
    site.agents[offer.agent].offers.remove(offer.id)
    del site.offers[offer.id]


def _order_release(site: Site, call: str, offer: Offer) -> None:
    site.order(
        actions.ReleaseLeg(
            id=site.next_action_id(),
            call=call,
            offer=offer.id,
            agent=site.agent_plan(offer.agent).id,
        )
    )


def _release_stale(site: Site, id: int) -> None:
    """
    An ended offer was answered all the same: its leg must go.
    """
    offer = site.offers.get(id)
    if offer is None:
        site.order(
            actions.ReleaseLeg(id=site.next_action_id(), call="", offer=id, agent="")
        )
    else:
        _order_release(site, site.call_id(offer.call), offer)
