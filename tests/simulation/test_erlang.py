"""Replications beside Erlang's formulas: a share of the rows, in seconds."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.simulation.erlang_rows import deviations, rows

QUICK = {
    "B03": 3_000,
    "B06": 3_000,
    "C04": 2_000,
    "C11": 8_000,
    "A03": 3_000,
    "A06": 4_000,
    "A09": 5_000,
    "A14": 8_000,
}
"""Rows, and calls of each replication."""
REPLICATIONS = 24


def test_what_is_simulated_is_what_the_formulas_say(shared: Path) -> None:
    """A simulation that is wrong about the simplest centre is wrong about all."""
    found = [
        deviation
        for row in rows(shared / "data" / "erlang_reference.csv")
        if row.id in QUICK
        for deviation in deviations(row, REPLICATIONS, QUICK[row.id], seed=11)[1]
    ]
    assert len(found) > 60
    # That of a share is wider than of all rows: the quantities of a row go together.
    assert [] == [deviation for deviation in found if abs(deviation.errors) > 4]
    assert 0.7 <= statistics.pstdev([deviation.errors for deviation in found]) <= 1.5
