"""
The page of how fast calls are simulated, from the record of ``benches/simulation.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .source import GENERATED, table

RECORD = Path(__file__).resolve().parents[2] / "benches" / "simulation.json"

INTRODUCTION = """\

# How fast calls are simulated

Calls a second on one core, by `python benches/simulation.py --renew`.
Each contender plays the same model, in turns within one run; \
the time is that of the process, so that neighbours on the machine disturb less.
Before it is timed, the mean wait is compared with Erlang's formula, \
or with a loop that was written for that one model.

- `skillroute` plays the whole engine: every call is the four events of a switch, \
with offers, timers, needs and lines.
- `simpy` is a `Resource`, or for the five skills a `FilterStore`, \
which knows neither who has fewest skills nor who is idle longest.
- `ciw` is one node; it has no shared skills.
- `heapq` is a loop in plain Python for this model alone, and `bare rust` one in Rust: \
limits, no simulators of anything else.
"""

MONTH = """\

## A month of a large centre

By `python benches/simulation.py --month --renew`: a thousand agents with three to \
eight of fifty tags, rung for some seconds, of a hundred calls three missed, \
fifteen seconds of wrap-up; callers hang up after three minutes on average.
A year of it is fifty million calls.
"""


def page() -> str:
    """
    Write the page.
    """
    found = json.loads(RECORD.read_text("utf-8"))
    machine, rows = found["machine"], found["rows"]
    parts = [GENERATED, INTRODUCTION, _machine(machine)]
    for model in dict.fromkeys(row["model"] for row in rows):
        parts.append(f"\n## `{model}`\n\n")
        parts.append(_model([row for row in rows if row["model"] == model]))
    if "month" in found:
        parts += [MONTH, "\n", _month(found["month"])]
    return "".join(parts)


def _machine(machine: dict[str, Any]) -> str:
    load = machine["load_before"]
    return (
        f"\n- {machine['processor']}, {machine['cpus']} CPUs, {machine['system']}.\n"
        f"- {machine['python']}.\n"
        f"- Load of the machine before: {'unknown' if load is None else load}.\n"
    )


def _model(rows: list[dict[str, Any]]) -> str:
    ours = next(row["calls_per_s"] for row in rows if row["name"] == "skillroute")
    return table(
        ("", "calls a second", "skillroute is"),
        [
            (
                f"`{row['name']}`",
                f"{row['calls_per_s']:,}",
                f"{ours / row['calls_per_s']:.2f}x",
            )
            for row in rows
        ],
    )


def _month(month: dict[str, Any]) -> str:
    words = {
        "calls": "calls of the month",
        "abandoned": "of them hung up waiting",
        "mean_wait_s": "mean wait, seconds",
        "seconds": "seconds",
        "calls_per_s": "calls a second",
        "mib_of_a_day": "memory of one day, MiB",
        "mib_more_of_a_month": "more of the month, MiB",
        "year_projected_s": "a year, projected: seconds",
    }
    return table(("", ""), [(word, f"{month[key]:,}") for key, word in words.items()])
