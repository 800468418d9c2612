"""
Matching: who gets whom, whenever something has changed.

Every free agent names the first call in their line order that they are eligible
for; of the calls named, the first in the common line order is taken and offered to
the first, by that call's strategy, of the agents who named it; and again until no
pair is left (rule 8.4).  Then calls leave the lines in which nobody is there any more,
and the rounds that are over end, which may send calls on to a next step, and so to
other agents.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..plan.compiled import ROUND_ENDS
from . import admission, ringing, sending, steps, turns
from .call import CallEvent
from .eligibility import UNIT_CODES, failures, is_eligible, was_tried
from .holding import end_turns
from .line import agent_key, common_key, queue_key
from .offering import offer_call
from .order import arranged
from .routing import limit_reached
from .site import Site
from .state import Call, CallPhase
from .timers import TimerKind


def settle(site: Site) -> None:
    """
    Make all offers that can be made, empty the lines that nobody serves, and end the
    rounds that are over.

    A call that goes on to a step or another queue is offered at once.
    """
    _make_offers(site)
    while _empty_lines(site) or _end_rounds(site):
        _make_offers(site)


def waiting_calls(site: Site) -> list[Call]:
    """
    List the calls in line with no offer out that are not held, first to last.
    """
    waiting = [
        call
        for call in site.calls.values()
        if call.phase == CallPhase.WAITING and not site.is_held(call)
    ]
    return sorted(waiting, key=lambda call: common_key(site, call))


def calls_to_offer(site: Site) -> list[Call]:
    """
    List the calls that would ring one agent more.
    """
    return [c for c in site.calls.values() if ringing.wants_offer(site, c)]


def ranked(site: Site, call: Call) -> list[int]:
    """
    List the eligible agents of a call, the first choice first.
    """
    agents = range(len(site.agents))
    eligible = [agent for agent in agents if is_eligible(site, call, agent)]
    return arranged(site, call, eligible)


def _make_offers(site: Site) -> None:
    end_turns(site)
    possible = _possible(site)
    while any(possible.values()):
        named = {
            agent: _first(site, calls, agent)
            for agent, calls in possible.items()
            if calls
        }
        call = _first_of(site, named.values())
        eligible = [a for a, calls in possible.items() if any(c is call for c in calls)]
        order = arranged(site, call, eligible)
        chosen = next(agent for agent in order if named[agent] is call)
        offer_call(site, call, chosen)
        for agent, calls in possible.items():
            if agent == chosen or not ringing.wants_offer(site, call):
                calls[:] = [other for other in calls if other is not call]
        if site.units_left(chosen) <= 0:
            del possible[chosen]
        if end_turns(site):
            possible = _possible(site)


def _possible(site: Site) -> dict[int, list[Call]]:
    """
    List for each free agent the calls that they could be offered now.
    """
    waiting = calls_to_offer(site)
    free = [agent for agent in range(len(site.agents)) if site.units_left(agent) > 0]
    return {
        agent: [call for call in waiting if is_eligible(site, call, agent)]
        for agent in free
    }


def _first(site: Site, calls: list[Call], agent: int) -> Call:
    """
    Return the call that an agent names, of those that they are eligible for.
    """
    heads = _heads(site, calls)
    return min(heads, key=lambda call: agent_key(site, call, agent))


def _first_of(site: Site, named: Iterable[Call]) -> Call:
    """
    Return the first, in the common order, of the calls that were named.
    """
    return min(_heads(site, named), key=lambda call: common_key(site, call))


def _heads(site: Site, calls: Iterable[Call]) -> list[Call]:
    """
    Return of each queue the first of these calls, in the queue's own order.
    """
    heads: dict[int, Call] = {}
    for call in calls:
        head = heads.setdefault(call.queue, call)
        if call is not head and queue_key(site, call) < queue_key(site, head):
            heads[call.queue] = call
    return list(heads.values())


def _empty_lines(site: Site) -> bool:
    """
    Send on the calls that are to leave when nobody is there any more (rule 9.3); tell
    whether there were any.
    """
    leaving = [
        (call, limit)
        for call in waiting_calls(site)
        if (limit := admission.who_left(site, call)) is not None
    ]
    for call, limit in leaving:
        sending.overflow(site, call, limit)
    return bool(leaving)


def _end_rounds(site: Site) -> bool:
    """
    End the rounds that are over; tell whether somebody may be asked who was not.
    """
    has_changed = False
    for call in waiting_calls(site):
        if _round_may_end(site, call) and _round_is_over(site, call):
            has_changed |= _end_round(site, call)
    return has_changed


def _round_may_end(site: Site, call: Call) -> bool:
    """
    Tell whether the end of this round would do anything.

    A call that waits for the next round needs a tried set to be emptied then; the round
    of one that is held does not end (rule 18.5).
    """
    if turns.holder(call) is not None:
        return False
    if _goes_on(site, call) or _overflows(site, call):
        return True
    return bool(call.tried) and not call.round_ended


def _round_is_over(site: Site, call: Call) -> bool:
    """
    Tell whether nobody untried is left to wait for (rules 7.4, 18.5).

    At rest no untried agent is eligible, so only those matter who would be if
    they had a unit left.
    """
    if not site.queue_of(call).round_counts_busy:
        return True
    agents = range(len(site.agents))
    return not any(_lacks_only_a_unit(site, call, agent) for agent in agents)


def _lacks_only_a_unit(site: Site, call: Call, agent: int) -> bool:
    if was_tried(site, call, agent):
        return False
    return all(code in UNIT_CODES for code in failures(site, call, agent))


def _end_round(site: Site, call: Call) -> bool:
    """
    End a round; tell whether the call has gone on to its next step, or another queue.
    """
    if _goes_on(site, call):
        steps.begin(site, call)
        ringing.begin_round(site, call)
        return True
    if _overflows(site, call):
        limit_reached(site, call, CallEvent.ROUND_ENDED)
        return call.sequence in site.calls and call.phase == CallPhase.WAITING
    call.round_ended = True
    deadline_ms = site.now_ms + site.queue_of(call).retry_after_ms
    site.timers.set(TimerKind.TRIED_SET_EMPTIED, call.sequence, deadline_ms)
    return False


def _goes_on(site: Site, call: Call) -> bool:
    """
    Tell whether the next step begins when the round ends (rules 7.4, 18.5).
    """
    queue = site.queue_of(call)
    is_last = call.step == len(queue.steps)
    return ROUND_ENDS[queue.on_round_end] == "next_step" and not is_last


def _overflows(site: Site, call: Call) -> bool:
    """
    Tell whether the call leaves the queue when the round ends.
    """
    queue = site.queue_of(call)
    end = ROUND_ENDS[queue.on_round_end]
    if end == "next_step":
        return queue.next_step_overflows and call.step == len(queue.steps)
    return end == "overflow"
