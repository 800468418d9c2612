"""
Simulated calls a second on one core: through the whole engine, and beside others.

The same three models, in turns within one run: M/M/100, the same with patience, and a
centre of five skills.  Before anything is timed, the mean waits are compared: with
Erlang's formulas where there is one, else with a loop written for that one model.
``--month`` plays a month of a centre of a thousand agents and fifty tags instead, and
says what a year would take.  ``--renew`` writes its part of the record.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from simulation_models import (
    HANDLING_S,
    Model,
    five_skills,
    large_centre,
    queueing_model,
)
from simulation_peers import PEERS, heapq_skills

from skillroute.bench.machine import load_now, this_machine
from skillroute.simulation import (
    Tallies,
    Waiting,
    erlang_a,
    erlang_c,
    run_replication,
)

ROOT = Path(__file__).resolve().parent.parent
RECORD = Path(__file__).resolve().with_suffix(".json")
BARE_LOOP = ROOT / "rust" / "skillroute-sim" / "benches" / "bare_loop.rs"
ROUNDS = 5
SECONDS_EACH = 1.0
CHECKED_CALLS = 300_000
CALLS_OF_A_YEAR = 50_000_000
DAYS_OF_A_YEAR = 365
DAYS_OF_A_MONTH = 30


def main(arguments: list[str] | None = None) -> int:
    """
    Measure, and print a table.
    """
    parser = argparse.ArgumentParser(prog="python benches/simulation.py")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--month", action="store_true", help="the large centre alone")
    parser.add_argument("--renew", action="store_true", help="write the record")
    options = parser.parse_args(arguments)
    machine = msgspec.to_builtins(this_machine(0.0, load_now()))
    found: dict[str, Any]
    if options.month:
        found = {"month": {"machine": machine, **_month()}}
        sys.stdout.write(json.dumps(found["month"]) + "\n")
    else:
        found = {"machine": machine, "rows": _rows(options.rounds)}
        for row in found["rows"]:
            sys.stdout.write(_line(row, found["rows"]) + "\n")
    if options.renew:
        before = json.loads(RECORD.read_text("utf-8")) if RECORD.is_file() else {}
        RECORD.write_text(json.dumps(before | found, indent=1) + "\n", "utf-8")
    return 0


def _rows(rounds: int) -> list[dict[str, Any]]:
    models = (
        queueing_model("mmc100", 100, 0.95),
        queueing_model("erlang_a100", 100, 0.95, HANDLING_S),
        five_skills(),
    )
    rows = [row for model in models for row in _compared(model, rounds)]
    bare = _bare_loop(rounds)
    if bare is not None:
        rows.append({"model": "mmc100", "name": "bare rust", "calls_per_s": bare})
    return rows


def _compared(model: Model, rounds: int) -> list[dict[str, Any]]:
    """
    Check a model, and time it and its peers in turns.
    """
    _check(model, CHECKED_CALLS if rounds >= ROUNDS else CHECKED_CALLS // 5)
    runs: dict[str, Callable[[int, int], object]] = {
        "skillroute": lambda calls, seed: run_replication(
            model.plan, model.scenario(calls, seed), 0
        )
    }
    for name, peer in PEERS[model.name].items():
        if name == "heapq" or _is_installed(name):
            runs[name] = lambda calls, seed, peer=peer: peer(model, calls, seed)
    calls = {name: _calls_of_a_second(run) for name, run in runs.items()}
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            begun = time.process_time()
            run(calls[name], number)
            rates[name].append(calls[name] / (time.process_time() - begun))
    return [
        {
            "model": model.name,
            "name": name,
            "calls_per_s": round(statistics.median(found)),
            "least": round(min(found)),
            "most": round(max(found)),
        }
        for name, found in rates.items()
    ]


def _calls_of_a_second(run: Callable[[int, int], object]) -> int:
    calls = 2_000
    while True:
        begun = time.process_time()
        run(calls, 0)
        took_s = time.process_time() - begun
        if took_s > SECONDS_EACH / 8:
            return max(1, round(calls * SECONDS_EACH / took_s))
        calls *= 4


def _check(model: Model, calls: int) -> None:
    """
    Compare the mean wait of half a dozen replications with what it must be.
    """
    data = model.scenario(calls, 7, warm_up=0.2)
    waits = [_mean_wait_s(run_replication(model.plan, data, n)) for n in range(6)]
    error = statistics.stdev(waits) / math.sqrt(len(waits))
    rate, agents = model.arrivals_per_hour / 3600, len(model.agents)
    if model.name == "five_skills":
        others = [heapq_skills(model, calls, seed) for seed in range(6)]
        exact = statistics.fmean(others)
        error = math.hypot(error, statistics.stdev(others) / math.sqrt(len(others)))
    else:
        theory = _in_theory(rate, agents, model.patience_s)
        exact = theory.mean_wait_s
    found = statistics.fmean(waits)
    # The loop begins empty, which some of its calls see.
    assert abs(found - exact) <= 6 * error + 0.03 * exact, (model.name, found, exact)


def _in_theory(rate: float, agents: int, patience_s: float | None) -> Waiting:
    if patience_s is not None:
        return erlang_a(agents, rate, HANDLING_S, patience_s, 20)
    steady = erlang_c(agents, rate, HANDLING_S, 20)
    assert steady is not None
    return steady


def _mean_wait_s(tallies: Tallies) -> float:
    calls = [group.calls for group in tallies.classes]
    waits_ms = sum(c.answered_waits.sum_ms + c.abandoned_waits.sum_ms for c in calls)
    return waits_ms / sum(c.arrived for c in calls) / 1000


def _is_installed(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def _bare_loop(rounds: int) -> int | None:
    """
    Compile and time the bare loop; None: there is no compiler.
    """
    compiler = shutil.which("rustc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "bare_loop"
        build = (compiler, "-C", "opt-level=3", "--edition", "2024", "-A", "warnings")
        words = [*build, str(BARE_LOOP), "-o", str(program)]
        subprocess.run(words, check=True)  # noqa: S603 - the compiler, our own file
        rates = []
        for _ in range(rounds):
            before_s = sum(os.times()[2:4])
            answer = subprocess.run(  # noqa: S603 - what was just compiled
                [str(program)], check=True, capture_output=True, text=True
            )
            used_s = sum(os.times()[2:4]) - before_s
            rates.append(json.loads(answer.stdout)["calls"] / used_s)
    return round(statistics.median(rates))


def _month() -> dict[str, Any]:
    """
    Play a month of a large centre, and say what a year takes.
    """
    plan, scenario = large_centre(CALLS_OF_A_YEAR // DAYS_OF_A_YEAR)
    peaks_kib, took_s = [_peak_kib()], 0.0
    for days in (1, DAYS_OF_A_MONTH):
        begun = time.process_time()
        tallies = run_replication(plan, scenario(days), 0)
        took_s = time.process_time() - begun
        peaks_kib.append(_peak_kib())
    calls = [group.calls for group in tallies.classes]
    played = sum(each.arrived for each in calls)
    return {
        "agents": len(tallies.agents),
        "tags": len(tallies.queues),
        "calls": played,
        "abandoned": sum(each.outcomes[1] for each in calls),
        "mean_wait_s": round(_mean_wait_s(tallies), 2),
        "seconds": round(took_s, 1),
        "calls_per_s": round(played / took_s),
        "mib_of_a_day": round((peaks_kib[1] - peaks_kib[0]) / 1024, 1),
        "mib_more_of_a_month": round((peaks_kib[2] - peaks_kib[1]) / 1024, 1),
        "year_projected_s": round(took_s / played * CALLS_OF_A_YEAR),
    }


def _peak_kib() -> int:
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _line(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    ours = next(
        one["calls_per_s"]
        for one in rows
        if one["model"] == row["model"] and one["name"] == "skillroute"
    )
    ratio = ours / row["calls_per_s"]
    return (
        f"{row['model']:<14}{row['name']:<12}{row['calls_per_s']:>12,} calls/s"
        f"  ours is {ratio:6.2f} times that"
    )


if __name__ == "__main__":
    raise SystemExit(main())
