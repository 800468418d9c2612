"""
A run as text for people: who, where, and a block for each thing that was timed.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .bars import Verdict
from .record import Comparison
from .report import Report, Row

__all__ = ["bar_lines", "comparison_lines", "figure", "head_lines", "report_lines"]

NAME_WIDTH = 22
CELL_WIDTH = 11
LIST_WIDTH = 76

CHECKED_BUILD = (
    "The core is a checked build, with overflow checks and less optimisation, as an",
    "editable installation has it: it is SLOWER than what a wheel brings.  For figures",
    "of a release build install a wheel.  In a checkout `nox -s bench` builds one:",
    "    PYTHONPATH=build/release python -m skillroute bench",
)

MEANING = (
    "Of ours: nanoseconds an operation, the median with the loop around it, then what",
    "99 % of single operations do not exceed, a reading of the clock included.",
    "Of a peer: how many times as long it takes; below 1 it is quicker than ours.",
    "A dash: not timed there.",
)


def head_lines(report: Report) -> Iterator[str]:
    """
    Say what ran, and on what.
    """
    machine = report.machine
    memory = f", {machine.memory_gib} GiB" if machine.memory_gib else ""
    yield f"{machine.processor}, {machine.cpus} CPUs{memory}, {machine.system}"
    yield f"{machine.python}, backend {report.backend}, build: {report.build}"
    yield f"{report.date}, {report.effort} run, clock {machine.clock_ns:g} ns"
    load = machine.load_before
    if load is not None and load > machine.cpus / 2:
        yield f"The machine was BUSY before (load {load:g}): run it again."
    if report.build == "checked":
        yield ""
        yield from CHECKED_BUILD


def report_lines(report: Report) -> Iterator[str]:
    """
    Write a whole run.
    """
    yield from head_lines(report)
    yield ""
    yield from MEANING
    blocks: dict[str, list[Row]] = defaultdict(list)
    for row in report.rows:
        blocks[row.name].append(row)
    for name, rows in blocks.items():
        yield ""
        yield from _block(name, rows, report.backend)
    yield from _memory(report)
    yield from _left_out(report)


def bar_lines(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """
    Write what must hold, what was measured, and whether it held.
    """
    listed = list(verdicts)
    width = max(len(verdict.what) for verdict in listed)
    yield f"bar  {'what':<{width}} {'must be':>9} {'measured':>10}"
    for verdict in listed:
        yield (
            f"{verdict.bar:>3}  {verdict.what:<{width}} {verdict.must:>9} "
            f"{verdict.figure:>10}  {_outcome(verdict)}"
        )


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """
    Write what is far worse than recorded.
    """
    for worse in comparison.regressions:
        yield (
            f"{worse.name}, {worse.size:,}: beside {worse.peer} {worse.measured:g}, "
            f"recorded {worse.recorded:g}"
        )
    yield (
        f"{comparison.compared} ratios compared with the record, "
        f"{len(comparison.regressions)} far below it"
    )


def _outcome(verdict: Verdict) -> str:
    if verdict.held is None:
        return "not measured"
    return "held" if verdict.held else "MISSED"


def _block(name: str, rows: list[Row], backend: str) -> Iterator[str]:
    """
    Write a table: a column for each size, a line for each peer, the nearest first.
    """
    yield f"{name:<{NAME_WIDTH + 6}}" + _cells(f"{row.size:,}" for row in rows)
    yield _line(backend, "ns", (figure(row.ns_p50) for row in rows))
    yield _line("", "99 %", (figure(row.ns_p99) for row in rows))
    nearest: dict[str, float] = {}
    for row in rows:
        for peer, ratio in row.vs.items():
            nearest[peer] = max(ratio, nearest.get(peer, 0))
    for peer in sorted(nearest, key=nearest.__getitem__):
        cells = (figure(row.vs[peer]) if peer in row.vs else "-" for row in rows)
        yield _line(peer, "x", cells)


def _line(name: str, unit: str, cells: Iterable[str]) -> str:
    return f"  {name:<{NAME_WIDTH - 3}}{unit:>6} " + _cells(cells)


def _cells(texts: Iterable[str]) -> str:
    return "".join(f"{text:>{CELL_WIDTH}}" for text in texts)


def _memory(report: Report) -> Iterator[str]:
    if report.memory:
        yield ""
        yield "memory of the pool"
    for row in report.memory:
        if row.bytes_per_agent is None:
            taken = f"not measured: {row.why_not}"
        else:
            taken = f"{row.bytes_per_agent:,} bytes an agent"
        yield f"  {row.name}, {row.size:,} agents, {row.tags:,} tags: {taken}"


def _left_out(report: Report) -> Iterator[str]:
    """
    Say who was not timed, and why: none is left out in silence.
    """
    where: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for row in report.rows:
        for peer, reason in row.left_out.items():
            peers, rows = where.setdefault(reason, ({}, {}))
            peers[peer] = None
            rows[f"{row.name} {row.size:,}"] = None
    if report.skipped or where:
        yield ""
        yield "not timed"
    for peer, reason in report.skipped.items():
        yield f"  {peer}: {reason}"
    for reason, (peers, rows) in where.items():
        yield f"  {', '.join(peers)}: {reason}"
        for line in textwrap.wrap(", ".join(rows), LIST_WIDTH):
            yield f"      {line}"


def figure(value: float) -> str:
    """
    Write a number with about as many digits as mean anything.
    """
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 1:
        return f"{value:.1f}"
    return f"{value:.2g}"
