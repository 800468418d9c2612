"""Replications: played around the public engine, and how long agents are there."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from skillroute import backends
from skillroute.contract import Party
from skillroute.plan import parse_plan
from skillroute.plan.compiled import encode
from skillroute.simulation import (
    CompiledClass,
    CompiledGroup,
    CompiledRetry,
    CompiledScenario,
    constant,
    encode_scenario,
    exponential,
    run_replication,
    staffed_ms,
    unit_exponential,
)
from skillroute.simulation._played import play
from skillroute.testing.random_plans import random_plan
from skillroute.testing.scenarios import random_scenario

HOUR_MS = 3_600_000
MONDAY_MS = 1_767_571_200_000  # 2026-01-05T00:00:00Z
STAFF = """
[site]
name = "staff"
[schedules.day]
weekly = ["mo 09:00-12:30"]
[agents.anna]
schedule = "day"
[agents.bert]
[queues.q]
"""

LOOKS_INTO_CLASSES = """
import sys
import msgspec
from skillroute import backends
from skillroute.plan import parse_plan
from skillroute.simulation import *

names = []
def note(frame, event, argument):
    if event == "call":
        names.append(frame.f_code.co_name)

plan = parse_plan('[site]\\nname = "s"\\n[queues.q]\\n').compiled
scenario = encode_scenario(
    CompiledScenario(
        format=1, name="s", seed=0, start_ms=0, length_ms=1, interval_count=1,
        distributions=(unit_exponential(), constant(0)), unit_exponential=0,
        classes=(), groups=(CompiledGroup(name="all", answer=1, connect=1),),
    )
)
engines = [backends.load(name).Engine for name in backends.available()]
sys.setprofile(note)
for name in backends.available():
    run_replication(plan, scenario, 0, backend=name)
staffed_ms(plan, scenario)
for engine in engines:
    engine.restore(plan, engine(plan).snapshot())
sys.setprofile(None)
assert "run_replication" in names and "staffed_ms" in names
print(names.count("get_class_annotations"))
class Unseen(msgspec.Struct):
    pass
sys.setprofile(note)
msgspec.convert({}, Unseen)
sys.setprofile(None)
print(names.count("get_class_annotations"))
"""


def test_the_engine_inside_is_the_public_one() -> None:
    """What is measured must be what routes real calls, down to its state."""
    played = 0
    for seed in range(20, 30):
        draw = random.Random(seed)
        plan = random_plan(draw)
        data, scenario = encode(plan), random_scenario(draw, plan)
        expected = run_replication(data, encode_scenario(scenario), 5)
        for name in backends.available():
            engine = backends.load(name).Engine
            assert expected == play(engine, data, scenario, 5), (seed, name)
        played += expected.events
    assert played > 1000


def test_agents_are_there_while_on_shift_within_the_counted_time() -> None:
    """Occupancy is a share of this."""
    scenario = CompiledScenario(
        format=1,
        name="s",
        seed=0,
        start_ms=MONDAY_MS,
        length_ms=48 * HOUR_MS,
        warm_up_ms=10 * HOUR_MS,
        interval_ms=HOUR_MS,
        interval_count=24,
        distributions=(unit_exponential(), constant(0)),
        unit_exponential=0,
        classes=(),
        groups=(CompiledGroup(name="all", answer=1, connect=1),),
    )
    plan = parse_plan(STAFF).compiled
    anna, bert = staffed_ms(plan, encode_scenario(scenario))
    assert {10: HOUR_MS, 11: HOUR_MS, 12: HOUR_MS // 2} == {
        hour: ms for hour, ms in enumerate(anna) if ms
    }
    assert 38 * HOUR_MS == sum(bert)
    assert {HOUR_MS, 2 * HOUR_MS} == set(bert)


def test_no_thread_looks_into_a_class_that_another_one_may_look_into() -> None:
    """
    The first two replications of a study, in two threads, could crash the process.

    msgspec looks into a class when it first reads one, and two threads must not do so
    at once: everything that a replication reads was looked into on import.
    """
    run = subprocess.run(
        [sys.executable, "-c", LOOKS_INTO_CLASSES],
        check=True,
        capture_output=True,
        text=True,
    )
    in_replications, with_one_unseen = map(int, run.stdout.split())
    assert in_replications == 0
    assert with_one_unseen == 1


@pytest.mark.parametrize("backend", backends.available())
@pytest.mark.parametrize("is_same", [True, False])
def test_who_tries_again_may_be_as_patient_as_before(
    backend: str, *, is_same: bool
) -> None:
    """Who hangs up at once does so again: the share who give up is another one."""
    scenario = CompiledScenario(
        format=1,
        name="s",
        seed=4,
        start_ms=MONDAY_MS,
        length_ms=HOUR_MS,
        distributions=(unit_exponential(), constant(1000), exponential(60_000)),
        unit_exponential=0,
        classes=(
            CompiledClass(
                name="all",
                dialled=Party(kind="e164", number="+12025550100"),
                handling=1,
                patience=2,
                counts=((0, 60_000, 20),),
                retry=CompiledRetry(
                    abandoned_permille=1000,
                    blocked_permille=0,
                    delay=1,
                    tries_max=3,
                    same_patience=is_same,
                ),
            ),
        ),
        groups=(CompiledGroup(name="all", answer=1, connect=1),),
    )
    nobody = '[site]\nname = "s"\n[queues.q]\n[numbers."+12025550100"]\nqueue = "q"\n'
    tallies = run_replication(
        parse_plan(nobody).compiled,
        encode_scenario(scenario),
        0,
        keep_calls=True,
        backend=backend,
    )
    waits: dict[int, list[int]] = {}
    for call in tallies.calls:
        waits.setdefault(call.number, []).append(call.wait_ms)
    assert [3] * 20 == [len(each) for each in waits.values()]
    assert is_same == all(len(set(each)) == 1 for each in waits.values())
