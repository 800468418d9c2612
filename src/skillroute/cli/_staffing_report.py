"""
A search for staffing, as a table for people and as an object for programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ..simulation import Estimate, Staffing, StaffingPoint, staffing_words

__all__ = ["point_line", "staffing_lines", "staffing_object"]


def point_line(point: StaffingPoint) -> str:
    """
    Write one point.
    """
    mark = "reached" if point.reached else "       "
    level = _percent(point.levels[point.worst])
    return (
        f"{point.cost:>12,.0f}  {point.hours:>9,.1f} h  {level:>14}  {mark}"
        f"  {staffing_words(point)}  ({point.worst} is lowest)"
    )


def staffing_lines(staffing: Staffing) -> Iterator[str]:
    """
    Write a search: every point by its cost, and what was found.
    """
    _, definition, limit_s = staffing.measure.split()
    goal = f"{100 * staffing.target:g} % in {limit_s} s ({definition})"
    start = ", ".join(f"{count} {name}" for name, count in staffing.start.items())
    yield click.style(f"Staffing for {goal}", bold=True)
    yield f"by Erlang's formula, each group alone: {start}"
    yield ""
    yield f"{'cost':>12}  {'on shift':>11}  {'lowest level':>14}"
    yield from map(point_line, sorted(staffing.points, key=lambda each: each.cost))
    yield ""
    if staffing.best is None:
        yield "No staffing within the limits of the groups reaches it."
    else:
        found = staffing_words(staffing.best)
        yield click.style(f"Cheapest: {found}", bold=True)
        yield f"at {staffing.best.cost:,.0f}, {staffing.best.hours:,.1f} hours on shift"
    played = len(staffing.points) * staffing.replications
    yield f"{len(staffing.points)} points, {played:,} replications played"


def staffing_object(staffing: Staffing) -> dict[str, Any]:
    """
    Make the object that ``simulate --staff --json`` prints.
    """
    _, definition, limit_s = staffing.measure.split()
    return {
        "version": 1,
        "target": staffing.target,
        "definition": definition,
        "threshold_s": float(limit_s),
        "replications": staffing.replications,
        "start": dict(staffing.start),
        "points": [_point(point) for point in staffing.points],
        "best": None if staffing.best is None else _point(staffing.best),
    }


def _point(point: StaffingPoint) -> dict[str, Any]:
    return {
        "counts": dict(point.counts),
        "hours": point.hours,
        "cost": point.cost,
        "worst": point.worst,
        "reached": point.reached,
        "levels": {
            name: {"value": level.value, "low": level.low, "high": level.high}
            for name, level in point.levels.items()
        },
    }


def _percent(level: Estimate) -> str:
    half = level.half_width
    beside = "" if half is None else f" ±{100 * half:.1f}"
    return f"{100 * (level.value or 0.0):.1f}{beside} %"
