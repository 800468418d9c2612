"""
Compare the core's instructions per operation with the record.

Instructions are counted because they are the same in every run; time is not.  The
record is ``benches/record/instructions.json``; ``--renew`` writes it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from callgrind import CannotCountError, Machine, build, check, count

__all__ = ["Record", "Row", "compare", "main", "table"]

RECORD = Path(__file__).resolve().parent / "record" / "instructions.json"

TOLERANCE_PERCENT = 5
"""
Ten runs of one build differ by nothing at all, and by 0.1 % if the program lies at
another path.  What is left is for small changes that are worth their cost.
"""
TOLERANCE_ELSEWHERE_PERCENT = 10
"""
With another compiler or C library than the record's.  Two versions of the compiler
differed by 3.5 % at most, in the shortest scenario.
"""

GREW, SHRANK, NEW, GONE = "grew", "shrank", "not in the record", "no such scenario"
RED = (GREW, NEW, GONE)
RENEWAL = "`nox -s instructions -- --renew`, in a commit of its own that says why"


class Record(NamedTuple):
    """
    What was counted once, on one architecture.
    """

    machine: Machine
    per_operation: dict[str, float]
    """Scenario to instructions."""

    def tolerance_percent(self, machine: Machine) -> int:
        """
        Return how much a scenario may grow on a machine of the same architecture.
        """
        same = machine == self.machine
        return TOLERANCE_PERCENT if same else TOLERANCE_ELSEWHERE_PERCENT


class Row(NamedTuple):
    """
    One scenario, in the record and now.
    """

    name: str
    recorded: float | None
    """Instructions per operation; None: not in the record."""
    now: float | None
    """None: the program knows no such scenario any more."""
    verdict: str
    """Empty: within the tolerance."""

    @property
    def change_percent(self) -> float | None:
        """
        How much it has grown; None: there is nothing to compare.
        """
        if self.recorded is None or self.now is None:
            return None
        return 100 * (self.now - self.recorded) / self.recorded


def compare(
    recorded: Mapping[str, float], now: Mapping[str, float], tolerance_percent: float
) -> list[Row]:
    """
    Judge every scenario that is in the record or was counted.

    Args:
        recorded: Scenario to instructions per operation.
        now: The same, as counted.
        tolerance_percent: How much of the record a scenario may grow or shrink.

    Returns:
        A row for each, in the order in which they were counted; those that were not
        come last.
    """
    rows = []
    for name in [*now, *(name for name in recorded if name not in now)]:
        row = Row(name, recorded.get(name), now.get(name), "")
        rows.append(row._replace(verdict=_verdict(row, tolerance_percent)))
    return rows


def _verdict(row: Row, tolerance_percent: float) -> str:
    if row.recorded is None:
        return NEW
    if row.now is None:
        return GONE
    change_percent = row.change_percent or 0.0
    if change_percent > tolerance_percent:
        return GREW
    return SHRANK if change_percent < -tolerance_percent else ""


def table(rows: list[Row]) -> str:
    """
    Write rows for people.
    """
    width = max(len(row.name) for row in rows)
    title = "instructions per operation"
    lines = [f"{title:<{width}}{'record':>12}{'now':>12}{'change':>10}"]
    for row in rows:
        numbers = "".join(
            f"{'-':>12}" if number is None else f"{number:>12,.1f}"
            for number in (row.recorded, row.now)
        )
        percent = row.change_percent
        change = f"{'-':>10}" if percent is None else f"{percent:>+8.1f} %"
        lines.append(f"{row.name:<{width}}{numbers}{change}  {row.verdict}".rstrip())
    return "\n".join(lines)


def read_record(path: Path, architecture: str) -> Record:
    """
    Read what was counted on an architecture.

    Raises:
        CannotCountError: Nothing was.
    """
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    found = known.get(architecture)
    if found is None:
        raise CannotCountError(
            f"{path.name} has no record of {architecture}, only of "
            f"{', '.join(known) or 'nothing'}; instructions of another processor say "
            f"nothing. On the commit that you started from, make one: {RENEWAL}"
        )
    machine = Machine(architecture, found["rustc"], found["libc"])
    return Record(machine, found["per_operation"])


def write_record(path: Path, record: Record) -> None:
    """
    Write what was counted, and keep what is known of other architectures.

    Args:
        path: The file; made if need be.
        record: What takes the place of all that is known of its architecture.
    """
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[record.machine.architecture] = {
        "rustc": record.machine.rustc,
        "libc": record.machine.libc,
        "per_operation": record.per_operation,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(known, indent=2) + "\n", "utf-8")


def judge(record: Record, machine: Machine, now: Mapping[str, float]) -> bool:
    """
    Print how counts compare with the record; tell whether nothing is red.
    """
    tolerance_percent = record.tolerance_percent(machine)
    rows = compare(record.per_operation, now, tolerance_percent)
    print(table(rows))
    print(f"\n{machine}; tolerance {tolerance_percent} %")
    if machine != record.machine:
        print(
            f"The record is of {record.machine}: counts differ a little for that "
            "reason alone, so the tolerance is wider."
        )
    for row in rows:
        if row.verdict in RED:
            print(f"RED {row.name}: {row.verdict}", file=sys.stderr)
    if any(row.verdict in RED for row in rows):
        print(f"Make it quicker, or if it is meant: {RENEWAL}.", file=sys.stderr)
    elif any(row.verdict for row in rows):
        print(f"Some need fewer instructions; keep them so: {RENEWAL}.")
    return all(row.verdict not in RED for row in rows)


def main(words: list[str]) -> int:
    """
    Run the command.

    Returns:
        0 if all is well or the record was renewed, 1 if a scenario is red, 2 if nothing
        can be said.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("scenario", nargs="*", help="all if none is named")
    parser.add_argument("--record", type=Path, default=RECORD)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--renew", action="store_true", help="write the record")
    what.add_argument(
        "--plant-slow-down",
        action="store_true",
        help="make every fifth selection twice: 20 %% slower, and must be red",
    )
    told = parser.parse_args(words)
    try:
        return _carry_out(told)
    except CannotCountError as error:
        print(error, file=sys.stderr)
        return 2


def _carry_out(told: argparse.Namespace) -> int:
    machine = Machine.here()
    if told.renew and told.scenario and told.record == RECORD:
        raise CannotCountError("the record is renewed as a whole: name no scenario")
    record = None if told.renew else read_record(told.record, machine.architecture)
    program = build()
    scenarios = check(program, told.scenario)
    now = count(program, scenarios, slowed=told.plant_slow_down)
    if record is None:
        write_record(told.record, Record(machine, now))
        print(f"{told.record.name}: {len(now)} scenarios, {machine}")
        return 0
    if told.scenario:
        asked = {n: c for n, c in record.per_operation.items() if n in now}
        record = record._replace(per_operation=asked)
    return 0 if judge(record, machine, now) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
