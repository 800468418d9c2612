"""
Figures of a run: by queue, by priority, by agent and in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..plan import Plan
from ..plan.compiled import CompiledPlan, decode
from ..reference.schedule import is_open, next_change_ms
from ._model import AgentSummary, CallRecord, GroupSummary, Summary
from ._records import AgentTally

__all__ = ["SERVICE_LEVEL_MS", "SERVICE_LEVEL_NAME", "summarise"]

SERVICE_LEVEL_NAME = "answered_within_20_s_of_offered"
SERVICE_LEVEL_MS = 20_000
"""The 20 s of the usual "80/20"; of all calls offered, so that abandoned ones count
against it."""


def summarise(
    plan: Plan,
    records: tuple[CallRecord, ...],
    tallies: Mapping[str, AgentTally],
    start_ms: int,
) -> Summary:
    """
    Make the figures of a run.

    Args:
        plan: The site's plan.
        records: Every call.
        tallies: What each agent did, in the order of the plan.
        start_ms: When the run began.

    Cost: linear in calls; for each schedule in its changes during the run.
    """
    compiled = decode(plan.compiled)
    end_ms = max((record.ended_at_ms for record in records), default=start_ms)
    priorities = sorted({record.priority for record in records}, reverse=True)
    return Summary(
        total=_group("all", records),
        queues=tuple(
            _group(queue.name, [r for r in records if r.queue == queue.name])
            for queue in compiled.queues
        ),
        priorities=tuple(
            _group(str(priority), [r for r in records if r.priority == priority])
            for priority in priorities
        ),
        agents=_agents(compiled, tallies, start_ms, end_ms),
        service_level_name=SERVICE_LEVEL_NAME,
        service_level_ms=SERVICE_LEVEL_MS,
    )


def _group(name: str, records: Sequence[CallRecord]) -> GroupSummary:
    waits_ms = sorted(r.wait_ms for r in records if r.outcome == "answered")
    abandoned_ms = [r.wait_ms for r in records if r.outcome == "abandoned"]
    voicemail = sum(record.outcome == "voicemail" for record in records)
    return GroupSummary(
        name=name,
        offered=len(records),
        answered=len(waits_ms),
        abandoned=len(abandoned_ms),
        voicemail=voicemail,
        other=len(records) - len(waits_ms) - len(abandoned_ms) - voicemail,
        overflowed=sum(bool(record.overflow) for record in records),
        wait_mean_ms=_mean(waits_ms),
        wait_p90_ms=_percentile(waits_ms, 90),
        abandoned_wait_mean_ms=_mean(abandoned_ms),
        answered_in_time=sum(wait_ms <= SERVICE_LEVEL_MS for wait_ms in waits_ms),
    )


def _mean(values: list[int]) -> int | None:
    """
    Return the mean, rounded half up; None: of nothing.
    """
    return (2 * sum(values) + len(values)) // (2 * len(values)) if values else None


def _percentile(ascending: list[int], percent: int) -> int | None:
    """
    Return the least value that so many of a hundred do not exceed (nearest rank).
    """
    if not ascending:
        return None
    return ascending[-(-len(ascending) * percent // 100) - 1]


def _agents(
    plan: CompiledPlan, tallies: Mapping[str, AgentTally], start_ms: int, end_ms: int
) -> tuple[AgentSummary, ...]:
    shifts_ms = [
        _open_ms(plan, number, start_ms, end_ms)
        for number in range(len(plan.schedules))
    ]
    return tuple(
        AgentSummary(
            agent=agent.id,
            answered=tallies[agent.id].answered,
            missed=tallies[agent.id].missed,
            busy_ms=sum(
                max(0, min(until_ms, end_ms) - from_ms)
                for from_ms, until_ms in tallies[agent.id].busy_ms
            ),
            on_shift_ms=(
                end_ms - start_ms
                if agent.schedule is None
                else shifts_ms[agent.schedule]
            ),
        )
        for agent in plan.agents
    )


def _open_ms(plan: CompiledPlan, number: int, start_ms: int, end_ms: int) -> int:
    """
    Add up how long a schedule is open between two instants.
    """
    schedule = plan.schedules[number]
    zone = plan.zones[schedule.zone]
    at_ms, opened = start_ms, 0
    while at_ms < end_ms:
        change_ms = next_change_ms(schedule, zone, at_ms)
        until_ms = end_ms if change_ms is None else min(change_ms, end_ms)
        if is_open(schedule, zone, at_ms):
            opened += until_ms - at_ms
        at_ms = until_ms
    return opened
