"""What is good of a damaged journal is saved, and what is not is said."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from skillroute.errors import JournalError
from skillroute.journal import Record, open_journal, repair, restart

from .days import Day

EVENTS = 210


@pytest.fixture
def written(day: Day, path: Path) -> list[Record]:
    """Give the records of a journal with snapshots behind 50, 100, 150 and 200."""
    with open_journal(path, plan=day.plan, snapshot_every=50) as journal:
        day.write(journal, EVENTS, group=10)
        return list(journal.records())


def damage(path: Path, *statements: str) -> None:
    """Change what is in a journal behind its back."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


BLOCK = "UPDATE block SET frames = zeroblob(length(frames)) WHERE first_seq = "


def test_a_damaged_block_costs_what_cannot_be_replayed(
    day: Day, path: Path, written: list[Record]
) -> None:
    """Behind the next snapshot everything is known again."""
    damage(path, BLOCK + "61")
    before = path.read_bytes()
    new = path.with_name("new.journal")
    done = repair(path, new)
    assert before == path.read_bytes(), "the damaged journal was changed"
    assert ((61, 100),) == done.left_out
    assert EVENTS - 40 == done.kept
    assert any("sequence 61" in problem for problem in done.problems)
    with open_journal(new) as journal:
        journal.verify()
        found = [record for record in journal.records() if record.event is not None]
        assert written[:60] + written[100:] == found
        assert day.engine.snapshot() == restart(journal).engine.snapshot()
        day.write(journal, 10)
    beside = Path(f"{new}.left-out.jsonl").read_bytes().splitlines()
    assert done.readable == len(beside)
    lines = [msgspec.json.decode(line) for line in beside]
    assert set(range(71, 101)) <= {line["seq"] for line in lines} <= set(range(61, 101))


def test_without_a_later_snapshot_the_beginning_is_kept(
    path: Path, written: list[Record]
) -> None:
    """Replayed over a hole, a journal leads to a state that never was."""
    damage(path, BLOCK + "201")
    new = path.with_name("new.journal")
    done = repair(path, new)
    assert ((201, EVENTS),) == done.left_out
    with open_journal(new) as journal:
        assert written[:200] == list(journal.records())
        assert written[199].at_ms == restart(journal).at_ms


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET last_seq = 3",
        "UPDATE snapshot SET state = x'00' WHERE seq = 100",
        "DELETE FROM snapshot WHERE seq = 150",
    ],
)
def test_other_damage_costs_no_record(
    day: Day, path: Path, written: list[Record], statement: str
) -> None:
    """Only what is bad may be lost."""
    damage(path, statement)
    new = path.with_name("new.journal")
    done = repair(path, new)
    with open_journal(new) as journal:
        journal.verify()
        assert day.engine.snapshot() == restart(journal).engine.snapshot()
        if "head" not in statement:
            assert EVENTS == done.kept
            assert () == done.left_out
            assert len(written) == len(list(journal.records()))


def test_pages_that_sqlite_cannot_read_are_passed_over(
    path: Path, written: list[Record]
) -> None:
    """A page of zeros in the middle must not cost all that follows."""
    data = path.read_bytes()
    saved = set()
    for page in range(1, len(data) // 4096):
        start = page * 4096
        path.write_bytes(data[:start] + bytes(4096) + data[start + 4096 :])
        new = path.with_name(f"{page}.journal")
        try:
            done = repair(path, new)
        except JournalError as error:
            assert error.code == "journal_damaged"  # noqa: PT017
            continue
        saved.add(done.kept)
        with open_journal(new) as journal:
            journal.verify()
            for record in journal.records():
                was = written[record.seq - 1]
                assert record.note_kind == "hole" or alike(record, was)
            restart(journal)
    assert max(saved) == EVENTS
    assert len(saved) > 1


def alike(record: Record, was: Record) -> bool:
    """Say whether two records are the same but for numbers and names."""
    first, second = (
        (each.seq, each.at_ms, type(each.event), each.digest, each.refused)
        for each in (record, was)
    )
    return first == second


def test_a_damaged_person_is_as_one_who_was_erased(
    path: Path, written: list[Record]
) -> None:
    """A number that may be another's is worse than none."""
    damage(path, "UPDATE person SET number = '+48500100999' WHERE id = 1")
    with pytest.raises(JournalError), open_journal(path) as journal:
        list(journal.records())
    new = path.with_name("new.journal")
    done = repair(path, new)
    assert (EVENTS, ()) == (done.kept, done.left_out)
    assert any("person 1" in problem for problem in done.problems)
    with open_journal(new) as journal:
        assert "+48500100999" not in repr(list(journal.records()))
        pairs = zip(journal.records(), written, strict=True)
        assert all(alike(record, was) for record, was in pairs)
        restart(journal)


def test_a_whole_journal_is_copied(day: Day, path: Path, written: list[Record]) -> None:
    """Who repairs for safety's sake must lose nothing."""
    new = path.with_name("new.journal")
    done = repair(path, new)
    assert (EVENTS, (), 0, ()) == (
        done.kept,
        done.left_out,
        done.readable,
        done.problems,
    )
    with open_journal(new) as journal:
        assert written == list(journal.records())
        assert day.engine.snapshot() == restart(journal).engine.snapshot()
    assert not Path(f"{new}.left-out.jsonl").exists()


def test_a_repair_overwrites_nothing(path: Path, written: list[Record]) -> None:
    """The one good copy could be gone."""
    assert written
    with pytest.raises(JournalError) as raised:
        repair(path, path)
    assert "journal_exists" == raised.value.code
    with pytest.raises(JournalError) as raised:
        repair(path.with_name("none"), path.with_name("new"))
    assert "journal_missing" == raised.value.code
