"""
Replications beside exact formulas: ``python -m tests.simulation.erlang_rows``.

Every row of ``erlang_reference.csv`` (Erlang B, C and A, computed by two formulas
each) is played through the whole engine, in replications long enough for the load.  A
quantity is estimated from all of them together, and its standard error from what
leaving out each one changes (the jackknife): a mean of ratios, quantiles or deviations
would be biased by the length of the runs.  A quantity passes within four standard
errors; over all of them the deviations must be spread as chance spreads them, so that
neither a bias nor a wrong variance can hide.  The lines printed are those of the table
in ``docs/explanation/held-against-published-results.md``.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from skillroute.contract import Party
from skillroute.plan import parse_plan
from skillroute.simulation import (
    CompiledClass,
    CompiledGroup,
    CompiledScenario,
    Tallies,
    bin_bounds,
    constant,
    encode_scenario,
    exponential,
    run_replication,
    unit_exponential,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "erlang_reference.csv"
NUMBER = "+12025550100"
HOUR_MS = 3_600_000
DRAIN_MS = 24 * HOUR_MS
ROWS = 51
WARM_UP = 10
"""Relaxation times before anything counts: exp(-10) of the empty start is left."""
COUNTED = 60
"""Relaxation times that count at least: about so many independent looks at the line."""


class Row(NamedTuple):
    """
    One model of the file, and its exact values.
    """

    id: str
    model: str
    arrivals_per_s: float
    talk_s: float
    agents: int
    patience_s: float | None
    threshold_s: float
    exact: dict[str, float]

    @property
    def load(self) -> float:
        """
        Offered load by agent.
        """
        return self.arrivals_per_s * self.talk_s / self.agents


class Deviation(NamedTuple):
    """
    One quantity: how many standard errors the mean is away.
    """

    quantity: str
    exact: float
    mean: float
    errors: float


class Counted(NamedTuple):
    """
    What some replications counted together, or one.
    """

    time_ms: int
    arrived: int
    blocked: int
    delayed: int
    answered: int
    abandoned: int
    answered_soon: int
    abandoned_soon: int
    answered_ms: int
    abandoned_ms: int
    squares: int
    line_ms: int
    talk_ms: int
    bins: tuple[int, ...]
    """Calls by wait, of all who were answered or hung up."""


Measure = Callable[[Counted, Row], float]


def rows(file: Path = DATA) -> list[Row]:
    """
    Read the models.
    """
    with file.open(encoding="utf-8") as lines:
        return [_row(cells) for cells in csv.DictReader(lines)]


def _row(cells: dict[str, str]) -> Row:
    theta = float(cells["abandon_rate_theta_per_s"] or 0)
    return Row(
        id=cells["case_id"],
        model=cells["model"],
        arrivals_per_s=float(cells["arrival_rate_lambda_per_s"]),
        talk_s=1 / float(cells["service_rate_mu_per_s"]),
        agents=int(cells["servers_c"]),
        patience_s=1 / theta if theta else None,
        threshold_s=float(cells["sl_threshold_s"] or 20),
        exact={
            name: float(cells[name])
            for name in MEASURES
            if cells.get(name, "") != "" and not _is_atom(name, cells[name])
        },
    )


def _is_atom(name: str, exact: str) -> bool:
    """
    Tell whether a quantile lies among the calls that do not wait at all.

    Where as many wait as do not, chance decides on which side of 0 it falls.
    """
    return name.startswith("wait_p") and float(exact) == 0


def relaxation_s(row: Row) -> float:
    """
    Return how long a row takes to forget where it began, about.

    Source: for M/M/c, 1 / (c mu (1 - sqrt(rho))**2); with patience or blocking no
    longer than some conversations.
    """
    if row.model != "erlang_c":
        return 3 * max(row.talk_s, row.patience_s or 0)
    rate = row.agents / row.talk_s
    return max(row.talk_s, 1 / (rate * (1 - math.sqrt(row.load)) ** 2))


def scenario(row: Row, calls: int, seed: int) -> bytes:
    """
    Make the scenario of a replication of so many calls, or longer if it must be.
    """
    memory_s = relaxation_s(row)
    warm_up_s = WARM_UP * memory_s
    counted_s = max(calls / row.arrivals_per_s, COUNTED * memory_s)
    length_ms = round((warm_up_s + counted_s) * 1000)
    tables = [unit_exponential(), constant(0), exponential(round(row.talk_s * 1000))]
    if row.patience_s is not None:
        tables.append(exponential(round(row.patience_s * 1000)))
    rate = round(row.arrivals_per_s * 3_600_000_000)
    compiled = CompiledScenario(
        format=1,
        name=row.id,
        seed=seed,
        start_ms=1_795_000_000_000,
        length_ms=length_ms,
        warm_up_ms=round(warm_up_s * 1000),
        drain_ms=DRAIN_MS,
        distributions=tuple(tables),
        unit_exponential=0,
        classes=(
            CompiledClass(
                name="all",
                dialled=Party(kind="e164", number=NUMBER),
                handling=2,
                patience=None if row.patience_s is None else 3,
                rates=((0, length_ms, rate),),
            ),
        ),
        groups=(CompiledGroup(name="all", answer=1, connect=1),),
        lines=row.agents if row.model == "erlang_b" else None,
        thresholds_ms=(round(row.threshold_s * 1000),),
    )
    return encode_scenario(compiled)


def plan(row: Row) -> bytes:
    """
    Make a plan of one queue, served by everybody.
    """
    agents = "".join(f"[agents.a{number}]\n" for number in range(row.agents))
    queue = f'[queues.q]\n[numbers."{NUMBER}"]\nqueue = "q"\n'
    return parse_plan(f'[site]\nname = "erlang"\n{agents}{queue}').compiled


def deviations(
    row: Row, replications: int, calls: int, seed: int
) -> tuple[int, list[Deviation]]:
    """
    Play a row: how many calls came, and how far each of its quantities is away.
    """
    # Equal seeds would give all rows the same callers, and deviate them alike.
    own_seed = (seed << 32) + int.from_bytes(row.id.encode())
    compiled, data = plan(row), scenario(row, calls, own_seed)
    parts = [
        _counted(run_replication(compiled, data, number))
        for number in range(replications)
    ]
    whole = _sum(parts)
    others = [
        _sum([*parts[:number], *parts[number + 1 :]]) for number in range(len(parts))
    ]
    # What happens to one call in a hundred thousand may happen in no replication.
    seldom = 1 / (min(part.arrived for part in parts) * math.sqrt(len(parts)))
    found = []
    for name, exact in row.exact.items():
        mean = MEASURES[name](whole, row)
        without = [MEASURES[name](other, row) for other in others]
        spread = statistics.pstdev(without) * math.sqrt(len(parts) - 1)
        error = max(spread, seldom * max(1.0, abs(exact)))
        found.append(Deviation(name, exact, mean, (mean - exact) / error))
    return whole.arrived, found


def _counted(tallies: Tallies) -> Counted:
    """
    Take what is measured from the tallies of a replication.
    """
    group = tallies.classes[0]
    calls = group.calls
    waits = (calls.answered_waits, calls.abandoned_waits)
    bins = zip_longest(group.answered_bins, group.abandoned_bins, fillvalue=0)
    return Counted(
        time_ms=tallies.window_ms,
        arrived=calls.arrived,
        blocked=calls.outcomes[10],
        delayed=calls.delayed,
        answered=calls.outcomes[0],
        abandoned=calls.outcomes[1],
        answered_soon=calls.answered_within[0],
        abandoned_soon=calls.abandoned_within[0],
        answered_ms=calls.answered_waits.sum_ms,
        abandoned_ms=calls.abandoned_waits.sum_ms,
        squares=sum(part.sum_of_squares for part in waits),
        line_ms=tallies.queues[0].line_ms,
        talk_ms=sum(agent.talk_ms for agent in tallies.agents),
        bins=tuple(map(sum, bins)),
    )


def _sum(parts: Sequence[Counted]) -> Counted:
    *numbers, bins = zip(*parts, strict=True)
    sums: list[Any] = [sum(each) for each in numbers]
    together = map(sum, zip_longest(*bins, fillvalue=0))
    return Counted._make([*sums, tuple(together)])


def _waits_s(counted: Counted) -> float:
    return (counted.answered_ms + counted.abandoned_ms) / 1000


def _deviation_s(counted: Counted, _: Row) -> float:
    count = counted.answered + counted.abandoned
    mean_ms = _waits_s(counted) * 1000 / count
    return math.sqrt(counted.squares / count - mean_ms * mean_ms) / 1000


def _quantile_s(share: float) -> Measure:
    """
    Measure the wait that so many do not exceed, from the bins.
    """

    def measure(counted: Counted, _: Row) -> float:
        left = share * sum(counted.bins)
        for number, count in enumerate(counted.bins):
            if count >= left:
                least_ms, next_ms = bin_bounds(number)
                inside = 0 if number == 0 else left / count
                return (least_ms + inside * (next_ms - least_ms)) / 1000
            left -= count
        raise AssertionError("some bin has the last call")

    return measure


MEASURES: dict[str, Measure] = {
    "agent_occupancy_fraction": lambda c, row: c.talk_ms / c.time_ms / row.agents,
    "mean_busy_agents": lambda c, _: c.talk_ms / c.time_ms,
    "p_blocked": lambda c, _: c.blocked / c.arrived,
    "p_wait_gt_0": lambda c, _: c.delayed / c.arrived,
    "p_abandon": lambda c, _: c.abandoned / c.arrived,
    "p_abandon_within_threshold_all_arrivals": lambda c, _: (
        c.abandoned_soon / c.arrived
    ),
    "mean_wait_all_s": lambda c, _: _waits_s(c) / c.arrived,
    "mean_wait_given_wait_s": lambda c, _: _waits_s(c) / c.delayed,
    "mean_wait_served_s": lambda c, _: c.answered_ms / 1000 / c.answered,
    "mean_wait_abandoned_s": lambda c, _: c.abandoned_ms / 1000 / c.abandoned,
    "sd_wait_all_s": _deviation_s,
    "mean_queue_length_calls": lambda c, _: c.line_ms / c.time_ms,
    "mean_in_system_calls": lambda c, _: (c.line_ms + c.talk_ms) / c.time_ms,
    "sl_offered_answered_within_T_over_all_arrivals": lambda c, _: (
        c.answered_soon / c.arrived
    ),
    "sl_answered_within_T_over_answered": lambda c, _: c.answered_soon / c.answered,
    "sl_within_T_over_arrivals_minus_abandoned_within_T": lambda c, _: (
        c.answered_soon / (c.arrived - c.abandoned_soon)
    ),
    "wait_p50_s": _quantile_s(0.5),
    "wait_p90_s": _quantile_s(0.9),
    "wait_p99_s": _quantile_s(0.99),
}
"""By column of the file: how it comes from what was counted.

What a caller of endless patience would wait, the file's last service level, is not
measured: every caller here has their own patience.
"""

TITLES = (
    "row",
    "load by agent",
    "calls",
    "quantities",
    "worst of them",
    "simulated",
    "exact",
    "standard errors off",
)


def main(arguments: list[str] | None = None) -> int:
    """
    Play all rows, print the worst of each, and fail beyond the gate.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.erlang_rows")
    parser.add_argument("--replications", type=int, default=24)
    parser.add_argument("--calls", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", default="", help="only those that begin like this")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    if not options.data.is_file():
        sys.stdout.write("erlang_reference.csv is absent: nothing to compare with\n")
        return 1
    chosen = [row for row in rows(options.data) if row.id.startswith(options.rows)]
    assert options.rows or len(chosen) == ROWS, f"{len(chosen)} rows, not {ROWS}"
    sys.stdout.write(f"| {' | '.join(TITLES)} |\n|{' --- |' * len(TITLES)}\n")
    found: list[float] = []
    for row in chosen:
        calls, one = deviations(row, options.replications, options.calls, options.seed)
        assert len(one) == len(row.exact) > 0
        found += [deviation.errors for deviation in one]
        sys.stdout.write(_line(row, calls, one))
        sys.stdout.flush()
    spread = statistics.pstdev(found)
    worst = max(map(abs, found))
    sys.stdout.write(
        f"\n{len(chosen)} rows, {len(found)} quantities, worst {worst:.2f} standard"
        f" errors, standard deviation of all {spread:.2f}\n"
    )
    return 0 if worst <= 4 and 0.8 <= spread <= 1.5 else 1


def _line(row: Row, calls: int, found: list[Deviation]) -> str:
    """
    Write a row of the table: its worst quantity.
    """
    worst = max(found, key=lambda deviation: abs(deviation.errors))
    cells = (
        row.id,
        f"{row.load:.3f}",
        f"{calls:,}",
        str(len(found)),
        worst.quantity.replace("_", " "),
        f"{worst.mean:.5g}",
        f"{worst.exact:.5g}",
        f"{worst.errors:+.2f}",
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    raise SystemExit(main())
