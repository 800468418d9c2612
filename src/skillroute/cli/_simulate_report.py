"""
The result of a study, as tables for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from ..simulation import ArmResult, Estimate, StudyResult

__all__ = ["report_lines"]

_ROWS_MAX = 40
_COLUMNS = (
    ("offered", "offered", "count"),
    ("answered", "answered", "count"),
    ("abandoned", "abandoned", "count"),
    ("given_up", "given up", "count"),
    ("", "service level", "part"),
    ("asa_s", "mean wait", "time"),
    ("wait_p90_s", "90 % wait", "time"),
    ("aht_s", "handling", "time"),
    ("occupancy", "occupancy", "part"),
)
_OF_INTERVALS = tuple(
    column for column in _COLUMNS if column[0] not in {"given_up", "wait_p90_s"}
)
_WIDTH = 16


def report_lines(result: StudyResult, *, timed: bool = True) -> Iterator[str]:
    """
    Write a study: each plan's figures, then by how much the second is better or worse.

    Args:
        result: Of a whole study.
        timed: Also say how long it took, which differs from run to run.

    Yields:
        Lines.  Every figure has the half width of its 95 % interval beside it.
    """
    study = result.study
    for arm in result.arms:
        yield click.style(f"{study.scenario} under {arm.plan}", bold=True)
        yield from _arm(result, arm)
        yield ""
    if result.differences:
        first, second = (arm.plan for arm in result.arms)
        yield click.style(f"{second} less {first}, call by call", bold=True)
        rows = [
            (_title(key), figures)
            for key, figures in result.differences.items()
            if key[0] == "total" or (key[0] == "queue" and _has_calls(result, key))
        ]
        yield from _table(rows, result.shown, signed=True)
        yield ""
    limit_s = study.thresholds_ms[0] / 1000
    yield (
        f"service level: {study.definition}, {limit_s:g} s; waits are those of answered"
        " calls, ringing included"
    )
    yield (
        f"{study.replications:,} replications, seed {study.seed}, backend"
        f" {result.backend}; ± is the 95 % interval"
    )
    if timed and result.seconds:
        rate = result.events / result.seconds
        yield f"{result.events:,} events, {rate:,.0f} a second"


def _has_calls(result: StudyResult, key: tuple[str, str]) -> bool:
    return any(arm.figures[key]["offered"].value for arm in result.arms)


def _arm(result: StudyResult, arm: ArmResult) -> Iterator[str]:
    groups = [
        ("queue", name)
        for name in arm.names("queue")
        if arm.figures["queue", name]["offered"].value
    ]
    kinds = [("kind", name) for name in arm.names("kind")]
    rows = [
        (_title(key), arm.figures[key])
        for key in (*groups[:_ROWS_MAX], *kinds[:_ROWS_MAX], ("total", ""))
    ]
    yield from _table(rows, result.shown)
    yield from _agents(arm)
    yield from _intervals(result, arm)


def _title(key: tuple[str, str]) -> str:
    kind, name = key
    titles = {"queue": "queue ", "kind": "calls ", "tag": "tag "}
    return "all calls" if kind == "total" else titles.get(kind, "") + name


def _table(
    rows: Sequence[tuple[str, Mapping[str, Estimate]]],
    shown: str,
    *,
    columns: Sequence[tuple[str, str, str]] = _COLUMNS,
    signed: bool = False,
) -> Iterator[str]:
    width = max(len(title) for title, _ in rows)
    yield " " * width + "".join(f"{title:>{_WIDTH}}" for _, title, _ in columns)
    for title, figures in rows:
        cells = (
            _cell(figures.get(measure or shown), kind, signed=signed)
            for measure, _, kind in columns
        )
        yield f"{title:<{width}}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def _cell(estimate: Estimate | None, kind: str, *, signed: bool = False) -> str:
    if estimate is None or estimate.value is None:
        return "-"
    scale = 100 if kind == "part" else 1
    value = scale * estimate.value
    half = None if estimate.half_width is None else scale * estimate.half_width
    unit = {"part": " %", "time": " s", "count": ""}[kind]
    sign = "+" if signed else ""
    beside = "" if half is None else f" ±{half:,.1f}"
    return f"{value:{sign},.1f}{beside}{unit}"


def _agents(arm: ArmResult) -> Iterator[str]:
    names = arm.names("agent")
    if not 0 < len(names) <= _ROWS_MAX:
        return
    yield ""
    width = max(len(name) for name in names)
    for name in names:
        figures = arm.figures["agent", name]
        calls = _cell(figures["conversations"], "count")
        busy = _cell(figures["occupancy"], "part")
        yield f"{name:<{width}}  conversations {calls:>13}, occupied {busy:>13}"


def _intervals(result: StudyResult, arm: ArmResult) -> Iterator[str]:
    names = arm.names("interval")
    if not 1 < len(names) <= 2 * _ROWS_MAX:
        return
    yield ""
    rows = [
        (f"{result.clock(int(name)):%H:%M}", arm.figures["interval", name])
        for name in names
    ]
    yield from _table(rows, result.shown, columns=_OF_INTERVALS)
