"""What is made of a run: text, JSON, bars, a comparison, a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from skillroute import bench
from skillroute.bench.bars import judge
from skillroute.bench.machine import Machine, build_of
from skillroute.bench.memory import MemoryRow, measure_memory
from skillroute.bench.picture import draw
from skillroute.bench.record import FACTOR, compare
from skillroute.bench.report import Report, Row, read_report
from skillroute.bench.settings import (
    BARS,
    FULL_SETTINGS,
    QUICK_SETTINGS,
    ChoiceSetting,
    LineSetting,
    narrowed,
)
from skillroute.bench.text import bar_lines, head_lines, report_lines

REPOSITORY = Path(__file__).resolve().parents[3]
RECORDS = [
    file
    for file in sorted((REPOSITORY / "benches" / "record").glob("*.json"))
    if file.name not in {"instructions.json", "journal.json"}
]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["version", "machine", "backend", "rows"],
    "properties": {
        "version": {"const": 1},
        "machine": {"type": "object"},
        "backend": {"enum": ["rust", "cython", "python"]},
        "rows": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "size", "ns_p50", "ns_p99", "vs"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-z0-9_]+$"},
                    "size": {"type": "integer", "minimum": 1},
                    "ns_p50": {"type": "number", "exclusiveMinimum": 0},
                    "ns_p99": {"type": "number", "exclusiveMinimum": 0},
                    "vs": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "number",
                            "minimum": 0,
                        },
                    },
                },
            },
        },
    },
}
"""What whoever reads the JSON relies on."""


def row(name: str, size: int, ns: float = 100.0, **vs: float) -> Row:
    """Make a row of made-up figures."""
    return Row(
        name=name,
        size=size,
        tags=64,
        ns_p50=ns,
        ns_p99=2 * ns,
        ns_p999=3 * ns,
        vs=vs,
        checked=10,
    )


def report(
    *rows: Row, build: str = "release", load: float = 0.1, **more: Any
) -> Report:
    """Make a report of made-up figures."""
    return Report(
        date="2001-02-03T04:05:06+00:00",
        effort="quick",
        machine=Machine(
            processor="A Processor",
            cpus=2,
            memory_gib=None,
            system="Linux x86_64",
            python="CPython 3.11.0",
            load_before=load,
            clock_ns=50.0,
        ),
        backend="rust",
        build=build,
        peers={"heap_memo": "heaps", "numpy": "columns"},
        skipped={"numpy": "no numpy: install skillroute[bench]"},
        rows=rows,
        **more,
    )


def outcome(found: Report, what: str) -> bool | None:
    """Return the verdict of the one line that begins so."""
    (held,) = [v.held for v in judge(found) if v.what.startswith(what)]
    return held


def test_there_are_records() -> None:
    """The tests of records below inspect what they find."""
    assert ["full.json", "quick.json"] == [file.name for file in RECORDS]


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.name)
def test_the_json_has_the_form_that_others_rely_on(file: Path) -> None:
    """A record is what --output wrote."""
    data = file.read_bytes()
    jsonschema.validate(json.loads(data), SCHEMA)
    read = read_report(data)
    names = {"select_realistic", "select_adversarial", "select_sparse"}
    assert names | {"select_no_match", "call_whole"} <= {r.name for r in read.rows}
    assert ("rust", "release") == (read.backend, read.build)
    assert {} == read.skipped


def test_something_else_is_no_record() -> None:
    """A file of the wrong kind must not compare as nothing."""
    with pytest.raises(msgspec.DecodeError):
        read_report(b'{"version": 1}')


def test_the_quick_record_is_of_what_a_quick_run_measures() -> None:
    """Else the gate of CI compares nothing with nothing."""
    quick = next(file for file in RECORDS if file.name == "quick.json")
    read = read_report(quick.read_bytes())
    timed = {(r.name, r.size) for r in read.rows}
    timed |= {(r.name, r.size) for r in read.memory}
    assert {(n, s.size) for s in QUICK_SETTINGS for n in s.names} == timed
    assert compare(read, read).compared > 50


def test_the_text_names_machine_build_and_who_is_missing() -> None:
    """A figure without them is worth nothing."""
    text = "\n".join(report_lines(report(row("select_realistic", 1000, heap_memo=2.5))))
    assert "A Processor" in text
    assert "build: release" in text
    assert "select_realistic" in text
    assert "heap_memo               x         2.5" in text
    assert "numpy: no numpy: install skillroute[bench]" in text
    assert "SLOWER" not in text


def test_a_checked_build_is_called_slower() -> None:
    """Its figures would be taken for those of a wheel."""
    assert "SLOWER" in "\n".join(head_lines(report(build="checked")))


def test_a_busy_machine_is_said() -> None:
    """Neighbours blur the figures, and nobody remembers them later."""
    assert "BUSY before (load 1.5)" in "\n".join(head_lines(report(load=1.5)))
    assert "BUSY" not in "\n".join(head_lines(report(load=0.5)))


def test_a_core_with_checks_is_told_from_a_release(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The compiler leaves its message for a sum that overflows."""
    fake = tmp_path / "core.so"
    monkeypatch.setattr("skillroute.bench.machine._core_file", lambda: fake)
    fake.write_bytes(b"...attempt to add with overflow...")
    assert "checked" == build_of("rust")
    fake.write_bytes(b"...")
    assert "release" == build_of("rust")
    assert "interpreted" == build_of("python")


def test_a_bar_is_held_or_missed_by_its_figure() -> None:
    """The verdict is what the exit code says."""
    what = "select, realistic, 1,000 agents, beside heap_memo"
    assert outcome(report(row("select_realistic", 1000, heap_memo=2.2)), what) is True
    assert outcome(report(row("select_realistic", 1000, heap_memo=2.1)), what) is False
    assert outcome(report(), what) is None


def test_bars_of_quotients_and_bytes_are_judged_too() -> None:
    """They are computed from two rows, and easily the wrong way round."""
    growth = "select, realistic, 50,000 agents to 100"
    rows = (row("select_realistic", 100, 100), row("select_realistic", 50_000, 210))
    assert outcome(report(*rows), growth) is False
    assert outcome(report(rows[1], row("select_realistic", 100, 200)), growth) is True
    boundary = "select, realistic, 1,000 agents, to a no-op call"
    slow = row("boundary_realistic", 1000, noop_fastcall=0.1)
    assert outcome(report(slow), boundary) is False
    weighed = MemoryRow(
        name="memory_adversarial", size=50_000, tags=512, bytes_per_agent=301
    )
    assert outcome(report(memory=(weighed,)), "memory, adversarial, 512") is False


def test_the_settings_of_the_bars_measure_every_bar() -> None:
    """A bar that no setting measures is never missed."""
    timed = {(name, s.size) for s in BARS for name in s.names}
    heavy = [s for s in BARS if s.names[0].startswith("memory_")]
    made = [
        row(name, size, heap_memo=1, numpy=1, freeswitch_sql=1, scan_c=1)
        for name, size in timed
    ]
    for each in made:
        each.vs.update(heap_no_memo=1, noop_fastcall=1, heap_per_needs=1, sorted_scan=1)
    weighed = tuple(
        MemoryRow(
            name=s.names[0],
            size=s.size,
            tags=getattr(s, "tag_count", 0),
            bytes_per_agent=1,
        )
        for s in heavy
    )
    verdicts = judge(report(*made, memory=weighed))
    assert {*range(1, 14), 18, 25} == {verdict.bar for verdict in verdicts}
    assert [] == [v.what for v in verdicts if v.held is None]


def test_bars_as_text_say_what_was_missed() -> None:
    """A person reads this, not the exit code."""
    lines = list(bar_lines(judge(report(row("select_realistic", 1000, heap_memo=1.0)))))
    missed = [line for line in lines if line.endswith("MISSED")]
    assert 1 == len(missed)
    assert ">= 2.2" in missed[0]
    assert any(line.endswith("not measured") for line in lines)


def test_only_a_ratio_far_below_the_record_is_a_regression() -> None:
    """Runs differ; an index that is lost costs more than that."""
    recorded = report(row("select_realistic", 1000, heap_memo=3 * FACTOR, odd=100))
    near = report(row("select_realistic", 1000, heap_memo=3.1, odd=1))
    far = report(row("select_realistic", 1000, heap_memo=2.9))
    assert (1, ()) == msgspec.structs.astuple(compare(near, recorded))
    (worse,) = compare(far, recorded).regressions
    assert ("heap_memo", 2.9) == (worse.peer, worse.measured)
    assert 0 == compare(report(row("select_sparse", 5)), recorded).compared


@pytest.mark.parametrize("name", ["run.svg", "run.png"])
def test_a_picture_is_drawn(tmp_path: Path, name: str) -> None:
    """With one size too, which is a dot."""
    rows = [row("select_realistic", n, heap_memo=2, numpy=9) for n in (100, 1000)]
    draw(report(*rows, row("select_sparse", 100, heap_memo=1)), tmp_path / name)
    begins = {"run.svg": b"<?xml", "run.png": b"\x89PNG"}
    data = (tmp_path / name).read_bytes()
    assert data.startswith(begins[name])
    assert len(data) > 5_000


def test_memory_is_weighed_or_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A zero would be taken for a figure."""
    weighed = measure_memory("python", "realistic", 2_000, 64)
    assert weighed.bytes_per_agent is not None
    assert 100 < weighed.bytes_per_agent < 10_000
    monkeypatch.setattr("skillroute.bench.memory._STATUS", tmp_path / "none")
    unknown = measure_memory("python", "realistic", 100, 64)
    assert unknown.bytes_per_agent is None
    assert unknown.why_not


def test_settings_are_narrowed_to_names_and_sizes() -> None:
    """Whoever works on one structure wants one row, in sizes of their own."""
    (only,) = narrowed(QUICK_SETTINGS, only=["whole_sparse"])
    assert ChoiceSetting("sparse", 10_000, 64, ("whole",)) == only
    sized = narrowed(QUICK_SETTINGS, only=["waiting_realistic"], sizes=[10, 20])
    assert [LineSetting("realistic", 1_000, size) for size in (10, 20)] == list(sized)


@pytest.mark.parametrize("settings", [FULL_SETTINGS, QUICK_SETTINGS, BARS])
def test_no_row_is_measured_twice(settings: tuple[bench.settings.Setting, ...]) -> None:
    """The second would hide the first."""
    rows = [
        (name, s.size, getattr(s, "tag_count", 0)) for s in settings for name in s.names
    ]
    assert len(rows) > 10
    assert sorted(set(rows)) == sorted(rows)
