"""
Acts: what supervisors do to calls and agents while the site runs (rule 15.2).

Each act says who did it and why; both are recorded with the event and decide
nothing.  After each, matching runs; an offer that is already out stands, but for
that of a call which is moved or ended: nobody can take it any more, and nobody has
missed it.  What an act changes of agents and hours is kept in ``overlay.py``.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from .. import actions
from ..contract import Destination
from ..events import (
    CallAssigned,
    CallEndOrdered,
    CallMoved,
    CallPicked,
    MembershipSet,
    NeedsSet,
    OverlayReset,
    Overridden,
    PresenceSet,
    PrioritySet,
    TagsSet,
)
from ..plan.compiled import END_KINDS, CompiledEnd
from . import border, limits, overlay, overrides, routing, sending, turns, visit
from .agent import EXPECTED, AgentEvent
from .call import CallEvent
from .eligibility import UNIT_CODES, failures
from .offering import offer_call, recall
from .refusals import illegal, limit
from .site import Site
from .state import Call, CallPhase, Presence, TagsOverlay

ActOnCall: TypeAlias = (
    PrioritySet | NeedsSet | CallMoved | CallAssigned | CallPicked | CallEndOrdered
)
ActOnAgent: TypeAlias = PresenceSet | MembershipSet | TagsSet
Act: TypeAlias = ActOnCall | ActOnAgent | OverlayReset | Overridden

_IN_LINE = (CallPhase.WAITING, CallPhase.RINGING, CallPhase.CONNECTING)

_NOT_OVERRIDDEN = ("host_down", "logged_out", *UNIT_CODES)
"""Codes of agents who can be given no call, whoever says so (rule 18.9)."""

_OWN_ANSWERS = ("declined", "already_offered")
"""Codes that come from an agent's own answer to the call: who picks it has thought
better of it.  At rest nobody who passes these tests too is left for a waiting call."""

_PRESENCE_EVENTS = {
    "available": AgentEvent.LOGGED_IN,
    "logged_out": AgentEvent.LOGGED_OUT,
    "paused": AgentEvent.PAUSED,
}


def carry_out(site: Site, event: Act) -> None:
    """
    Check an act against what it is about, then let it happen.
    """
    border.check_author(event.by, event.reason)
    if isinstance(event, OverlayReset):
        _reset(site, event)
        return
    if isinstance(event, Overridden):
        overrides.override(site, event)
        return
    if isinstance(event, ActOnAgent):
        _act_on_agent(site, event)
        return
    call = border.call_named(site, type(event).__name__, event.call)
    match event:
        case PrioritySet():
            _set_priority(site, call, event)
        case NeedsSet():
            _set_needs(site, call, event)
        case CallMoved():
            _move(site, call, event)
        case CallAssigned() | CallPicked():
            _give(site, call, event)
        case CallEndOrdered():
            if call is not None:
                _stop(site, call)


# Calls -----------------------------------------------------------------------


def _set_priority(site: Site, call: Call | None, event: PrioritySet) -> None:
    """
    Replace the sum of priorities; the call goes on aging.
    """
    most = limits.PRIORITY_MAX
    border.check_range("PrioritySet", "priority", event.priority, -most, most)
    if call is not None:
        routing.require_step(call, CallEvent.PRIORITY_SET)
        call.set_priority = event.priority
        visit.adjust(site, call)


def _set_needs(site: Site, call: Call | None, event: NeedsSet) -> None:
    """
    Replace what was set before; the other sources stay (rule 5.1).
    """
    border.check_needs(site, "NeedsSet", event.needs)
    if call is not None:
        routing.require_step(call, CallEvent.NEEDS_SET)
        call.set_needs = visit.compiled_needs(site, event.needs)
        visit.adjust(site, call)


def _move(site: Site, call: Call | None, event: CallMoved) -> None:
    """
    Send a call somewhere else; in a line it has waited as long as it has.
    """
    to = event.to
    border.check_needs(site, "CallMoved", to.needs)
    place = _place(site, to)
    if call is None:
        return
    routing.require_step(call, CallEvent.MOVED)
    if len(call.own_needs) + len(to.needs) > limits.NEEDS_PER_CALL_MAX:
        raise limit("needs_per_call_max", limits.NEEDS_PER_CALL_MAX)
    if to.kind == "agent":
        _require_none("CallMoved", _in_the_way(site, call, place))
    recall(site, call, "moved")
    if to.kind in ("voicemail", "number"):
        text = to.name if to.kind == "number" else ""
        end = CompiledEnd(kind=END_KINDS.index(to.kind), target=place, text=text)
        sending.leave_for(site, call, "transferred", end)
        sending.send(site, call, end, keeps_place=True)
        return
    queue = place if to.kind == "queue" else call.queue
    end = CompiledEnd(kind=END_KINDS.index("queue"), target=queue)
    sending.leave_for(site, call, "transferred", end)
    call.own_needs += visit.compiled_needs(site, to.needs)
    if to.kind == "agent":
        call.preferred = [(place, limits.PREFER_FOR_MS_MAX)]
        turns.leave(site, call)
    visit.enter(site, call, queue, keeps_place=True)
    visit.start_waiting(site, call)


def _place(site: Site, to: Destination) -> int:
    """
    Find the queue, box or agent of a destination; 0: it has no number.
    """
    match to.kind:
        case "voicemail":
            return border.box_named(site, to.name)
        case "queue":
            return border.queue_named(site, to.name)
        case "agent":
            return border.agent_named(site, "CallMoved", to.name)
        case "number":
            border.check_number("CallMoved", to.name)
        case "tags":
            pass
        case _:
            expected = "kind queue, tags, agent, number or voicemail"
            raise illegal("CallMoved", f"a move to kind {to.kind}", expected, "not_yet")
    return 0


def _in_the_way(site: Site, call: Call, agent: int) -> list[str]:
    """
    List why a call that begins anew in its queue could not wait for an agent: all that
    is neither a unit of theirs nor passed by preferred agents.
    """
    anew = msgspec.structs.replace(
        call,
        phase=CallPhase.WAITING,
        step=0,
        offers=[],
        tried=[],
        declined=[],
        preferred=[(agent, limits.PREFER_FOR_MS_MAX)],
        turn=int(site.queue_of(call).is_direct),
    )
    return [code for code in failures(site, anew, agent) if code not in UNIT_CODES]


def _give(site: Site, call: Call | None, event: CallAssigned | CallPicked) -> None:
    """
    Offer a call to one agent alone, whatever others wait or could take it.
    """
    name = type(event).__name__
    agent = border.agent_named(site, name, event.agent)
    if call is None:
        return
    picked = isinstance(event, CallPicked)
    routing.require_step(call, CallEvent.PICKED if picked else CallEvent.ASSIGNED)
    codes = tuple(failures(site, call, agent))
    if picked:
        _require_none(name, [code for code in codes if code not in _OWN_ANSWERS])
    hard = [code for code in codes if code in _NOT_OVERRIDDEN]
    if hard:
        expected = "an agent who is logged in and has a unit left"
        raise illegal(name, f"agent {hard[0]}", expected, "not_assignable")
    offer = offer_call(site, call, agent, assigned=not picked)
    site.order(
        actions.RecordAssignment(
            id=site.next_action_id(),
            call=call.id,
            offer=offer,
            agent=event.agent,
            act="pick" if picked else "assign",
            overridden=codes,
            by=event.by,
        )
    )


def _require_none(event: str, codes: list[str]) -> None:
    if codes:
        expected = "an agent who may take the call"
        raise illegal(event, f"agent {codes[0]}", expected, "not_eligible")


def _stop(site: Site, call: Call) -> None:
    """
    End a call, whatever it is in.
    """
    routing.require_step(call, CallEvent.END_ORDERED)
    connected = call.phase == CallPhase.CONNECTED
    forwarded = call.phase == CallPhase.FORWARDED
    in_line = call.phase in _IN_LINE
    recall(site, call, "ended")
    if connected:
        return
    if in_line:
        visit.leave_line(site, call, "ended")
    visit.hang_up(site, call, "end_ordered")
    visit.end(site, call, "forwarded" if forwarded else "hung_up")


# Agents ----------------------------------------------------------------------


def _act_on_agent(site: Site, event: ActOnAgent) -> None:
    agent = border.agent_named(site, type(event).__name__, event.agent)
    match event:
        case PresenceSet():
            _set_presence(site, agent, event)
        case TagsSet(tags=tags):
            levels = border.check_held(site, "TagsSet", tags)
            wildcard = levels.pop("*", None) is not None
            # In the order of names: new ones get the same numbers everywhere.
            held = sorted((site.tag_number(n), levels[n]) for n in sorted(levels))
            one = TagsOverlay(agent, wildcard, tuple(held))
            overlay.set_tags(site.overlay, agent, one)
            site.lay_over()
        case MembershipSet(queue=name, member=member):
            queue = border.queue_named(site, name)
            overlay.set_member(site.overlay, queue, agent, member=member)
            site.lay_over()


def _set_presence(site: Site, agent: int, event: PresenceSet) -> None:
    """
    Let an agent log in or out, pause or resume, as if they had done it.
    """
    name = "PresenceSet"
    if event.pause_reason:
        border.check_id(name, "reason", event.pause_reason)
    presence = Presence(site.agents[agent].presence)
    paused = event.presence == "paused"
    if paused and presence is Presence.LOGGED_OUT:
        raise illegal(name, "agent logged_out", EXPECTED[presence])
    reason = event.pause_reason if paused else ""
    routing.agent_event(site, agent, _PRESENCE_EVENTS[event.presence], reason)


# Taking back -----------------------------------------------------------------


def _reset(site: Site, event: OverlayReset) -> None:
    """
    Take back what was changed while running; what was not is left as it is.
    """
    name = "OverlayReset"
    if event.kind == "call":
        call = border.call_named(site, name, event.name)
        if call is not None and call.phase in _IN_LINE:
            call.set_priority = None
            call.set_needs = ()
            visit.adjust(site, call)
    elif event.kind in ("agent", "tags", "membership"):
        agent = border.agent_named(site, name, event.name)
        if event.kind != "membership":
            overlay.set_tags(site.overlay, agent, None)
        if event.kind != "tags":
            overlay.reset_members(site.overlay, agent)
        site.lay_over()
    elif event.kind in overrides.KINDS:
        subject = overrides.subject_named(site, event.kind, event.name)
        overrides.end(site, overrides.KINDS.index(event.kind), subject)
    else:
        expected = "schedule, queue, number, agent, tags, membership or call"
        raise illegal(name, f"no overlay {event.kind}", expected, "unknown_overlay")
