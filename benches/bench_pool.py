"""
The choice among agents, beside what somebody would write instead.

Before anything is timed, every contender's answers are compared with those of a
plain scan, operation by operation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from pool_peers import CONTENDERS, Contender, Scan
from pool_workloads import BUSY_OF_5, KINDS, Workload, make
from pytest_benchmark.fixture import BenchmarkFixture

CHECKED = 60
OPERATIONS = 1000
ROUNDS = 5
ROWS = [
    (kind, agents, name)
    for kind in KINDS
    for agents in (1_000, 10_000)
    for name in CONTENDERS
    # Those that look at every agent would take the whole budget.
    if agents == 1_000 or name in ("rust", "heap_memo")
]


@pytest.mark.parametrize(("kind", "agents", "name"), ROWS)
def test_select(benchmark: BenchmarkFixture, kind: str, agents: int, name: str) -> None:
    """Time the choice alone."""
    work = make(kind, agents, OPERATIONS)
    contender = _settled(work, name)

    def select_all() -> int:
        select = contender.select
        return sum(select(needs) is not None for needs in work.asked)

    benchmark.group = f"select_{work.name}"
    _time(benchmark, select_all, len(work.asked))


@pytest.mark.parametrize(("kind", "agents", "name"), ROWS)
def test_whole(benchmark: BenchmarkFixture, kind: str, agents: int, name: str) -> None:
    """Time reserving an agent for a call and releasing the one busy longest."""
    work = make(kind, agents, OPERATIONS)
    contender = CONTENDERS[name](work)
    busy = _fill(contender, work)
    now_ms = [1_000_000]

    def serve_all() -> int:
        reserve, release = contender.reserve, contender.release
        served = 0
        for needs in work.asked:
            agent = reserve(needs)
            if agent is not None:
                busy.append(agent)
                now_ms[0] += 1
                release(busy.popleft(), now_ms[0])
                served += 1
        return served

    benchmark.group = f"whole_{work.name}"
    _time(benchmark, serve_all, len(work.asked))


def _settled(work: Workload, name: str) -> Contender:
    """Make a contender whose answers are those of a scan, four of five agents busy."""
    contender: Contender = CONTENDERS[name](work)
    judge = Scan(work)
    busy, judged = _fill(contender, work), _fill(judge, work)
    assert judged == busy
    for step, needs in enumerate(work.asked[:CHECKED]):
        agent = contender.reserve(needs)
        assert judge.reserve(needs) == agent
        if agent is not None:
            busy.append(agent)
        freed = busy.popleft()
        contender.release(freed, 1000 + step)
        judge.release(freed, 1000 + step)
    return contender


def _fill(contender: Contender, work: Workload) -> deque[int]:
    """Let four of five agents be busy, without regard to who would be chosen."""
    busy: deque[int] = deque()
    for number in range(len(work.agents)):
        if number % 5 < BUSY_OF_5:
            contender.take(number)
            busy.append(number)
    return busy


def _time(
    benchmark: BenchmarkFixture, work: Callable[[], int], operations: int
) -> None:
    """Time it, and note nanoseconds an operation."""
    assert work() > 0
    benchmark.pedantic(work, rounds=ROUNDS, warmup_rounds=1)
    if benchmark.stats is not None:
        ns: Any = benchmark.stats.stats.median / operations * 1e9
        benchmark.extra_info["ns_per_operation"] = round(ns, 1)
