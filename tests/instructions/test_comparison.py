"""What is read of callgrind's profiles, and which counts are red."""

from __future__ import annotations

import json
import os
from pathlib import Path

import callgrind
import instructions
import pytest
from callgrind import CannotCountError, Machine, Scenario
from instructions import Record, Row

PROFILE = """\
# callgrind format
version: 1
events: Ir
fl=(1) core_pool.rs
fn=(1) instructions::counted_operations
12 40
summary: 1234
totals: 1234
"""
HERE = Machine("x86_64", "1.95.0", "glibc 2.36")


def test_the_total_of_a_profile_is_read() -> None:
    """It is the whole measurement."""
    assert 1234 == callgrind.total_of(PROFILE)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("totals: 1234", "totals: 0"),
        ("totals: 1234\n", ""),
        ("totals: 1234", "totals: 1234\ntotals: 1"),
        ("events: Ir", "events: Ir Dr"),
        ("events: Ir\n", ""),
    ],
    ids=["nothing", "no total", "two totals", "other events", "no events"],
)
def test_a_profile_that_counted_something_else_is_an_error(
    was: str, becomes: str
) -> None:
    """After a renaming of the counted function everything would be infinitely fast."""
    assert was in PROFILE
    with pytest.raises(CannotCountError):
        callgrind.total_of(PROFILE.replace(was, becomes))


def test_what_the_program_says_is_read_in_its_order() -> None:
    """The table keeps that order."""
    scenarios = callgrind.scenarios_of("b 20 00ff\na 3 beef\n")
    assert [("b", Scenario(20, "00ff")), ("a", Scenario(3, "beef"))] == list(
        scenarios.items()
    )
    with pytest.raises(CannotCountError):
        callgrind.scenarios_of("")


def test_the_program_is_the_one_that_cargo_names() -> None:
    """Its file has a hash in its name, and older ones lie beside it."""
    library = {"target": {"name": "skillroute_core"}, "executable": None}
    program = {"target": {"name": "instructions"}, "executable": "/t/instructions-1"}
    lines = [library, program, {"reason": "build-finished"}]
    messages = "\n".join(map(json.dumps, lines))
    assert Path("/t/instructions-1") == callgrind.program_of(messages)
    with pytest.raises(CannotCountError):
        callgrind.program_of(json.dumps(library))


@pytest.mark.parametrize(
    ("now", "verdict"),
    [(105.0, ""), (105.1, "grew"), (95.0, ""), (94.9, "shrank"), (120.0, "grew")],
)
def test_a_change_beyond_the_tolerance_has_a_verdict(now: float, verdict: str) -> None:
    """The bound itself is allowed, in both directions."""
    (row,) = instructions.compare({"select": 100.0}, {"select": now}, 5)
    assert verdict == row.verdict
    assert row.change_percent == pytest.approx(now - 100)


def test_a_scenario_on_one_side_only_is_not_passed_over() -> None:
    """A renamed scenario would be compared with nothing for ever."""
    rows = instructions.compare({"old": 1.0, "both": 1.0}, {"both": 1.0, "new": 2.0}, 5)
    expected = [
        Row("both", 1.0, 1.0, ""),
        Row("new", None, 2.0, "not in the record"),
        Row("old", 1.0, None, "no such scenario"),
    ]
    assert expected == rows
    assert "old" in instructions.table(rows)


@pytest.mark.parametrize(
    ("now", "is_green", "said"),
    [
        ({"select": 100.0}, True, ""),
        ({"select": 120.0}, False, "RED select: grew"),
        ({}, False, "RED select: no such scenario"),
        ({"select": 100.0, "new": 1.0}, False, "RED new: not in the record"),
        ({"select": 50.0}, True, ""),
    ],
)
def test_only_what_is_worse_or_unknown_is_red(
    now: dict[str, float],
    is_green: bool,  # noqa: FBT001 - a parameter of the test
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Fewer instructions are no fault, but the record should learn of them."""
    assert is_green == instructions.judge(Record(HERE, {"select": 100.0}), HERE, now)
    printed = capsys.readouterr()
    assert said in printed.err
    assert is_green == (printed.err == "")
    asked = "--renew" in printed.out + printed.err
    assert asked == (now != {"select": 100.0})


def test_another_compiler_widens_the_tolerance_and_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Else each new compiler would be red; and 20 % must be red with any."""
    other = HERE._replace(rustc="1.96.0")
    record = Record(HERE, {"select": 100.0})
    assert 5 == record.tolerance_percent(HERE)
    assert 10 == record.tolerance_percent(other)
    assert instructions.judge(record, other, {"select": 108.0})
    assert "rustc 1.95.0" in capsys.readouterr().out
    assert not instructions.judge(record, other, {"select": 120.0})


def test_a_record_is_kept_for_each_architecture(tmp_path: Path) -> None:
    """Who renews on one machine must not take away what another compares with."""
    path = tmp_path / "instructions.json"
    there = HERE._replace(architecture="aarch64")
    instructions.write_record(path, Record(there, {"select": 90.0}))
    instructions.write_record(path, Record(HERE, {"select": 100.0}))
    instructions.write_record(path, Record(HERE, {"select": 101.0}))
    known = [instructions.read_record(path, name) for name in ("aarch64", "x86_64")]
    assert [Record(there, {"select": 90.0}), Record(HERE, {"select": 101.0})] == known
    with pytest.raises(CannotCountError, match="no record of riscv64"):
        instructions.read_record(path, "riscv64")


def test_without_valgrind_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A gate that is skipped where its tool is missing is no gate."""
    monkeypatch.setitem(os.environ, "PATH", "")
    with pytest.raises(CannotCountError, match="apt-get install valgrind"):
        callgrind.count(Path("program"), {"select": Scenario(1, "0")})
