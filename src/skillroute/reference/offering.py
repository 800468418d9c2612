"""
Offering: what happens to offers, and through them to calls and agents' units.

The machine in ``offer.py`` says what happens; the functions here carry it out.
An offer that comes to nothing sends its call back into the line, one that
succeeds takes it out.
"""

from __future__ import annotations

from bisect import insort

from .. import actions
from . import (
    announcing,
    declines,
    devices,
    ringing,
    sending,
    steps,
    tallies,
    turns,
    visit,
    wrap_up,
)
from . import offer as offers
from .call import CallEvent
from .offer import OfferEvent, OfferStep
from .refusals import illegal
from .site import Site
from .state import Call, CallPhase, Offer, OfferPhase
from .timers import TimerKind

_FINISHES = (
    OfferStep.FINISH_BY_CALLER,
    OfferStep.FINISH_BY_AGENT,
    OfferStep.FINISH_BY_ORDER,
)


def offer_call(site: Site, call: Call, agent: int, *, assigned: bool = False) -> int:
    """
    Offer a call to an agent; reserving the unit is part of it.

    Return the number of the offer.
    """
    site.offer_sequence += 1
    id = site.offer_sequence
    queue = site.queue_of(call)
    plan = site.agent_plan(agent)
    offer = Offer(
        id,
        call.sequence,
        agent,
        call.queue,
        OfferPhase.RINGING,
        alone=True,
        assigned=assigned,
        devices=devices.ringing(site, agent),
        answered=0,
        outside=False,
        connected_ms=None,
    )
    site.offers[id] = offer
    site.agents[agent].offers.append(id)
    call.phase = CallPhase.RINGING
    call.offers.append(id)
    call.offers_made += 1
    if len(call.offers) == 1:
        steps.offer_is_out(site, call)
    else:
        for other in call.offers:
            site.offers[other].alone = False
    site.timers.set(TimerKind.RING_ENDS, id, site.now_ms + queue.ring_ms)
    if not assigned:
        tallies.note_offer(site, call, agent, id)
        ringing.offer_is_made(site, call)
    site.order(
        actions.OfferCall(
            id=site.next_action_id(),
            call=call.id,
            offer=id,
            agent=plan.id,
            queue=queue.name,
            endpoints=devices.addresses(site, offer),
            ring_ms=queue.ring_ms,
            label=site.number_of(call).label,
        )
    )
    return id


def offer_event(
    site: Site, id: int, event: OfferEvent, code: str = "", reason: str = ""
) -> None:
    """
    Something happened to an offer.

    Args:
        site: The site.
        id: An offer that was made; it may be over.
        event: What happened.
        code: Why it failed, for ``FAILED``; why the switch lost the call, for
            ``CALLER_HUNG_UP``; empty: the caller has hung up.
        reason: Why the agent or the call left, or no device rings, for
            ``AGENT_LEFT``, ``CALL_LEFT`` and ``DEVICES_GONE``.
    """
    phase = site.offer_phase(id)
    step = offers.step(phase, event)
    if step is OfferStep.ILLEGAL:
        expected = offers.EXPECTED[phase]
        raise illegal(event.value, f"offer {phase.name.lower()}", expected)
    if step is OfferStep.STALE:
        return
    if step is OfferStep.STALE_RELEASE:
        release_stale(site, id)
        return
    offer = site.offers[id]
    if step in (OfferStep.FREE, OfferStep.HANDLED):
        tallies.count(site, offer.agent)
        _free_unit(site, offer)
        if step is OfferStep.HANDLED:
            _note_handled(site, offer)
        return
    call = site.calls[offer.call]
    if step in (OfferStep.CONNECT, OfferStep.CONFIRM, OfferStep.JOIN):
        _advance(site, call, offer, step)
    elif step in _FINISHES:
        _finish(site, call, offer, step)
    else:
        _give_up(site, call, offer, step, code=code, reason=reason)


def _advance(site: Site, call: Call, offer: Offer, step: OfferStep) -> None:
    """
    The offer is accepted, or caller and agent hear each other.
    """
    if step is not OfferStep.JOIN:
        # Whoever had to confirm has heard the label before.
        has_heard = step is not OfferStep.CONNECT
        label = "" if has_heard else site.number_of(call).label
        site.timers.cancel(TimerKind.RING_ENDS, offer.id)
        start_lease(site, offer, has_heard=has_heard)
        site.agents[offer.agent].missed = 0
        offer.phase = OfferPhase.CONNECTING
        call.phase = CallPhase.CONNECTING
        site.order(
            actions.BridgeCall(
                id=site.next_action_id(),
                call=call.id,
                offer=offer.id,
                agent=site.agent_plan(offer.agent).id,
                whisper=label,
            )
        )
        _withdraw_others(site, call, offer, "answered_elsewhere")
    else:
        site.timers.cancel(TimerKind.CONNECT_LEASE_ENDS, offer.id)
        tallies.count_call(site, offer.agent)
        offer.phase = OfferPhase.CONNECTED
        offer.connected_ms = site.now_ms
        call.phase = CallPhase.CONNECTED
        visit.leave_line(site, call, "answered")


def start_lease(site: Site, offer: Offer, *, has_heard: bool) -> None:
    """
    Give the host so long to join caller and agent, after the whisper.
    """
    settings = site.plan.settings
    lease_ms = settings.connect_timeout_ms
    if not has_heard:
        lease_ms += settings.whisper_ms
    site.timers.set(TimerKind.CONNECT_LEASE_ENDS, offer.id, site.now_ms + lease_ms)


def _finish(site: Site, call: Call, offer: Offer, step: OfferStep) -> None:
    """
    The conversation is over: the agent wraps up, the call has its outcome.
    """
    if step is not OfferStep.FINISH_BY_CALLER:
        by_agent = step is OfferStep.FINISH_BY_AGENT
        visit.hang_up(site, call, "agent_hung_up" if by_agent else "end_ordered")
    if step is not OfferStep.FINISH_BY_AGENT:
        _order_release(site, call.id, offer)
    length_ms = wrap_up.length_ms(site, offer)
    tallies.count(site, offer.agent)
    if length_ms == 0:
        _free_unit(site, offer)
        _note_handled(site, offer)
    else:
        offer.phase = OfferPhase.WRAP_UP
        site.timers.set(TimerKind.WRAP_UP_ENDS, offer.id, site.now_ms + length_ms)
    visit.end(site, call, "answered")


def _note_handled(site: Site, offer: Offer) -> None:
    """
    The agent has done with the call, wrap-up included.
    """
    site.agents[offer.agent].handled_ms = site.now_ms
    announcing.note_handled(site, offer)


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
    elif step in (OfferStep.WITHDRAW, OfferStep.RECALL, OfferStep.CUT):
        _withdraw(site, call, offer, reason)
    elif step is OfferStep.DEFLECT:
        _withdraw(site, call, offer, "redirected")
    elif step is OfferStep.STRAND:
        _strand(site, call, offer)
        return
    elif step is OfferStep.DROP:
        _withdraw(site, call, offer, "caller_gone")
        _withdraw_others(site, call, offer, "caller_gone")
    elif step in (OfferStep.BREAK, OfferStep.ABANDON, OfferStep.RECALL_LEG):
        _order_release(site, call.id, offer)
        _await_confirmation(site, offer)
    else:
        _free_unit(site, offer)
    if step in (OfferStep.DROP, OfferStep.ABANDON):
        visit.leave_line(site, call, "ended" if code else "abandoned")
        visit.end(site, call, f"failed:{code}" if code else "abandoned")
    elif step in (OfferStep.RECALL, OfferStep.RECALL_LEG):
        _withdraw_others(site, call, offer, reason)
        call.phase = CallPhase.WAITING
        call.offers = []
    else:
        declined = step in (OfferStep.DECLINE, OfferStep.DEFLECT)
        _try_others(site, call, offer, declined=declined)


def _try_others(site: Site, call: Call, offer: Offer, *, declined: bool) -> None:
    """
    The call goes on without this agent in this round; it waits if nobody is rung.
    """
    if offer.agent not in call.tried and not offer.assigned:
        insort(call.tried, offer.agent)
    if declined:
        declines.add(site, call, offer.agent)
    _go_on(site, call, offer)


def _strand(site: Site, call: Call, offer: Offer) -> None:
    """
    Withdraw what rings through a lost host; its unit is free when that is back.
    """
    site.timers.cancel(TimerKind.RING_ENDS, offer.id)
    _order_cancel(site, call, offer, "host_lost")
    offer.phase = OfferPhase.WITHDRAWN
    _go_on(site, call, offer)


def _go_on(site: Site, call: Call, offer: Offer) -> None:
    """
    The call goes on without an offer, and waits if it was the last one.
    """
    call.offers.remove(offer.id)
    if turns.holder(call) == offer.agent:
        turns.next_turn(site, call)
    if call.offers:
        return
    call.phase = CallPhase.WAITING
    steps.no_offer_is_out(site, call)
    if call.max_wait_passed and not site.is_held(call):
        sending.overflow(site, call, CallEvent.MAX_WAIT_ENDED.value)


def _withdraw_others(site: Site, call: Call, offer: Offer, reason: str) -> None:
    """
    Withdraw what rings for a call beside an offer: no miss, nobody was tried.
    """
    for other in call.offers:
        if other != offer.id:
            _withdraw(site, call, site.offers[other], reason)
    call.offers = [offer.id]


def _withdraw(site: Site, call: Call, offer: Offer, reason: str) -> None:
    _order_cancel(site, call, offer, reason)
    _await_confirmation(site, offer)


def _order_cancel(site: Site, call: Call, offer: Offer, reason: str) -> None:
    site.order(
        actions.CancelOffer(
            id=site.next_action_id(),
            call=call.id,
            offer=offer.id,
            agent=site.agent_plan(offer.agent).id,
            reason=reason,
        )
    )


def _await_confirmation(site: Site, offer: Offer) -> None:
    """
    Keep the unit until the leg is gone, at most for the grace (rule 7.1).
    """
    site.timers.cancel(TimerKind.RING_ENDS, offer.id)
    site.timers.cancel(TimerKind.CONNECT_LEASE_ENDS, offer.id)
    grace_ms = site.plan.settings.cancel_grace_ms
    site.timers.set(TimerKind.CANCEL_GRACE_ENDS, offer.id, site.now_ms + grace_ms)
    offer.phase = OfferPhase.WITHDRAWN


def withdraw_offers(site: Site, agent: int, reason: str) -> None:
    """
    Withdraw what rings at an agent who leaves (rule 18.7).
    """
    for id in list(site.agents[agent].offers):
        offer_event(site, id, OfferEvent.AGENT_LEFT, reason=reason)


def recall(site: Site, call: Call, reason: str) -> None:
    """
    Take back what is out for a call that leaves the line, or end the conversation.
    """
    if call.offers:
        offer_event(site, call.offers[0], OfferEvent.CALL_LEFT, reason=reason)


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


def release_stale(site: Site, id: int) -> None:
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
