"""
Replications beside exact formulas: ``python -m tests.simulation.erlang_rows``.

Every row of ``erlang_reference.csv`` (Erlang B, C and A, computed by two formulas
each) is played through the whole engine, in replications long enough for the load.  A
quantity passes within four standard errors; over all of them the deviations must be
spread as chance spreads them, so that neither a bias nor a wrong variance can hide.
"""

from __future__ import annotations

import argparse
import csv
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from skillroute.contract import Party
from skillroute.plan import parse_plan
from skillroute.simulation import (
    CallTally,
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
BUSY = 0.98
"""From this load on, runs are strongly correlated and are made longer."""


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


Measure = Callable[[Tallies, Row], tuple[float, float]]


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
    warm_up_s = 10 * memory_s
    counted_s = max(
        calls / row.arrivals_per_s, (100 if row.load >= BUSY else 60) * memory_s
    )
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


def deviations(row: Row, replications: int, calls: int, seed: int) -> list[Deviation]:
    """
    Play a row, and compare each of its quantities.
    """
    # Equal seeds would give all rows the same callers, and deviate them alike.
    own_seed = (seed << 32) + int.from_bytes(row.id.encode())
    compiled, data = plan(row), scenario(row, calls, own_seed)
    played = [run_replication(compiled, data, number) for number in range(replications)]
    found = []
    for name, exact in row.exact.items():
        parts = [MEASURES[name](tallies, row) for tallies in played]
        below = statistics.fmean(part[1] for part in parts)
        # The ratio of sums: a mean of ratios is wrong where many calls wait long.
        mean = statistics.fmean(part[0] for part in parts) / below
        left = [above - mean * each_below for above, each_below in parts]
        # What happens to one call in a hundred thousand may happen in no replication.
        seldom = max(1.0, abs(exact)) / max(1, min(map(_arrived, played)))
        spread = max(statistics.stdev(left) / below, seldom)
        errors = (mean - exact) / (spread / math.sqrt(len(parts)))
        found.append(Deviation(name, exact, mean, errors))
    return found


def _calls(tallies: Tallies) -> CallTally:
    return tallies.classes[0].calls


def _arrived(tallies: Tallies) -> int:
    return _calls(tallies).arrived


def _waits_ms(tallies: Tallies) -> int:
    calls = tallies.classes[0].calls
    return calls.answered_waits.sum_ms + calls.abandoned_waits.sum_ms


def _deviation_ms(tallies: Tallies) -> float:
    calls = tallies.classes[0].calls
    parts = (calls.answered_waits, calls.abandoned_waits)
    count = sum(part.count for part in parts)
    mean = sum(part.sum_ms for part in parts) / count
    return math.sqrt(sum(part.sum_of_squares for part in parts) / count - mean * mean)


def _quantile_s(tallies: Tallies, share: float) -> float:
    """
    Return the wait that so many do not exceed, from the bins.
    """
    group = tallies.classes[0]
    bins = [0] * max(len(group.answered_bins), len(group.abandoned_bins))
    for part in (group.answered_bins, group.abandoned_bins):
        for number, count in enumerate(part):
            bins[number] += count
    left = share * sum(bins)
    for number, count in enumerate(bins):
        if count >= left:
            least_ms, next_ms = bin_bounds(number)
            inside = 0 if number == 0 else left / count
            return (least_ms + inside * (next_ms - least_ms)) / 1000
        left -= count
    raise AssertionError("some bin has the last call")


def _talk_ms(tallies: Tallies) -> int:
    return sum(agent.talk_ms for agent in tallies.agents)


MEASURES: dict[str, Measure] = {
    "agent_occupancy_fraction": lambda t, row: (_talk_ms(t), t.window_ms * row.agents),
    "mean_busy_agents": lambda t, _: (_talk_ms(t), t.window_ms),
    "p_blocked": lambda t, _: (_calls(t).outcomes[10], _arrived(t)),
    "p_wait_gt_0": lambda t, _: (_calls(t).delayed, _arrived(t)),
    "p_abandon": lambda t, _: (_calls(t).outcomes[1], _arrived(t)),
    "p_abandon_within_threshold_all_arrivals": lambda t, _: (
        _calls(t).abandoned_within[0],
        _arrived(t),
    ),
    "mean_wait_all_s": lambda t, _: (_waits_ms(t) / 1000, _arrived(t)),
    "mean_wait_given_wait_s": lambda t, _: (_waits_ms(t) / 1000, _calls(t).delayed),
    "mean_wait_served_s": lambda t, _: (
        _calls(t).answered_waits.sum_ms / 1000,
        _calls(t).outcomes[0],
    ),
    "mean_wait_abandoned_s": lambda t, _: (
        _calls(t).abandoned_waits.sum_ms / 1000,
        _calls(t).outcomes[1],
    ),
    "sd_wait_all_s": lambda t, _: (_deviation_ms(t) / 1000, 1),
    "mean_queue_length_calls": lambda t, _: (t.queues[0].line_ms, t.window_ms),
    "mean_in_system_calls": lambda t, _: (
        t.queues[0].line_ms + _talk_ms(t),
        t.window_ms,
    ),
    "sl_offered_answered_within_T_over_all_arrivals": lambda t, _: (
        _calls(t).answered_within[0],
        _arrived(t),
    ),
    "sl_answered_within_T_over_answered": lambda t, _: (
        _calls(t).answered_within[0],
        _calls(t).outcomes[0],
    ),
    "sl_within_T_over_arrivals_minus_abandoned_within_T": lambda t, _: (
        _calls(t).answered_within[0],
        _arrived(t) - _calls(t).abandoned_within[0],
    ),
    "wait_p50_s": lambda t, _: (_quantile_s(t, 0.5), 1),
    "wait_p90_s": lambda t, _: (_quantile_s(t, 0.9), 1),
    "wait_p99_s": lambda t, _: (_quantile_s(t, 0.99), 1),
}
"""By column of the file: (numerator, denominator) of a replication.

What a caller of endless patience would wait, the file's last service level, is not
measured: every caller here has their own patience.
"""


def main(arguments: list[str] | None = None) -> int:
    """
    Play all rows, print the worst of each, and fail beyond the gate.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.erlang_rows")
    parser.add_argument("--replications", type=int, default=48)
    parser.add_argument("--calls", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", default="", help="only those that begin like this")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    if not options.data.is_file():
        sys.stdout.write("erlang_reference.csv is absent: nothing to compare with\n")
        return 1
    found: list[float] = []
    for row in rows(options.data):
        if row.id.startswith(options.rows):
            begun = time.monotonic()
            one = deviations(row, options.replications, options.calls, options.seed)
            found += [deviation.errors for deviation in one]
            took_s = time.monotonic() - begun
            sys.stdout.write("".join(f"{line}\n" for line in _lines(row, one, took_s)))
            sys.stdout.flush()
    spread = statistics.pstdev(found)
    worst = max(map(abs, found))
    sys.stdout.write(
        f"{len(found)} quantities, worst {worst:.2f} standard errors,"
        f" spread {spread:.2f}\n"
    )
    return 0 if worst <= 4 and 0.8 <= spread <= 1.5 else 1


def _lines(row: Row, found: list[Deviation], took_s: float) -> Iterator[str]:
    worst = max(found, key=lambda deviation: abs(deviation.errors))
    yield (
        f"{row.id} load {row.load:.3f}, {len(found)} quantities in {took_s:.1f} s,"
        f" worst {worst.quantity} {worst.mean:.6g} beside {worst.exact:.6g}:"
        f" {worst.errors:+.2f} standard errors"
    )


if __name__ == "__main__":
    raise SystemExit(main())
