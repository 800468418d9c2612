"""
The page of measured figures, from the record of a whole run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from skillroute.bench import Report, Row, read_report
from skillroute.bench.bars import judge
from skillroute.bench.text import figure

from . import texts
from .source import GENERATED, table

RECORD = Path(__file__).resolve().parents[2] / "benches" / "record" / "full.json"


def page() -> str:
    """
    Write the page.
    """
    report = read_report(RECORD.read_bytes())
    return "".join((GENERATED, texts.MEASURED, *_parts(report)))


def _parts(report: Report) -> Iterator[str]:
    yield _machine(report)
    peers = sorted(report.peers.items())
    yield "\n## Peers\n\n"
    yield table(("name", "what it is"), [(f"`{name}`", text) for name, text in peers])
    if report.skipped:
        skipped = sorted(report.skipped.items())
        yield "\nNot timed on that machine:\n\n"
        yield "".join(f"- `{name}`: {reason}.\n" for name, reason in skipped)
    yield texts.MEASURED_ROWS
    for name in dict.fromkeys(row.name for row in report.rows):
        rows = [row for row in report.rows if row.name == name]
        yield f"\n### `{name}`\n\n{_table(rows, report.backend)}"
    yield "\n## Memory\n\n"
    yield table(
        ("pool", "agents", "tags", "bytes an agent"),
        [
            (
                f"`{row.name}`",
                f"{row.size:,}",
                f"{row.tags:,}",
                f"{row.bytes_per_agent:,}" if row.bytes_per_agent else row.why_not,
            )
            for row in report.memory
        ],
    )
    yield texts.MEASURED_BARS
    yield table(
        ("bar", "what", "must be", "measured", ""),
        [
            (
                str(verdict.bar),
                verdict.what,
                verdict.must,
                verdict.figure,
                {True: "held", False: "**missed**", None: "not measured"}[verdict.held],
            )
            for verdict in judge(report)
        ],
    )


def _machine(report: Report) -> str:
    machine = report.machine
    load = "unknown" if machine.load_before is None else f"{machine.load_before:g}"
    memory = f", {machine.memory_gib} GiB" if machine.memory_gib else ""
    return (
        f"- Recorded {report.date[:10]}, a {report.effort} run.\n"
        f"- {machine.processor}, {machine.cpus} CPUs{memory}, {machine.system}.\n"
        f"- {machine.python}, backend `{report.backend}`, {report.build} build.\n"
        f"- Load of the machine before: {load}.\n"
        f"- One reading of the clock takes {machine.clock_ns:g} ns.\n"
    )


def _table(rows: list[Row], backend: str) -> str:
    """
    Write a column for each size and a line for each contender, the nearest first.
    """
    nearest: dict[str, float] = {}
    for row in rows:
        for peer, ratio in row.vs.items():
            nearest[peer] = max(ratio, nearest.get(peer, 0))
    written = [
        (f"**{backend}**, ns", *(figure(row.ns_p50) for row in rows)),
        ("99 %, ns", *(figure(row.ns_p99) for row in rows)),
    ]
    written += [
        (
            f"`{peer}`",
            *(f"{figure(r.vs[peer])}x" if peer in r.vs else "-" for r in rows),
        )
        for peer in sorted(nearest, key=nearest.__getitem__)
    ]
    return table(("", *(f"{row.size:,}" for row in rows)), written)
