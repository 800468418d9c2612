"""A journal for other programs."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from skillroute.errors import JournalError
from skillroute.events import CallArrived
from skillroute.journal import SqliteJournal, export_jsonl, export_parquet

from .days import Day

EVENTS = 120


@pytest.fixture
def filled(day: Day, journal: SqliteJournal) -> SqliteJournal:
    """Give a journal with events, and a note."""
    day.write(journal, EVENTS)
    journal.note("hook_failed", "crm: too late", journal.last_ms or 0)
    journal.commit()
    return journal


def lines(journal: SqliteJournal, *, people: bool = True) -> list[dict[str, Any]]:
    """Export as JSON Lines, and read them."""
    file = io.BytesIO()
    count = export_jsonl(journal, file, people=people)
    found = [msgspec.json.decode(line) for line in file.getvalue().splitlines()]
    assert count == len(found)
    return found


def test_lines_say_everything(filled: SqliteJournal) -> None:
    """What is missing in an export nobody can count."""
    for record, line in zip(filled.records(), lines(filled), strict=True):
        assert (record.seq, record.at_ms) == (line["seq"], line["at_ms"])
        at = dt.datetime.fromisoformat(line["at"])
        assert record.at_ms == round(at.timestamp() * 1000)
        assert record.refused == line["refused"]
        assert record.digest.hex() == line["digest"]
        if record.event is None:
            assert {"kind": "hook_failed", "text": "crm: too late"} == line["event"]
            continue
        assert type(record.event).__name__ == line["kind"]
        assert set(record.event.__struct_fields__) == set(line["event"])
        if isinstance(record.event, CallArrived):
            assert record.event.caller.number == line["event"]["caller"]["number"]
            kinds = [type(need).__name__ for need in record.event.needs]
            assert kinds == [need["type"] for need in line["event"]["needs"]]


def test_people_can_be_left_out(filled: SqliteJournal) -> None:
    """Who counts calls needs no numbers."""
    arrivals = [
        record.event
        for record in filled.records()
        if isinstance(record.event, CallArrived)
    ]
    ours = {event.dialled.number for event in arrivals}
    numbers = {event.caller.number for event in arrivals} - ours - {""}
    assert len(numbers) > 3
    text = repr(lines(filled, people=False))
    assert [] == [number for number in numbers if number in text]


def test_parquet_has_the_same(filled: SqliteJournal, tmp_path: Path) -> None:
    """Months of calls are asked in columns."""
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "out.parquet"
    assert EVENTS + 1 == export_parquet(filled, file)
    rows = parquet.read_table(file).to_pylist()
    for row, line in zip(rows, lines(filled), strict=True):
        assert line["event"] == msgspec.json.decode(row["event"])
        assert line["at_ms"] == round(row["at"].timestamp() * 1000)
        assert line["event"].get("call") == row["call"]
        same = ("seq", "kind", "refused", "digest", "semantics")
        assert [line[name] for name in same] == [row[name] for name in same]


def test_without_the_library_it_says_what_to_install(
    filled: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback about a module is no answer."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(JournalError) as raised:
        export_parquet(filled, tmp_path / "out.parquet")
    assert "parquet_missing" == raised.value.code
    assert "skillroute[parquet]" in raised.value.message
