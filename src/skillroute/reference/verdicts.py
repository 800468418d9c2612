"""
Verdicts: of every agent why not, what else, until when, and in which order.

The tests and the order are those of ``eligibility.py``, ``order.py`` and
``matching.py``; here is only when time alone clears what they found.
"""

from __future__ import annotations

from ..decisions import AgentVerdict
from . import declines, devices, line, ringing, steps, turns
from .eligibility import UNIT_CODES, agent_failures, failures
from .matching import ranked
from .order import shown_keys
from .site import Site
from .state import Call
from .timers import TimerKind

_STEP_CODES = {
    "step_not_reached",
    "missing_tag",
    "level_below",
    "no_tag_of",
    "forbidden_tag",
}
"""Codes that a later step may clear."""

_UNIT_TIMERS = (
    TimerKind.WRAP_UP_ENDS,
    TimerKind.RING_ENDS,
    TimerKind.CANCEL_GRACE_ENDS,
)
"""The timers that free a unit where time alone does: not one on a call."""


def verdicts(
    site: Site, call: Call, only: tuple[str, ...] | None
) -> tuple[AgentVerdict, ...]:
    """
    Judge agents: the eligible by rank, then the others in the order of the plan.

    Args:
        site: At rest, or about to be settled.
        call: The call.
        only: Ids of the agents to judge; None: all.
    """
    if only == ():
        return ()
    order = ranked(site, call)
    rank = {agent: place for place, agent in enumerate(order, start=1)}
    others = [agent for agent in site.staff() if agent not in rank]
    return tuple(
        _verdict(site, call, agent, rank.get(agent))
        for agent in (*order, *others)
        if only is None or site.agent_plan(agent).id in only
    )


def next_change_ms(
    site: Site, call: Call, judged: tuple[AgentVerdict, ...]
) -> int | None:
    """
    Return when the step changes next, or the first of these agents becomes eligible.
    """
    step_ms = site.timers.deadline_ms(TimerKind.STEP_BEGINS, call.sequence)
    changes = [step_ms, *(verdict.until_ms for verdict in judged)]
    return min((ms for ms in changes if ms is not None), default=None)


def free_ms(site: Site, agent: int) -> int | None:
    """
    Return when time alone would make an agent who is not free so; None: never, or
    they are.
    """
    codes = list(agent_failures(site, agent))
    clears = {code: _agent_clears_ms(site, agent, code) for code in codes}
    return _all_clear_ms(site, agent, clears) if codes else None


def _verdict(site: Site, call: Call, agent: int, rank: int | None) -> AgentVerdict:
    codes = tuple(failures(site, call, agent))
    clears = {code: _clears_ms(site, call, agent, code) for code in codes}
    return AgentVerdict(
        agent=site.agent_plan(agent).id,
        verdict=codes[0] if codes else "eligible",
        also=codes[1:],
        rank=rank,
        keys=shown_keys(site, call, agent, rank),
        until_ms=_all_clear_ms(site, agent, clears) if codes else None,
    )


def _all_clear_ms(site: Site, agent: int, clears: dict[str, int | None]) -> int | None:
    """
    Return the first instant at which nothing stands in the way any more.
    """
    clear_ms = site.now_ms
    for code, clears_ms in clears.items():
        if code == "off_shift":
            continue
        if clears_ms is None:
            return None
        clear_ms = max(clear_ms, clears_ms)
    schedule = site.agent_plan(agent).schedule
    if schedule is None:
        return clear_ms
    return site.schedule_opens_ms(schedule, clear_ms)


def _clears_ms(site: Site, call: Call, agent: int, code: str) -> int | None:
    """
    Return when time alone clears one reason code; None: it does not.
    """
    if code == "declined":
        return declines.ends_ms(call, agent)
    if code == "already_offered":
        return site.timers.deadline_ms(TimerKind.TRIED_SET_EMPTIED, call.sequence)
    if code.startswith("held_for:"):
        return turns.ends_ms(site, call)
    if code == "ring_limit":
        return ringing.has_room_ms(site, call)
    if code == "delay_not_reached":
        return call.queue_since_ms + line.delay_ms(site, call, agent)
    if code.partition(":")[0] in _STEP_CODES:
        return _step_lets_in_ms(site, call, agent)
    return _agent_clears_ms(site, agent, code)


def _agent_clears_ms(site: Site, agent: int, code: str) -> int | None:
    """
    Return when time alone clears a code of an agent's own state, whatever the call.
    """
    if code == "logged_out":
        plan = site.agent_plan(agent)
        if plan.login != 0 or plan.schedule is None:
            return None
        return site.schedule_starts_ms(plan.schedule, site.now_ms)
    if code.partition(":")[0] == "paused":
        return site.timers.deadline_ms(TimerKind.PAUSE_ENDS, agent)
    if code in UNIT_CODES:
        return _unit_frees_ms(site, agent)
    if code == "unreachable" and not devices.is_cut_off(site, agent):
        return site.timers.deadline_ms(TimerKind.RETRY_UNREACHABLE_ENDS, agent)
    return None


def _step_lets_in_ms(site: Site, call: Call, agent: int) -> int | None:
    """
    Return when a step begins by whose rules an agent fits; None: none will.
    """
    step = steps.earliest(site, call, agent)
    stands_still = call.phase not in line.IN_LINE or call.stopped_since_ms is not None
    if step is None or step <= call.step or stands_still:
        return None
    return steps.begins_ms(call, site.queue_of(call).steps[step - 1])


def _unit_frees_ms(site: Site, agent: int) -> int | None:
    """
    Return when the first of an agent's units is free, whatever the others are in.

    Other use of the devices takes units too, maybe more than there are.
    """
    deadlines = [
        site.timers.deadline_ms(kind, id)
        for id in site.agents[agent].offers
        for kind in _UNIT_TIMERS
    ]
    known = sorted(deadline for deadline in deadlines if deadline is not None)
    to_free = 1 - site.units_left(agent)
    return known[to_free - 1] if to_free <= len(known) else None
