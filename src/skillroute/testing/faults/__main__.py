"""
Run seeds of the fault simulation.

``python -m skillroute.testing.faults --seed 1 --seeds 2000 --events 5000`` runs them on
all processors.  Exit code 0: nothing broke; 1: something did, printed with its seed,
which leads there again; 2: nothing was run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .mix import FAULTS
from .place import JUDGED_EVERY
from .planted import PLANTED, SOUND
from .run import Outcome, run_seed

__all__ = ["main"]

CHUNK = 4
"""Seeds that a process takes at a time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run seeds until one breaks something, or all are done.
    """
    options = _options(arguments)
    if options.seeds < 1 or options.events < 1:
        print("nothing to run", file=sys.stderr)
        return 2
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp())
    run = partial(
        run_seed,
        length=options.events,
        planted=PLANTED[options.planted] if options.planted else SOUND,
        kept=options.kept,
        backend=options.backend,
        folder=folder,
        judged_every=options.judged_every,
        flood=options.flood,
    )
    seeds = range(options.seed, options.seed + options.seeds)
    total = _Total()
    try:
        if options.jobs == 1:
            found = _first_broken(map(run, seeds), total, options.seeds)
        else:
            with ProcessPoolExecutor(options.jobs) as pool:
                outcomes = pool.map(run, seeds, chunksize=CHUNK)
                found = _first_broken(outcomes, total, options.seeds)
                pool.shutdown(wait=False, cancel_futures=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started
    total.say(options.seed, seconds)
    return 1 if found else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m skillroute.testing.faults")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--events", type=int, default=2_000, help="of each seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--backend", default="", help="rust, python or cython")
    parser.add_argument(
        "--kept", type=Path, help="a journal of an earlier version, for F17"
    )
    parser.add_argument(
        "--judged-every",
        type=int,
        default=JUDGED_EVERY,
        help="in one seed of so many the books judge every event",
    )
    parser.add_argument("--flood", type=int, default=0, help="calls at one instant")
    parser.add_argument("--planted", choices=sorted(PLANTED), help="to be found")
    return parser.parse_args(arguments)


class _Total:
    """
    What all runs looked at.
    """

    def __init__(self) -> None:
        self.seeds = self.events = self.judged = 0
        self.injected: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """
        Add one run.
        """
        self.seeds += 1
        self.events += outcome.events
        self.judged += outcome.judged
        self.injected.update(outcome.injected)
        for what, times in outcome.outcomes.items():
            self.outcomes[what.partition(":")[0]] += times

    def say(self, first: int, seconds: float) -> None:
        """
        Print it.
        """
        print(
            f"{self.seeds} seeds from {first}, {self.events} events in {seconds:.0f} s;"
            f" every event judged in {self.judged} of them"
        )
        for fault, text in FAULTS.items():
            print(f"  {fault:4}{self.injected[fault]:>10}  {text}")
        ends = ", ".join(f"{what} {n}" for what, n in sorted(self.outcomes.items()))
        print(f"  calls: {ends}")


def _first_broken(outcomes: Iterable[Outcome], total: _Total, seeds: int) -> bool:
    """
    Add outcomes up to the first that broke something, and say how it is run again.
    """
    shows = sys.stderr.isatty()
    for outcome in outcomes:
        total.add(outcome)
        if shows:
            print(f"\r{total.seeds}/{seeds} seeds", end="", file=sys.stderr)
        if outcome.broken:
            print(f"seed {outcome.seed}, after {outcome.events} events:")
            for what in outcome.broken[:10]:
                print(f"  {what}")
            print(f"again: --seed {outcome.seed} --seeds 1, other options alike")
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
