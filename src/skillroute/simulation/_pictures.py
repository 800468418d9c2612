"""
The result of a study as a picture: the day, the waits, the agents.

Bands and bars are 95 % intervals.  Colours are those of Okabe and Ito, which people
with any colour vision can tell apart; of two plans the second is dashed, too.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from ._confidence import Estimate
from ._measures import Group
from ._result import ArmResult, StudyResult
from ._tallies import bin_bounds

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "cannot_draw",
    "draw_study",
    "matplotlib_pyplot",
]

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#777777"

_COLOURS = (BLUE, ORANGE)
_LINES = ("-", "--")
_GREEN = "#009E73"
_QUEUES_MAX = 12
# So many places of a tick label fit beside each other.
_TICKS_MAX = 8


def cannot_draw() -> str:
    """
    Say what is missing; empty: nothing is.
    """
    return "" if importlib.util.find_spec("matplotlib") else "matplotlib"


def draw_study(result: StudyResult, file: Path) -> None:
    """
    Draw service level and wait by time of day, waits, occupancy, and staffing.

    Args:
        result: Of a whole study.
        file: Where to; ``.svg`` or ``.png``.

    Raises:
        ImportError: matplotlib is not there.
    """
    plt = matplotlib_pyplot()
    figure, axes = plt.subplots(2, 3, figsize=(15, 8.4), layout="constrained")
    draws: Sequence[Callable[[Any, StudyResult], None]] = (
        _service_level,
        _wait,
        _distribution,
        _staffing,
        _occupancy,
        _queues,
    )
    for axis, draw in zip(axes.flat, draws, strict=True):
        draw(axis, result)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    plans = " and ".join(arm.plan for arm in result.arms)
    study = result.study
    figure.suptitle(
        f"{study.scenario} under {plans}: {study.replications:,} replications,"
        f" seed {study.seed}; bands are 95 % intervals",
        fontsize=12,
    )
    if len(result.arms) > 1:
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    metadata = {"Date": None} if file.suffix == ".svg" else None
    figure.savefig(file, dpi=120, metadata=metadata)
    plt.close(figure)


def matplotlib_pyplot() -> Any:
    """
    Import matplotlib for files, with settings under which equal pictures are equal.
    """
    import matplotlib as mpl  # noqa: PLC0415 - optional, and slow to import

    mpl.use("Agg")
    # Equal pictures are equal files.
    mpl.rcParams["svg.hashsalt"] = "skillroute"
    mpl.rcParams["font.size"] = 10
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    return plt


def _service_level(axis: Any, result: StudyResult) -> None:
    study = result.study
    limit_s = study.thresholds_ms[0] / 1000
    name = study.definition.replace("_", " ")
    _by_time(axis, result, result.shown, 100, 100)
    axis.set_title(f"Service level: {name}, {limit_s:g} s")
    axis.set_ylabel("% of calls")
    axis.set_ylim(0, 102)


def _wait(axis: Any, result: StudyResult) -> None:
    _by_time(axis, result, "asa_s", 1)
    axis.set_title("Mean wait of answered calls")
    axis.set_ylabel("seconds")
    axis.set_ylim(bottom=0)


def _occupancy(axis: Any, result: StudyResult) -> None:
    _by_time(axis, result, "occupancy", 100)
    axis.set_title("Occupancy: ringing, talking, wrapping up")
    axis.set_ylabel("% of the time on shift, without breaks")
    axis.set_ylim(bottom=0)


def _by_time(
    axis: Any,
    result: StudyResult,
    measure: str,
    scale: float,
    most: float = math.inf,
) -> None:
    """
    Draw a measure by interval of the day, one line a plan; nothing above *most*.
    """
    for number, arm in enumerate(result.arms):
        found = [
            arm.figures["interval", name].get(measure) for name in arm.names("interval")
        ]
        spans = _Spans(_middles(result, len(found)), found, scale, most)
        _band(axis, number, arm.plan, spans)
    _clock(axis, result)


class _Spans(NamedTuple):
    """
    What a line with its band is drawn from.
    """

    places: Sequence[float]
    estimates: Sequence[Estimate | None]
    scale: float
    most: float


def _band(
    axis: Any,
    number: int,
    label: str,
    spans: _Spans,
) -> None:
    nothing = float("nan")
    values, lows, highs = (
        [
            nothing
            if (value := getattr(each, part, None)) is None
            else min(max(spans.scale * value, 0), spans.most)
            for each in spans.estimates
        ]
        for part in ("value", "low", "high")
    )
    colour = _COLOURS[number]
    axis.plot(
        spans.places,
        values,
        _LINES[number],
        color=colour,
        label=label,
        marker="o",
        markersize=3,
    )
    axis.fill_between(spans.places, lows, highs, color=colour, alpha=0.18, linewidth=0)


def _middles(result: StudyResult, count: int) -> list[float]:
    """
    Return the middles of intervals, in hours since the start.
    """
    return [(number + 0.5) * result.interval_ms / 3_600_000 for number in range(count)]


def _clock(axis: Any, result: StudyResult) -> None:
    """
    Label hours since the start as times of day.
    """
    count = len(result.arms[0].names("interval"))
    step = max(1, -(-count // _TICKS_MAX))
    # Full hours are easier to read than 45 minutes past.
    per_hour = max(1, round(3_600_000 / result.interval_ms))
    step = -(-step // per_hour) * per_hour if step > 1 else step
    numbers = range(0, count + 1, step)
    axis.set_xticks(
        [number * result.interval_ms / 3_600_000 for number in numbers],
        [f"{result.clock(number):%H:%M}" for number in numbers],
    )
    axis.set_xlim(0, count * result.interval_ms / 3_600_000)
    axis.set_xlabel("time of day")


def _distribution(axis: Any, result: StudyResult) -> None:
    longest_s = 1.0
    for number, arm in enumerate(result.arms):
        bins = arm.waits
        total = sum(bins)
        if not total:
            continue
        left = [100 * (total - passed) / total for passed in accumulate(bins)]
        ends_s = [bin_bounds(place)[1] / 1000 for place in range(len(bins))]
        colour = _COLOURS[number]
        axis.step(ends_s, left, _LINES[number], where="post", color=colour)
        # What one call in 500 waits for would squeeze the rest.
        ends = (end for end, part in zip(ends_s, left, strict=True) if part < 0.2)
        longest_s = max(longest_s, next(ends, ends_s[-1]))
    for limit_ms in result.study.thresholds_ms:
        axis.axvline(limit_ms / 1000, color=GREY, linestyle=":", linewidth=1)
    axis.set_title("Waits of answered calls")
    axis.set_xlabel("seconds (dotted: thresholds)")
    axis.set_ylabel("% that waited longer")
    axis.set_xlim(0, longest_s)
    axis.set_ylim(0, 100)


def _staffing(axis: Any, result: StudyResult) -> None:
    arm = result.arms[0]
    names = arm.names("interval")
    edges = [
        number * result.interval_ms / 3_600_000 for number in range(len(names) + 1)
    ]
    handling = arm.figures["total", ""]["aht_s"].value or 0.0
    offered = [
        _offered(arm.observations.groups["interval", name], handling) for name in names
    ]
    axis.fill_between(
        edges,
        [*offered, offered[-1]],
        step="post",
        color=GREY,
        alpha=0.35,
        linewidth=0,
        label="offered: calls times handling",
    )
    for number, each in enumerate(result.arms):
        present = [
            _present(each.observations.groups["interval", name][0]) for name in names
        ]
        label = "staffed: on shift, not on a break"
        if len(result.arms) > 1:
            label = f"staffed, {each.plan}"
        axis.step(
            edges,
            [*present, present[-1]],
            _LINES[number],
            where="post",
            color=_COLOURS[number],
            label=label,
        )
    _clock(axis, result)
    axis.set_title("Offered against staffed")
    axis.set_ylabel("agents")
    # Room for the legend above whatever is drawn.
    axis.set_ylim(0, 1.3 * axis.get_ylim()[1])
    axis.legend(loc="upper right", fontsize=8, framealpha=0.9)


def _offered(groups: Sequence[Group], handling_s: float) -> float:
    """
    Return how many agents the calls of an interval keep busy, on average.
    """
    calls = sum(group.calls.arrived for group in groups if group.calls)
    return calls / len(groups) * handling_s * 1000 / groups[0].window_ms


def _present(group: Group) -> float:
    """
    Return how many agents are on shift and on no break, on average.
    """
    agents = group.agents
    if agents is None:
        return 0.0
    return (agents.staffed_ms - agents.paused_ms) / group.window_ms


def _queues(axis: Any, result: StudyResult) -> None:
    names = _busiest(result.arms[0])
    for number, arm in enumerate(result.arms):
        offset = 0.0 if len(result.arms) == 1 else (-0.15, 0.15)[number]
        for place, name in enumerate(names):
            estimate = arm.figures.get(("queue", name), {}).get(result.shown)
            if estimate is None or estimate.value is None:
                continue
            half = 100 * (estimate.half_width or 0)
            axis.errorbar(
                100 * estimate.value,
                place + offset,
                xerr=half,
                fmt="os"[number],
                color=_COLOURS[number],
                capsize=4,
            )
    axis.axvline(80, color=_GREEN, linestyle=":", linewidth=1)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlim(0, 102)
    axis.set_title("Service level by queue (dotted: 80 %)")
    axis.set_xlabel("% of calls")


def _busiest(arm: ArmResult) -> list[str]:
    """
    Return the queues with the most calls, busiest first.
    """
    offered = {
        name: arm.figures["queue", name]["offered"].value or 0.0
        for name in arm.names("queue")
    }
    by_calls = sorted(offered, key=lambda name: -offered[name])
    return [name for name in by_calls if offered[name]][:_QUEUES_MAX]
