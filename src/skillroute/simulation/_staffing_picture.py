"""
A search for staffing as a picture: what each point costs, and what it reaches.
"""

from __future__ import annotations

from pathlib import Path

from ._pictures import BLUE, GREY, ORANGE, matplotlib_pyplot
from ._staffing import Staffing, StaffingPoint

__all__ = ["draw_staffing", "staffing_words"]


def staffing_words(point: StaffingPoint) -> str:
    """
    Write who is there, such as ``3 cards, 1 both``.
    """
    return ", ".join(f"{count} {name}" for name, count in point.counts.items())


def draw_staffing(staffing: Staffing, file: Path) -> None:
    """
    Draw a search: cost against the lowest service level, with 95 % intervals.

    Args:
        staffing: With at least one point.
        file: Where to; ``.svg`` or ``.png``.

    Raises:
        ImportError: matplotlib is not there.
    """
    plt = matplotlib_pyplot()
    figure, axis = plt.subplots(figsize=(9, 5.6), layout="constrained")
    for reached, colour, marker, label in (
        (True, BLUE, "o", "reaches the target"),
        (False, ORANGE, "x", "does not"),
    ):
        points = [each for each in staffing.points if each.reached is reached]
        lowest = [each.levels[each.worst] for each in points]
        axis.errorbar(
            [each.cost for each in points],
            [100 * (level.value or 0.0) for level in lowest],
            yerr=[100 * (level.half_width or 0.0) for level in lowest],
            fmt=marker,
            color=colour,
            capsize=3,
            label=label,
        )
    axis.axhline(100 * staffing.target, color=GREY, linestyle=":", linewidth=1)
    if staffing.best is not None:
        level = staffing.best.levels[staffing.best.worst].value or 0.0
        axis.plot(
            staffing.best.cost,
            100 * level,
            "o",
            markersize=15,
            markerfacecolor="none",
            markeredgecolor="black",
            label=f"cheapest: {staffing_words(staffing.best)}",
        )
    _, definition, limit_s = staffing.measure.split()
    name = definition.replace("_", " ")
    axis.set_title(
        f"Staffing for {100 * staffing.target:g} % in {limit_s} s ({name}):"
        f" {len(staffing.points)} points of {staffing.replications} replications"
    )
    axis.set_xlabel("cost: agents times hours on shift times cost of an hour")
    axis.set_ylabel("lowest service level, % (bars: 95 % interval)")
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=3)
    metadata = {"Date": None} if file.suffix == ".svg" else None
    figure.savefig(file, dpi=120, metadata=metadata)
    plt.close(figure)
