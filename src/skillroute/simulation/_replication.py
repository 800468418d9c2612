"""
Run a replication on any backend.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from .. import backends
from ..plan.compiled import CompiledSchedule, CompiledZone, decode
from ..reference.schedule import is_open, next_change_ms
from ._compiled import CompiledScenario, decode_scenario
from ._played import play, state_id
from ._tallies import Tallies

__all__ = ["run_replication", "staffed_ms"]

_TALLIES = msgspec.msgpack.Decoder(Tallies)


def run_replication(
    plan: bytes,
    scenario: bytes,
    replication: int,
    *,
    keep_calls: bool = False,
    backend: str | None = None,
) -> Tallies:
    """
    Play one replication of a scenario under a plan.

    Every backend gives the same numbers.  Where there is a compiled engine the whole
    run happens inside of it, and the interpreter is released meanwhile.

    Args:
        plan: ``Plan.compiled``.
        scenario: What ``encode_scenario`` wrote.
        replication: 0 or more: what is drawn depends on it and the seed alone.
        keep_calls: Also return each call that counts.
        backend: A name of ``backends.available()``; None: the active one.

    Returns:
        What was counted.

    Raises:
        PlanError: *plan* is no plan (``plan_malformed``, ``plan_format``) or
            *scenario* no scenario (``scenario_malformed``).

    Cost: that of the engine's events, about five a call; memory grows with the calls
    in progress, not with those that have ended.
    """
    read = decode_scenario(scenario)
    engine = backends.load(backends.active() if backend is None else backend)
    compiled = getattr(engine, "run_replication", None)
    if compiled is None:
        return play(engine.Engine, plan, read, replication, keep_calls=keep_calls)
    counted, snapshot = compiled(plan, scenario, replication, keep_calls)
    return replace(_TALLIES.decode(counted), state=state_id(snapshot))


def staffed_ms(plan: bytes, scenario: bytes) -> tuple[tuple[int, ...], ...]:
    """
    Return how long agents are on shift in the time that is counted.

    The same for every replication; breaks are not taken off.

    Args:
        plan: ``Plan.compiled``.
        scenario: What ``encode_scenario`` wrote.

    Returns:
        By agent of the plan, by interval of the day; milliseconds.

    Raises:
        PlanError: As for ``run_replication``.

    Cost: linear in agents, intervals of the run and changes of schedules.
    """
    site, read = decode(plan), decode_scenario(scenario)
    always = _cut_up(read, [(0, read.length_ms)])
    by_schedule = [
        _cut_up(read, _open_spans(schedule, site.zones[schedule.zone], read))
        for schedule in site.schedules
    ]
    return tuple(
        always if agent.schedule is None else by_schedule[agent.schedule]
        for agent in site.agents
    )


def _open_spans(
    schedule: CompiledSchedule, zone: CompiledZone, scenario: CompiledScenario
) -> list[tuple[int, int]]:
    """
    List when a schedule is open during the run, from its start.
    """
    start_ms, spans = scenario.start_ms, []
    at_ms, end_ms = start_ms, start_ms + scenario.length_ms
    while at_ms < end_ms:
        change_ms = next_change_ms(schedule, zone, at_ms)
        until_ms = end_ms if change_ms is None else min(change_ms, end_ms)
        if is_open(schedule, zone, at_ms):
            spans.append((at_ms - start_ms, until_ms - start_ms))
        at_ms = until_ms
    return spans


def _cut_up(
    scenario: CompiledScenario, spans: list[tuple[int, int]]
) -> tuple[int, ...]:
    """
    Add up spans by interval of the day.
    """
    sums = [0] * scenario.interval_count
    for from_ms, until_ms in spans:
        low_ms = max(from_ms, scenario.warm_up_ms)
        while low_ms < until_ms:
            interval = low_ms // scenario.interval_ms
            high_ms = min(until_ms, (interval + 1) * scenario.interval_ms)
            sums[interval % scenario.interval_count] += high_ms - low_ms
            low_ms = high_ms
    return tuple(sums)
