"""
One real day of a bank's call centre, as a plan and as calls.

The data are those of the "Anonymous Bank", August 1999 (Brown, Gans, Mandelbaum,
Sakov, Shen, Zeltyn, Zhao, JASA 100, 2005).  Breaks and log-outs are not in them, so
agents stay from the first to the last call that they answered, and a run is better
than that day was.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

CALLS = "anonymous_bank_1999-08.replay.csv.gz"
AGENTS = "anonymous_bank_1999-08.agents.json"
NUMBER = "+1 202 555 0170"
FIRST_DAY = date(1999, 8, 1)
MAX_WAIT_S = 1800
IN_TIME_S = 20

DAY_S = 86_400
_MINUTES_OF_DAY = 24 * 60
# An agent who took a type this rarely only helped out.
_TYPE_PERCENT_MIN = 2
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")

Row = Mapping[str, str]


class DayOfCalls(NamedTuple):
    """One day: what goes in, and what happened."""

    plan: str
    """TOML."""
    calls: str
    """CSV, as ``docs/reference/calls-csv.md`` says."""
    rows: tuple[Row, ...]
    """The day's rows of the data, for what really happened."""


class Figures(NamedTuple):
    """What became of some calls."""

    offered: int
    answered: int
    abandoned: int
    other: int
    in_time: int
    wait_mean_s: float


def day_of_calls(data: Path, day: date) -> DayOfCalls:
    """Make plan and calls of one day from the folder with the data."""
    number = (day - FIRST_DAY).days
    with gzip.open(data / CALLS, "rt", encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if _day_of(r) == number]
    agents = json.loads((data / AGENTS).read_text("utf-8"))["agents"]
    return DayOfCalls(
        plan=_plan(agents, day), calls=_calls(rows, day, number), rows=tuple(rows)
    )


def what_happened(rows: Iterable[Row]) -> Figures:
    """Count what really became of calls."""
    rows = tuple(rows)
    waits_s = [float(r["wait_s"]) for r in rows if r["outcome"] == "answered"]
    return Figures(
        offered=len(rows),
        answered=len(waits_s),
        abandoned=len(rows) - len(waits_s),
        other=0,
        in_time=sum(wait_s <= IN_TIME_S for wait_s in waits_s),
        wait_mean_s=fmean(waits_s),
    )


def _day_of(row: Row) -> int:
    return int(float(row["arrival_s"]) // DAY_S)


def _plan(agents: Mapping[str, Mapping[str, Mapping[str, object]]], day: date) -> str:
    lines = ["[site]", f'name = "bank-{day}"', 'zone = "UTC"', ""]
    for agent, known in sorted(agents.items()):
        span = known["days"].get(day.isoformat())
        if isinstance(span, list):
            lines += agent_lines(agent, known["types"], span, day)
    return "\n".join([*lines, *_QUEUE.splitlines(), ""])


_QUEUE = f"""\
[queues.bank]
max_wait_s = {MAX_WAIT_S}
overflow = "last_resort"

[numbers."{NUMBER}"]
queue = "bank"
"""


def agent_lines(
    agent: str, types: Mapping[str, object], span: list[int], day: date
) -> list[str]:
    """Write an agent and the schedule of that day."""
    counts = {name: int(str(count)) for name, count in types.items()}
    least = sum(counts.values()) * _TYPE_PERCENT_MIN / 100
    tags = sorted(f"type:{name}" for name, count in counts.items() if count >= least)
    return [
        f"[schedules.{agent}]",
        f'weekly = ["{_hours(span, day)}"]',
        f"[agents.{agent}]",
        f"tags = {json.dumps(tags)}",
        f'schedule = "{agent}"',
        "",
    ]


def _hours(span: list[int], day: date) -> str:
    """Write a shift, rounded outward to minutes; it may end the next day."""
    start_s, end_s = (second - (day - FIRST_DAY).days * DAY_S for second in span)
    start, end = start_s // 60, -(-end_s // 60)
    weekday = _DAYS[day.weekday()]
    if end - start >= _MINUTES_OF_DAY:
        return f"{weekday} 00:00-24:00"
    return f"{weekday} {_clock(start)}-{_clock(end)}"


def _clock(minute: int) -> str:
    if minute > _MINUTES_OF_DAY:
        minute -= _MINUTES_OF_DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _calls(rows: list[dict[str, str]], day: date, number: int) -> str:
    means_s = mean_services_s(rows)
    text = io.StringIO()
    text.write(f"# start: {day}T00:00:00Z\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("arrival_s", "call_id", "needs", "priority", "patience_s", "handling_s")
    )
    seen: Counter[str] = Counter()
    for row in rows:
        answered = row["outcome"] == "answered"
        seen[row["call_id"]] += 1
        # The data use some numbers twice in a day: the second becomes "43796.2".
        repeat = f".{seen[row['call_id']]}" if seen[row["call_id"]] > 1 else ""
        service_s = row["service_s"] if answered else round(means_s[row["need"]])
        writer.writerow(
            (
                round(float(row["arrival_s"]) - number * DAY_S),
                row["call_id"] + repeat,
                f"type:{row['need']}",
                row["priority"],
                "" if answered else row["wait_s"],
                service_s,
            )
        )
    return text.getvalue()


def mean_services_s(rows: list[dict[str, str]]) -> Mapping[str, float]:
    """Return by type the mean service time of the day; of all where a type has none."""
    services_s: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["outcome"] == "answered":
            services_s[row["need"]].append(float(row["service_s"]))
    overall_s = fmean(value for values in services_s.values() for value in values)
    means_s = {need: fmean(values) for need, values in services_s.items()}
    return defaultdict(lambda: overall_s, means_s)
