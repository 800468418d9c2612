"""
Routing: what events and timers do to calls and agents.

The machines in ``call.py``, ``offer.py`` and ``agent.py`` say what happens;
the functions here, in ``visit.py`` and in ``offering.py`` carry it out: how a
call enters and leaves a queue, and what happens to offers.  The three machines
are coupled nowhere else.
"""

from __future__ import annotations

from .. import actions
from ..events import CallArrived
from . import agent as agents
from . import call as calls
from . import overrides, ringing, sending, tallies, visit, wrap_up
from .agent import AgentEvent, AgentStep
from .call import CallEvent, CallStep
from .offer import OfferEvent
from .offering import offer_event, recall, withdraw_offers
from .refusals import illegal
from .site import Site
from .state import Call, CallPhase, OfferPhase, Presence
from .timers import TimerKind


def call_arrived(site: Site, event: CallArrived) -> Call:
    """
    Let a call in, by the number dialled; by no number of ours, to the last resort.
    """
    site.call_sequence += 1
    call = visit.admitted(site, event)
    site.calls[call.sequence] = call
    site.call_sequences[call.id] = call.sequence
    away = overrides.away_from_number(site, call)
    if away is not None:
        call.number = None
        sending.send(site, call, away, keeps_place=False)
    elif call.number is None:
        sending.last_resort(site, call)
    else:
        sending.arrive(site, call)
    return call


def caller_hung_up(site: Site, call: Call) -> None:
    """
    The caller's leg is gone.
    """
    step = calls.step(CallPhase(call.phase), CallEvent.CALLER_HUNG_UP)
    if step is CallStep.ABANDON:
        if call.phase == CallPhase.WAITING:
            visit.leave_line(site, call, "abandoned")
        visit.end(site, call, "abandoned")
    elif step is CallStep.CLOSE:
        visit.end(site, call, "forwarded")
    else:
        offer_event(site, call.offers[0], OfferEvent.CALLER_HUNG_UP)


def call_failed(site: Site, call: Call, code: str) -> None:
    """
    The switch has lost the caller's leg.
    """
    step = calls.step(CallPhase(call.phase), CallEvent.CALL_FAILED)
    if step is CallStep.FAIL:
        if call.phase == CallPhase.WAITING:
            visit.leave_line(site, call, "ended")
        visit.end(site, call, f"failed:{code}")
    elif step is CallStep.CLOSE:
        visit.end(site, call, "forwarded")
    else:
        offer_event(site, call.offers[0], OfferEvent.CALLER_HUNG_UP, code)


def forward_answered(call: Call) -> None:
    """
    The outside number has picked up: the call is there until the host ends it.
    """
    if require_step(call, CallEvent.FORWARD_ANSWERED) is CallStep.HAND_OVER:
        call.phase = CallPhase.FORWARDED


def voicemail_left(site: Site, call: Call, length_ms: int) -> None:
    """
    The caller has left a message; one that is too short counts as none.
    """
    require_step(call, CallEvent.VOICEMAIL_LEFT)
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
    visit.hang_up(site, call, "voicemail_left")
    visit.end(site, call, outcome)


def digit_pressed(site: Site, call: Call, digit: str) -> None:
    """
    The caller has pressed a digit in the line (rule 9.5).
    """
    step = require_step(call, CallEvent.DIGIT_PRESSED)
    limits = site.queue_of(call).limits
    end = dict(limits.digits).get(digit)
    if step is CallStep.LEAVE and end is not None:
        recall(site, call, "digit")
        sending.leave_for(site, call, "ended", end)
        sending.send(site, call, end, keeps_place=limits.keeps_place)


def destination_failed(site: Site, call: Call, event: CallEvent, code: str) -> None:
    """
    The mailbox took no message, or the outside number could not be had.
    """
    require_step(call, event)
    sending.destination_failed(site, call, code)


def limit_reached(site: Site, call: Call, event: CallEvent) -> None:
    """
    A limit of the queue is reached: overflow, now or when the offer is lost.

    Of a call whose host is not in sync it is tested when that is (rule 1.7).
    """
    step = calls.step(CallPhase(call.phase), event)
    if call.phase == CallPhase.WAITING and site.is_held(call):
        call.max_wait_passed = True
        return
    cuts_ring = site.queue_of(call).limits.max_wait_cuts_ring
    if step is CallStep.NOTE_LIMIT and cuts_ring and call.phase == CallPhase.RINGING:
        recall(site, call, event.value)
    elif step is CallStep.NOTE_LIMIT:
        call.max_wait_passed = True
        return
    sending.overflow(site, call, event.value)


def tried_set_emptied(site: Site, call: Call) -> None:
    """
    The pause between two rounds is over: everybody may be tried again.
    """
    call.tried.clear()
    call.round_ended = False
    ringing.begin_round(site, call)


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
    # A console that shows an auto-pause may say so again: that makes it no other pause.
    is_same = presence is Presence.PAUSED and reason == state.pause_reason
    if step is not AgentStep.RENEW and not (step is AgentStep.PAUSE and is_same):
        site.timers.cancel(TimerKind.PAUSE_ENDS, agent)
    if step in (AgentStep.LOG_IN, AgentStep.LOG_OUT):
        tallies.count(site, agent)
    if step in (AgentStep.LOG_IN, AgentStep.RENEW):
        state.login_ms = site.now_ms
    if step in (AgentStep.LOG_IN, AgentStep.RESUME):
        state.presence = Presence.AVAILABLE
        state.pause_reason = ""
    if step is AgentStep.LOG_OUT:
        state.presence = Presence.LOGGED_OUT
        state.pause_reason = ""
        withdraw_offers(site, agent, "logged_out")
    if step is AgentStep.PAUSE:
        state.presence = Presence.PAUSED
        state.pause_reason = reason
        withdraw_offers(site, agent, "paused")


def start_agent(site: Site, agent: int) -> None:
    """
    Let an agent whose log-in is automatic be there since their shift's start.
    """
    agent_event(site, agent, AgentEvent.LOGGED_IN)
    schedule = site.agent_plan(agent).schedule
    if schedule is not None:
        opened_ms = site.schedule_opened_at_ms(schedule)
        if opened_ms is not None:
            site.agents[agent].login_ms = opened_ms


def wrap_up_ended(site: Site, agent: int) -> None:
    """
    An agent has finished the work after all their calls, but for fixed times.
    """
    offers = [site.offers[id] for id in site.agents[agent].offers]
    wrap_ups = [offer for offer in offers if offer.phase == OfferPhase.WRAP_UP]
    endable = [offer for offer in wrap_ups if not wrap_up.is_fixed(site, offer)]
    if wrap_ups and not endable:
        state, expected = "wrap-up fixed", "nothing: it ends by its time"
        raise illegal(OfferEvent.WRAP_UP_ENDED.value, state, expected)
    for offer in endable:
        offer_event(site, offer.id, OfferEvent.WRAP_UP_ENDED)


def shift_changed(site: Site, number: int) -> None:
    """
    A schedule has opened or closed, or the wall clock was moved.
    """
    was_open, is_open = site.schedules_open[number], site.schedule_is_open(number)
    agents = [n for n, plan in enumerate(site.plan.agents) if plan.schedule == number]
    if was_open != is_open:
        for agent in agents:
            tallies.count(site, agent)
    site.schedules_open[number] = is_open
    site.watch_schedule(number)
    if was_open or not is_open:
        return
    for agent in agents:
        if site.agent_plan(agent).login == 0:
            agent_event(site, agent, AgentEvent.SHIFT_STARTED)


def require_step(call: Call, event: CallEvent) -> CallStep:
    """
    Say what an event does to a call; raise unless it fits.
    """
    phase = CallPhase(call.phase)
    step = calls.step(phase, event)
    if step is CallStep.ILLEGAL:
        expected = calls.EXPECTED[phase]
        raise illegal(event.value, f"call {phase.name.lower()}", expected)
    return step
