"""
Explaining: the same decision once more, with everything written down.

Nothing here decides anything: the tests, the order and the matching are those
of ``eligibility.py``, ``order.py`` and ``matching.py``.  Where nothing is supposed
the site itself is read; what is hypothetical is decided on a copy.
"""

from __future__ import annotations

import msgspec

from ..contract import AnyOf, Forbidden, Need, Preferred, Required
from ..decisions import (
    AgentDecision,
    AgentQuery,
    AgentVerdict,
    CompetingCall,
    Decision,
    ExplainQuery,
    FlowStep,
    NeedSource,
)
from . import announcing, border, hosts, line, routing, steps, supposing
from .flow import flow_of
from .holding import end_turns_of
from .matching import settle
from .needs import SOURCES
from .order import key_names
from .rivals import competing, decision_of_agent
from .site import Site
from .state import Call, CallPhase, Sourced
from .verdicts import next_change_ms, verdicts

_NEXT = {
    CallPhase.WAITING: "wait",
    CallPhase.RINGING: "offer",
    CallPhase.CONNECTING: "connecting",
    CallPhase.CONNECTED: "connected",
    CallPhase.VOICEMAIL: "voicemail",
    CallPhase.FORWARDING: "forward",
    CallPhase.FORWARDED: "forwarded",
}


def needs_copy(site: Site, query: ExplainQuery | AgentQuery) -> bool:
    """
    Tell whether answering changes the site: something is supposed, or a timer is due.
    """
    if site.clock_ms is None:
        return True
    due_ms = site.timers.next_deadline_ms()
    if due_ms is not None and due_ms <= query.now_ms:
        return True
    return isinstance(query, ExplainQuery) and supposing.supposes(query)


def answer(site: Site, query: ExplainQuery | AgentQuery) -> Decision | AgentDecision:
    """
    Answer a question on a site whose clock is at the question's instant.

    Args:
        site: A copy if anything is supposed: it is changed then.
        query: The question.
    """
    if isinstance(query, AgentQuery):
        agent = border.agent_named(site, "AgentQuery", query.agent)
        return decision_of_agent(site, agent)
    supposing.check(site, query)
    if query.arrival is not None or supposing.supposes(query):
        return _decided_again(site, query)
    call = border.call_named(site, "ExplainQuery", query.call)
    if call is None:
        return _not_asked(site, query, query.call, "ended", ())
    if call.number is None:
        return _not_reached(site, query, call)
    judged = verdicts(site, call, query.only)
    return _decision(site, call, judged, competing(site, call))


def _decided_again(site: Site, query: ExplainQuery) -> Decision:
    """
    Decide under what is supposed, and say why.
    """
    site = supposing.with_agents_changed(site, query.assume)
    call = None
    if query.assume_rested:
        supposing.rest_everybody(site)
    if query.arrival is None:
        call = border.call_named(site, "ExplainQuery", query.call)
        if call is None:
            return _not_asked(site, query, query.call, "ended", ())
        if call.number is None:
            return _not_reached(site, query, call)
        supposing.take_back(site, call)
    for assumption in query.assume:
        supposing.assume(site, assumption)
    if query.arrival is not None:
        hosts.call_came(site, query.arrival.host, query.arrival.call)
        call = routing.call_arrived(site, query.arrival)
        if call.sequence not in site.calls or call.phase not in line.IN_LINE:
            return _not_reached(site, query, call)
    assert call is not None
    for assumption in query.assume:
        if assumption.cleared:
            supposing.clear(site, call, site.agent_numbers[assumption.agent])
    supposing.wait_longer(site, call, query.waited_ms)
    end_turns_of(site, call)
    judged, rivals = verdicts(site, call, query.only), competing(site, call)
    change_ms = next_change_ms(site, call, judged)
    step, visits = call.step, len(call.visits)
    settle(site)
    sent_on = call.sequence in site.calls and len(call.visits) > visits
    if sent_on and call.phase in line.IN_LINE:
        rivals = competing(site, call)
    decision = _decision(site, call, judged, rivals)
    in_line = call.sequence in site.calls and call.phase in line.IN_LINE
    if in_line and (sent_on or call.step != step):
        # Rounds ended at once: by the rules of the last step, or of another queue.
        supposing.take_back(site, call)
        judged = verdicts(site, call, query.only)
        change_ms = next_change_ms(site, call, judged)
    return msgspec.structs.replace(decision, agents=judged, next_change_ms=change_ms)


def _not_reached(site: Site, query: ExplainQuery, call: Call) -> Decision:
    """
    Make the record of a call that no queue has in its line.
    """
    return _not_asked(site, query, call.id, _next(site, call), flow_of(site, call))


def _not_asked(
    site: Site, query: ExplainQuery, id: str, happens: str, flow: tuple[FlowStep, ...]
) -> Decision:
    """
    Make the record of a call for which no queue was reached.
    """
    return Decision(
        now_ms=site.now_ms,
        call=id,
        next=happens,
        queue="",
        step=0,
        chosen="",
        needs=(),
        flow=flow,
        key_names=(),
        agents=tuple(
            AgentVerdict(
                agent=plan.id,
                verdict="not_asked",
                also=(),
                rank=None,
                keys=(),
                until_ms=None,
            )
            for plan in site.own_plan.agents
            if query.only is None or plan.id in query.only
        ),
        ahead=(),
    )


def _decision(
    site: Site,
    call: Call,
    agents: tuple[AgentVerdict, ...],
    rivals: tuple[CompetingCall, ...],
) -> Decision:
    queue = site.queue_of(call)
    phase = CallPhase(call.phase)
    offer = site.offers.get(call.offers[0]) if call.offers else None
    has_agent = offer is not None and phase in (
        CallPhase.RINGING,
        CallPhase.CONNECTING,
        CallPhase.CONNECTED,
    )
    in_line = call.phase in line.IN_LINE and call.sequence in site.calls
    return Decision(
        now_ms=site.now_ms,
        call=call.id,
        next=_next(site, call),
        queue=queue.name,
        step=call.step,
        chosen=site.agent_plan(offer.agent).id if has_agent and offer else "",
        needs=_sourced_needs(site, call),
        flow=flow_of(site, call),
        key_names=key_names(site, call),
        agents=agents,
        ahead=tuple(other.id for other in line.before(site, call)) if in_line else (),
        next_change_ms=next_change_ms(site, call, agents),
        competing=rivals,
        waited_ms=site.now_ms - call.queue_since_ms,
        position=announcing.position(site, call) if in_line else None,
        expected_wait_ms=announcing.expected_wait_ms(site, call) if in_line else None,
    )


def _next(site: Site, call: Call) -> str:
    return _NEXT[CallPhase(call.phase)] if call.sequence in site.calls else "hang_up"


def _sourced_needs(site: Site, call: Call) -> tuple[NeedSource, ...]:
    needs = steps.needs(site, call, call.step)
    name = site.tag_name
    found: list[tuple[Need, Sourced]] = []
    found += [(Required(name(n.tags[0]), n.value), n) for n in needs.required]
    found += [(AnyOf(tuple(name(tag) for tag in n.tags)), n) for n in needs.any_of]
    found += [(Forbidden(name(n.tags[0])), n) for n in needs.forbidden]
    found += [(Preferred(name(n.tags[0]), n.value), n) for n in needs.preferred]
    names = (
        f"queue:{site.queue_of(call).name}",
        f"number:{site.number_of(call).number}",
        *SOURCES[2:],
    )
    return tuple(NeedSource(need=need, source=names[n.source]) for need, n in found)
