"""
A run beside a recorded one: has a ratio become far worse?

Times differ between machines and hours; ratios to peers in the same run much less.
They still differ, with caches, compilers and neighbours, so only a ratio that is far
below the recorded one counts.
"""

from __future__ import annotations

import msgspec

from .report import Report

__all__ = ["FACTOR", "Comparison", "Regression", "compare"]

FACTOR = 3.0
"""
A ratio may be so many times less than the recorded one.

Between five quick runs on one machine, at different loads, some ratios differed by
2 and none by 3; a structure that was lost, such as an index that is no longer used,
costs 10 and more.
"""

# Not those whose time depends most on which agents and needs a run happens to reach.
STEADY_PEERS = (
    "heap_memo",
    "heap_no_memo",
    "heap_per_needs",
    "numpy_words",
    "scan_c",
    "scan_masks",
)
STEADY_MEASURES = ("select_", "whole_", "best_waiting_", "waiting_")


class Regression(msgspec.Struct, frozen=True, kw_only=True):
    """
    A ratio that is far below the recorded one.
    """

    name: str
    size: int
    peer: str
    recorded: float
    measured: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of the recorded ratios.
    """

    compared: int
    regressions: tuple[Regression, ...]


def compare(report: Report, recorded: Report, factor: float = FACTOR) -> Comparison:
    """
    Compare the ratios that both runs have, of the peers that are steady.

    Args:
        report: The run.
        recorded: An earlier one.
        factor: A ratio may be so many times less.
    """
    compared = 0
    worse = []
    for row in report.rows:
        before = recorded.row(row.name, row.size)
        if before is None or not row.name.startswith(STEADY_MEASURES):
            continue
        for peer in STEADY_PEERS:
            if peer in row.vs and peer in before.vs:
                compared += 1
                if row.vs[peer] * factor < before.vs[peer]:
                    worse.append(
                        Regression(
                            name=row.name,
                            size=row.size,
                            peer=peer,
                            recorded=before.vs[peer],
                            measured=row.vs[peer],
                        )
                    )
    return Comparison(compared=compared, regressions=tuple(worse))
