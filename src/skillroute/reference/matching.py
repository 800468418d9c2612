"""
Matching: who gets whom, whenever something has changed.

Every free agent names the first call in line that they are eligible for; of the
calls named, the first in line is taken and offered to the first, by that call's
strategy, of the agents who named it; and again until no pair is left (rule
8.4).  All queues order their calls alike today, so the first call in line that
anybody is eligible for is the call that all of those agents name, and one pass
over the line does the same: an offer made can only take candidates away from
the calls behind it.
"""

from __future__ import annotations

from ..plan.compiled import ROUND_ENDS, STRATEGIES
from .call import CallEvent
from .eligibility import UNIT_CODES, failures, is_eligible, was_tried
from .offering import offer_call
from .order import sort_keys
from .routing import limit_reached
from .site import Site
from .state import Call, CallPhase
from .timers import TimerKind


def settle(site: Site) -> None:
    """
    Make all offers that can be made, then end the rounds that are over.
    """
    free = [agent for agent in range(len(site.agents)) if site.units_left(agent) > 0]
    for call in waiting_calls(site):
        candidates = [agent for agent in free if is_eligible(site, call, agent)]
        if candidates:
            chosen = min(candidates, key=lambda agent: _keys(site, call, agent))
            offer_call(site, call, chosen)
            if site.units_left(chosen) <= 0:
                free.remove(chosen)
    for call in waiting_calls(site):
        if _round_may_end(site, call) and _round_is_over(site, call):
            _end_round(site, call)


def waiting_calls(site: Site) -> list[Call]:
    """
    List the calls in line with no offer out, first to last.
    """
    waiting = [c for c in site.calls.values() if c.phase == CallPhase.WAITING]
    return sorted(waiting, key=line_key)


def line_key(call: Call) -> tuple[int, int, int]:
    """
    Return what puts calls in order: priority, waiting time, arrival (rule 8.3).
    """
    return (-call.priority, call.line_since_ms, call.sequence)


def ranked(site: Site, call: Call) -> list[int]:
    """
    List the eligible agents of a call, the first choice first.
    """
    agents = range(len(site.agents))
    eligible = [agent for agent in agents if is_eligible(site, call, agent)]
    return sorted(eligible, key=lambda agent: _keys(site, call, agent))


def _keys(site: Site, call: Call, agent: int) -> tuple[int, ...]:
    return sort_keys(site, call, agent, STRATEGIES[site.queue_of(call).strategy])


def _round_may_end(site: Site, call: Call) -> bool:
    """
    Tell whether the end of this round would do anything.

    A call that waits for the next round needs a tried set to be emptied then.
    """
    return _overflows(site, call) or (bool(call.tried) and not call.round_ended)


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


def _end_round(site: Site, call: Call) -> None:
    if _overflows(site, call):
        limit_reached(site, call, CallEvent.ROUND_ENDED)
    else:
        call.round_ended = True
        deadline_ms = site.now_ms + site.queue_of(call).retry_after_ms
        site.timers.set(TimerKind.TRIED_SET_EMPTIED, call.sequence, deadline_ms)


def _overflows(site: Site, call: Call) -> bool:
    return ROUND_ENDS[site.queue_of(call).on_round_end] == "overflow"
