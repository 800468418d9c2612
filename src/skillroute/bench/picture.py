"""
A run as a picture: nanoseconds by size, both logarithmic, a line for each contender.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .contenders import missing_modules
from .report import Report, Row

__all__ = ["cannot_draw", "draw"]

PANELS = (
    ("select_realistic", "select, realistic"),
    ("select_adversarial", "select, every agent different"),
    ("select_sparse", "select, one to five fit"),
    ("whole_realistic", "reserve and release, realistic"),
    ("whole_adversarial", "reserve and release, every agent different"),
    ("whole_sparse", "reserve and release, one to five fit"),
)
COLOURS = {
    "scan_sets": "#9c6b4e",
    "scan_masks": "#c98b5a",
    "sorted_list": "#8a8a8a",
    "sorted_list_memo": "#b07aa1",
    "heap_memo": "#2f7ed8",
    "heap_no_memo": "#8bbce8",
    "heap_memo_cython": "#17a398",
    "numpy": "#d9a400",
    "numpy_words": "#e8c95a",
    "scan_c": "#4f9d4f",
    "freeswitch_sql": "#d1495b",
    "python": "#555555",
    "cython": "#777777",
}
OURS = "#000000"


def cannot_draw() -> str:
    """
    Say what is missing; empty: nothing is.
    """
    return missing_modules("matplotlib")


def draw(report: Report, file: Path) -> None:
    """
    Draw a run.

    Args:
        report: With rows of at least one panel in two sizes, or lines are dots.
        file: Where to; ``.svg`` or ``.png``.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    panels = [
        (n, title) for n, title in PANELS if any(r.name == n for r in report.rows)
    ]
    columns = min(3, max(1, len(panels)))
    lines = max(1, -(-len(panels) // columns))
    figure, axes = plt.subplots(
        lines, columns, figsize=(4.6 * columns, 3.6 * lines + 1.3), squeeze=False
    )
    handles: dict[str, Any] = {}
    for axis, (name, title) in zip(axes.flat, panels, strict=False):
        rows = sorted((r for r in report.rows if r.name == name), key=_size)
        handles |= _panel(axis, rows, title, report.backend)
    for axis in list(axes.flat)[len(panels) :]:
        axis.set_visible(False)
    machine = report.machine
    figure.suptitle(
        f"skillroute.Pool ({report.backend}, {report.build} build) beside its peers\n"
        f"{machine.processor}, {machine.python}, {report.date[:10]}, {report.effort}",
        fontsize=11,
    )
    figure.legend(
        handles.values(), handles.keys(), loc="lower center", ncols=5, fontsize=9
    )
    figure.tight_layout(rect=(0, 0.75 / (3.6 * lines + 1.3), 1, 1))
    figure.savefig(file, dpi=130)
    plt.close(figure)


def _panel(axis: Any, rows: list[Row], title: str, backend: str) -> dict[str, Any]:
    """
    Draw one row name, and return its lines by the contender.
    """
    sizes = [row.size for row in rows]
    drawn = {}
    peers = dict.fromkeys(peer for row in rows for peer in row.vs)
    for peer in peers:
        points = [(r.size, r.vs[peer] * r.ns_p50) for r in rows if peer in r.vs]
        (drawn[peer],) = axis.plot(
            *zip(*points, strict=True),
            color=COLOURS.get(peer, "#bbbbbb"),
            marker="o",
            markersize=3,
            linewidth=1.3,
        )
    (drawn[f"skillroute ({backend})"],) = axis.plot(
        sizes,
        [row.ns_p50 for row in rows],
        color=OURS,
        marker="o",
        markersize=5,
        linewidth=2.8,
        zorder=5,
    )
    axis.set(xscale="log", yscale="log", title=title, xlabel="agents")
    axis.set_ylabel("ns an operation")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    axis.title.set_fontsize(10)
    return drawn


def _size(row: Row) -> int:
    return row.size
