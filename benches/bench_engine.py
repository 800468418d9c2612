"""
A whole call through the engine, from arrival to the end of wrap-up.

``skillroute bench`` times the same calls beside the specification; what this adds is
the spread over rounds, and recorded events.  The result is asserted before anything
is timed.  ``test_handle`` is what a host pays; ``test_replay`` does the same routing
from recorded bytes, with no event or order made in Python, so the difference is the
share of the boundary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from skillroute.bench.calls import CALL_EVENTS, calls_whole, frames

CALLS = 100
AGENTS = (10, 1000)
ROUNDS = 7


@pytest.mark.parametrize("agents", AGENTS)
def test_handle(benchmark: BenchmarkFixture, engine_class: Any, agents: int) -> None:
    """Time whole calls, an event and its orders at a time."""
    workload = calls_whole(agents, CALLS)

    def handle_all(engine: Any) -> int:
        handle = engine.handle
        return sum(len(handle(event, now_ms)) for event, now_ms in workload.history)

    assert workload.orders == handle_all(engine_class(workload.plan))
    _time(benchmark, handle_all, lambda: engine_class(workload.plan))


@pytest.mark.parametrize("agents", AGENTS)
def test_replay(benchmark: BenchmarkFixture, engine_class: Any, agents: int) -> None:
    """Time the same calls from recorded frames."""
    workload = calls_whole(agents, CALLS)
    recorded = frames(workload)
    told = engine_class(workload.plan)
    told.handle_many(workload.history)
    replayed = engine_class(workload.plan)
    assert CALLS * CALL_EVENTS == replayed.replay(recorded)
    assert told.snapshot() == replayed.snapshot()

    def replay_all(engine: Any) -> int:
        return int(engine.replay(recorded))

    _time(benchmark, replay_all, lambda: engine_class(workload.plan))


def _time(
    benchmark: BenchmarkFixture,
    work: Callable[[Any], int],
    fresh_engine: Callable[[], Any],
) -> None:
    """Time the work on a fresh engine each round; making it is not timed."""
    benchmark.pedantic(
        work,
        setup=lambda: ((fresh_engine(),), {}),
        rounds=ROUNDS,
        warmup_rounds=1,
    )
    benchmark.extra_info["calls"] = CALLS
    if benchmark.stats is not None:
        per_call_us = benchmark.stats.stats.median / CALLS * 1e6
        benchmark.extra_info["us_per_call"] = round(per_call_us, 3)
