"""Calls from CSV: every column, and every row that is not as it should be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skillroute.contract import Required
from skillroute.simulation import (
    CallProblem,
    SimulatedCall,
    read_calls,
    read_need,
    read_start_ms,
)

HEADER = "arrival_s,call_id,caller,dialled,needs,priority,patience_s,handling_s\n"
REFERENCE = Path(__file__).resolve().parents[3] / "docs/reference/calls-csv.md"

# One file for every code that the reference lists.
DIRTY = {
    "not_utf8": b"arrival_s\n\xff\n",
    "column_missing": b"call_id\na\n",
    "column_unknown": b"arrival_s,colour\n1,red\n",
    "cells_too_many": b"arrival_s\n1,2\n",
    "value_missing": b"arrival_s,call_id\n,a\n",
    "not_a_number": b"arrival_s\nsoon\n",
    "out_of_range": b"arrival_s,patience_s\n1,-5\n",
    "id_malformed": b"arrival_s,call_id\n1,a b\n",
    "id_repeated": b"arrival_s,call_id\n1,a\n2,a\n",
    "tag_malformed": b"arrival_s,needs\n1,lang:pl>=200\n",
    "out_of_order": b"arrival_s\n5\n1\n",
}


def read(
    folder: Path, text: str | bytes
) -> tuple[tuple[SimulatedCall, ...], tuple[CallProblem, ...]]:
    """Write a file and read its calls."""
    file = folder / "calls.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_calls(file)


def test_every_column_is_read(tmp_path: Path) -> None:
    """A column that is silently skipped makes a replay of another day."""
    row = "1.5,a,+7916,+7495,type:PS lang:pl>=60;vip,-3,20,30.25\n"
    calls, problems = read(tmp_path, HEADER + row)
    expected = SimulatedCall(
        call="a",
        arrival_after_ms=1_500,
        caller="+7916",
        dialled="+7495",
        needs=(Required("type:PS"), Required("lang:pl", 60), Required("skill:vip")),
        priority=-3,
        patience_ms=20_000,
        handling_ms=30_250,
    )
    assert ((expected,), ()) == (calls, problems)


def test_only_the_arrival_must_be_there(tmp_path: Path) -> None:
    """The simplest list of calls is a list of times."""
    calls, problems = read(tmp_path, "arrival_s\n3\n\n4\n")
    assert () == problems
    assert ["line-2", "line-4"] == [call.call for call in calls]
    assert [None, None] == [call.patience_ms for call in calls]


@pytest.mark.parametrize(("code", "text"), DIRTY.items(), ids=DIRTY)
def test_a_dirty_row_is_reported(tmp_path: Path, code: str, text: bytes) -> None:
    """What is dropped in silence is missing from the figures."""
    calls, problems = read(tmp_path, text)
    assert [code] == [problem.code for problem in problems]
    rows = sum(bool(line) for line in text.split(b"\n")[1:])
    if problems[0].line:
        dropped = sum(problem.dropped for problem in problems)
        assert code == "column_missing" or rows == len(calls) + dropped


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """A misspelt name must not look like a day without calls."""
    calls, problems = read_calls(tmp_path / "nothing.csv")
    assert ((), ["file_unreadable"]) == (calls, [p.code for p in problems])


def test_the_reference_lists_every_code() -> None:
    """Somebody looks the code up there."""
    text = REFERENCE.read_text("utf-8").partition("## Problems")[2]
    listed = set(re.findall(r"^\| `([a-z0-9_]+)`", text, re.MULTILINE))
    assert listed == {*DIRTY, "file_unreadable"}


def test_rows_are_sorted_by_arrival(tmp_path: Path) -> None:
    """Time never goes back."""
    calls, _ = read(tmp_path, "arrival_s,call_id\n5,a\n1,b\n3,c\n")
    assert ["b", "c", "a"] == [call.call for call in calls]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A comment or a quoted line break must not shift the numbers."""
    text = '# a comment\narrival_s,caller\n1,"two\nlines"\nx,\n'
    _, problems = read(tmp_path, text)
    assert [5] == [problem.line for problem in problems]


@pytest.mark.parametrize(
    ("text", "start_ms"),
    [
        ("# start: 1970-01-01T00:00:01Z\narrival_s\n", 1_000),
        ("# from the switch\n# start: 1970-01-01T01:00:00+01:00\narrival_s\n", 0),
        ("# start: 1970-01-01T00:00:02\narrival_s\n", 2_000),
        ("# start: noon\narrival_s\n", None),
        ("arrival_s\n# start: 1970-01-01T00:00:01Z\n", None),
    ],
)
def test_the_start_stands_before_the_header(
    tmp_path: Path, text: str, start_ms: int | None
) -> None:
    """A day replayed at another hour meets other shifts."""
    read(tmp_path, text)
    assert start_ms == read_start_ms(tmp_path / "calls.csv")


@pytest.mark.parametrize("text", ["", "a b", "lang:pl=60", "x>=0", "x>=101", "*", ":a"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    """A misspelt tag would be needed and held by nobody."""
    assert read_need(text) is None
