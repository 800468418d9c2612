"""
Write one day of the bank as files: ``python -m tests.simulation.bank_day``.

They then run through
``skillroute demo --plan plan.toml --calls calls.csv --fast --explain CALL``.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from tests.simulation.bank import day_of_calls, what_happened

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> None:
    """Write plan.toml and calls.csv, and print what really happened that day."""
    parser = argparse.ArgumentParser(description="Write one day of the bank as files.")
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    chosen = parser.parse_args()
    if not chosen.data.is_dir():
        parser.error(f"the data are not in {chosen.data}: name their folder by --data")
    day = day_of_calls(chosen.data, chosen.date)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "plan.toml").write_text(day.plan, "utf-8")
    (chosen.out / "calls.csv").write_text(day.calls, "utf-8")
    sys.stderr.write(f"wrote plan.toml and calls.csv to {chosen.out}\n")
    sys.stdout.write(f"what really happened: {what_happened(day.rows)}\n")


if __name__ == "__main__":
    main()
