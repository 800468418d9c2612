"""
The real month of a bank's call centre, day by day, under its own rule and others.

The rule that the bank documented: calls in the order of waiting time, and customers of
priority 2 count as if they had waited 90 s longer.  As a plan that is a line by
priority in which every minute of waiting adds 2, and a number whose calls bring 3: a
head start of one minute and a half.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from skillroute.plan import parse_plan
from skillroute.simulation import OUTCOMES, load_scenario, new_study, play
from tests.simulation.bank import (
    AGENTS,
    CALLS,
    DAY_S,
    FIRST_DAY,
    IN_TIME_S,
    MAX_WAIT_S,
    Row,
    agent_lines,
    mean_services_s,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
DAYS = 31
# One number for each priority of the data; the third is that of the credited.
NUMBERS = {"0": "+1 202 555 0170", "1": "+1 202 555 0171", "2": "+1 202 555 0172"}
CREDIT_S = 90
AGING_PER_MIN = 2


class Rule(NamedTuple):
    """How the month is routed."""

    name: str
    strategy: str
    credit_s: int


RULES = (
    Rule("its own rule, longest idle", "longest_idle", CREDIT_S),
    Rule("without the credit", "longest_idle", 0),
    Rule("its own rule, most specific", "most_specific", CREDIT_S),
)


class Sums(NamedTuple):
    """What became of some calls."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    other: int = 0
    in_time: int = 0
    wait_s: float = 0.0
    """Of the answered, added up."""

    def plus(self, other: Sums) -> Sums:
        """Add them up, figure by figure."""
        return Sums(
            offered=self.offered + other.offered,
            answered=self.answered + other.answered,
            abandoned=self.abandoned + other.abandoned,
            other=self.other + other.other,
            in_time=self.in_time + other.in_time,
            wait_s=self.wait_s + other.wait_s,
        )


def rows_by_day(data: Path) -> dict[date, list[dict[str, str]]]:
    """Read the month."""
    found: dict[date, list[dict[str, str]]] = {
        FIRST_DAY + timedelta(number): [] for number in range(DAYS)
    }
    with gzip.open(data / CALLS, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = int(float(row["arrival_s"]) // DAY_S)
            found[FIRST_DAY + timedelta(number)].append(row)
    return found


def agents_of_month(data: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Read who worked when, and what they could do."""
    text = (data / AGENTS).read_text("utf-8")
    agents: dict[str, dict[str, dict[str, object]]] = json.loads(text)["agents"]
    return agents


def plan_of_day(
    agents: dict[str, dict[str, dict[str, object]]], day: date, rule: Rule
) -> str:
    """Write the plan of one day."""
    lines = ["[site]", f'name = "bank-{day}"', 'zone = "UTC"', ""]
    for agent, known in sorted(agents.items()):
        span = known["days"].get(day.isoformat())
        if isinstance(span, list):
            lines += agent_lines(agent, known["types"], span, day)
    lines += [
        "[queues.bank]",
        f'strategy = "{rule.strategy}"',
        f"max_wait_s = {MAX_WAIT_S}",
        'overflow = "last_resort"',
        f"aging_per_min = {AGING_PER_MIN}",
        "aging_cap = 100000",
    ]
    head_start = rule.credit_s * AGING_PER_MIN // 60
    for priority, number in NUMBERS.items():
        lines += [f'[numbers."{number}"]', 'queue = "bank"']
        lines += [f"priority = {head_start}"] if priority == "2" else []
    return "\n".join([*lines, ""])


def calls_of_day(rows: Sequence[dict[str, str]], day: date) -> str:
    """Write the calls of one day as CSV."""
    means_s = mean_services_s(list(rows))
    number = (day - FIRST_DAY).days
    lines = ["arrival_s,dialled,needs,patience_s,handling_s"]
    for row in rows:
        answered = row["outcome"] == "answered"
        service_s = row["service_s"] if answered else round(means_s[row["need"]])
        patience_s = "" if answered else row["wait_s"]
        arrival_s = round(float(row["arrival_s"]) - number * DAY_S)
        dialled = NUMBERS[row["priority"]]
        lines.append(
            f"{arrival_s},{dialled},type:{row['need']},{patience_s},{service_s}"
        )
    return "\n".join([*lines, ""])


def scenario_of_day(folder: Path, day: date) -> Path:
    """Write the scenario of one day."""
    file = folder / f"{day}.scenario.toml"
    file.write_text(
        f'plan = "{day}.toml"\nstart = "{day}T00:00"\nlength_s = {DAY_S}\n'
        f"drain_s = 7200\nreplications = 1\nthresholds_s = [{IN_TIME_S}]\n"
        f'replay = {{calls = "{day}.csv"}}\n',
        "utf-8",
    )
    return file


def replayed(
    data: Path, folder: Path, rules: Iterable[Rule], days: int = DAYS
) -> dict[str, dict[str, list[Sums]]]:
    """
    Replay days of the month.

    Returns:
        By name of the rule, by priority (``all`` for all): the sums of each day.
    """
    agents = agents_of_month(data)
    found: dict[str, dict[str, list[Sums]]] = {}
    for day, rows in list(rows_by_day(data).items())[:days]:
        (folder / f"{day}.csv").write_text(calls_of_day(rows, day), "utf-8")
        file = scenario_of_day(folder, day)
        for rule in rules:
            text = plan_of_day(agents, day, rule)
            (folder / f"{day}.toml").write_text(text, "utf-8")
            by_priority = found.setdefault(rule.name, {})
            for priority, sums in _played(file, text).items():
                by_priority.setdefault(priority, []).append(sums)
    return found


def _played(file: Path, plan: str) -> dict[str, Sums]:
    scenario = load_scenario(file, plan=parse_plan(plan))
    [[tallies]] = play(new_study(scenario)).tallies
    found = {key: Sums() for key in ("all", *NUMBERS)}
    for kind in tallies.classes:
        calls = kind.calls
        ends = dict(zip(OUTCOMES, calls.outcomes, strict=True))
        sums = Sums(
            offered=calls.arrived,
            answered=ends["answered"],
            abandoned=ends["abandoned"],
            other=calls.arrived - ends["answered"] - ends["abandoned"],
            in_time=calls.answered_within[-1],
            wait_s=calls.answered_waits.sum_ms / 1000,
        )
        [priority] = [p for p, n in NUMBERS.items() if kind.name.startswith(n)]
        found[priority] = found[priority].plus(sums)
        found["all"] = found["all"].plus(sums)
    return found


def reality(rows: Iterable[Row]) -> dict[str, Sums]:
    """Count what really became of calls, by priority."""
    found = {key: Sums() for key in ("all", *NUMBERS)}
    for row in rows:
        answered = row["outcome"] == "answered"
        wait_s = float(row["wait_s"])
        sums = Sums(
            offered=1,
            answered=int(answered),
            abandoned=int(not answered),
            in_time=int(answered and wait_s <= IN_TIME_S),
            wait_s=wait_s if answered else 0.0,
        )
        found[row["priority"]] = found[row["priority"]].plus(sums)
        found["all"] = found["all"].plus(sums)
    return found


def table(results: dict[str, dict[str, list[Sums]]], real: dict[str, Sums]) -> str:
    """Write rules and reality beside each other."""
    lines = [
        "| | | offered | answered | abandoned | other | in 20 s | mean wait |",
        "| --- | --- | --: | --: | --: | --: | --: | --: |",
    ]
    for priority in ("all", *NUMBERS):
        if not real[priority].offered:
            continue
        title = "all calls" if priority == "all" else f"priority {priority}"
        lines.append(_line(title, "in reality", real[priority]))
        for name, by_priority in results.items():
            lines.append(_line(title, name, added_up(by_priority[priority])))
    return "\n".join(lines)


def _line(title: str, name: str, sums: Sums) -> str:
    in_time = 100 * sums.in_time / max(sums.answered, 1)
    wait_s = sums.wait_s / max(sums.answered, 1)
    return (
        f"| {title} | {name} | {sums.offered:,} | {sums.answered:,} |"
        f" {sums.abandoned:,} | {sums.other:,} | {in_time:.1f} % | {wait_s:.1f} s |"
    )


def added_up(days: Iterable[Sums]) -> Sums:
    """Add up days."""
    total = Sums()
    for sums in days:
        total = total.plus(sums)
    return total


def main() -> None:
    """Print the table of the whole month: ``python -m tests.simulation.bank_month``."""
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = replayed(DATA, Path(folder), RULES)
    rows = [row for day in rows_by_day(DATA).values() for row in day]
    sys.stdout.write(f"{table(results, reality(rows))}\n")
    sys.stderr.write(f"{time.monotonic() - begun_s:.1f} s\n")


if __name__ == "__main__":
    main()
