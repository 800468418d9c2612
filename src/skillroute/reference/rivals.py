"""
Rivals: which other calls wait for the agents of a call, and what an agent waits for.
"""

from __future__ import annotations

from collections import Counter

from ..decisions import AgentDecision, CallVerdict, CompetingCall, ReasonCount
from .eligibility import UNIT_CODES, agent_failures, failures
from .limits import (
    COMPETING_AGENTS_MAX,
    COMPETING_CALLS_MAX,
    COMPETING_LISTED_MAX,
    WAITING_LISTED_MAX,
)
from .line import IN_LINE, common_key
from .matching import waiting_calls
from .site import Site
from .state import Call
from .verdicts import free_ms


def competing(site: Site, call: Call) -> tuple[CompetingCall, ...]:
    """
    List other waiting calls that an agent could take as well as this one, now or
    once free; in line order.

    The first agents of the plan who could take this call are asked about the first
    calls in line.
    """
    if call.phase not in IN_LINE:
        return ()
    takers = [agent for agent in site.staff() if _could_take(site, call, agent)]
    found: list[CompetingCall] = []
    for other in waiting_calls(site)[:COMPETING_CALLS_MAX]:
        both = (
            agent
            for agent in takers[:COMPETING_AGENTS_MAX]
            if _could_take(site, other, agent)
        )
        agent = next(both, None) if other is not call else None
        if agent is not None and len(found) < COMPETING_LISTED_MAX:
            found.append(
                CompetingCall(
                    call=other.id,
                    queue=site.queue_of(other).name,
                    waited_ms=site.now_ms - other.queue_since_ms,
                    is_before=common_key(site, other) < common_key(site, call),
                    agent=site.agent_plan(agent).id,
                )
            )
    return tuple(found)


def decision_of_agent(site: Site, agent: int) -> AgentDecision:
    """
    Say why an agent has no call.
    """
    own = tuple(agent_failures(site, agent))
    waiting = waiting_calls(site)
    judged = [_call_verdict(site, call, agent, own) for call in waiting]
    return AgentDecision(
        now_ms=site.now_ms,
        agent=site.agent_plan(agent).id,
        verdict=own[0] if own else "eligible",
        also=own[1:],
        until_ms=free_ms(site, agent),
        waiting=len(waiting),
        calls=tuple(judged[:WAITING_LISTED_MAX]),
        reasons=_counted(judged),
    )


def _could_take(site: Site, call: Call, agent: int) -> bool:
    """
    Tell whether nothing but a unit stands between an agent and a call.
    """
    return all(code in UNIT_CODES for code in failures(site, call, agent))


def _call_verdict(
    site: Site, call: Call, agent: int, own: tuple[str, ...]
) -> CallVerdict:
    """
    Judge a call for an agent, apart from what the agent does.
    """
    codes = tuple(code for code in failures(site, call, agent) if code not in own)
    return CallVerdict(
        call=call.id,
        queue=site.queue_of(call).name,
        waited_ms=site.now_ms - call.queue_since_ms,
        verdict=codes[0] if codes else "eligible",
        also=codes[1:],
    )


def _counted(judged: list[CallVerdict]) -> tuple[ReasonCount, ...]:
    """
    Count verdicts, the most frequent first, then by code.
    """
    calls = Counter(verdict.verdict for verdict in judged)
    first = {verdict.verdict: verdict.call for verdict in reversed(judged)}
    return tuple(
        ReasonCount(code=code, calls=count, first=first[code])
        for code, count in sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    )
