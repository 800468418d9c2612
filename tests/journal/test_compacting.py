"""What is old is taken away, and what is left goes on."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from skillroute.errors import JournalError
from skillroute.journal import SqliteJournal, open_journal, recheck, restart

from .days import Day

EVENTS = 300


def state_behind(journal: SqliteJournal, seq: int) -> tuple[bytes, str]:
    """Give what compacting asks for."""
    found = restart(journal, until_seq=seq)
    return found.engine.snapshot(), found.plan_id


@pytest.mark.parametrize("kept", [1, 100, 150, 299])
def test_what_is_left_leads_to_the_same_state(
    day: Day, journal: SqliteJournal, path: Path, kept: int
) -> None:
    """A site would forget the calls that it has."""
    written = day.write(journal, EVENTS)
    before_ms = written[EVENTS - kept].at_ms
    done = journal.compact(before_ms, lambda seq: state_behind(journal, seq))
    older = sum(one.at_ms < before_ms for one in written)
    # Whole commits are taken away, of seven records or up to where time stood.
    assert older - 14 < done.records <= older
    assert done.records == done.base_seq == journal.base_seq
    assert EVENTS - done.records == journal.verify().records
    day.write(journal, 30)
    journal.close()
    with open_journal(path) as opened:
        again = restart(opened)
        assert day.engine.snapshot() == again.engine.snapshot()
        found = [record.event for record in opened.records()]
        assert [one.event for one in written[done.records :]] == found[:-30]
        assert 0 == recheck(opened).differing
        start = restart(opened, until_seq=opened.base_seq).engine
        for frames in opened.frames(opened.base_seq):
            start.replay(frames)
        assert day.engine.snapshot() == start.snapshot()


def test_nobody_is_kept_who_is_in_nothing(day: Day, journal: SqliteJournal) -> None:
    """Retention means that numbers go with the calls."""
    written = day.write(journal, EVENTS)
    before, rows_before = journal.verify(), person_rows(journal)
    before_ms = written[-10].at_ms
    done = journal.compact(before_ms, lambda seq: state_behind(journal, seq))
    after, rows = journal.verify(), person_rows(journal)
    assert done.people > 0
    in_records, in_states = named(journal)
    assert in_records | in_states == rows
    assert len(rows) == after.people
    # A state may join a number and a name that no event had together.
    added = rows - rows_before
    assert added <= in_states - in_records
    assert before.people + len(added) - done.people == after.people
    again = journal.compact(before_ms, lambda seq: state_behind(journal, seq))
    assert 0 == again.people
    assert before.plans - done.plans == after.plans
    list(journal.records())


def person_rows(journal: SqliteJournal) -> set[int]:
    """List who is in the table of people."""
    return {row[0] for row in journal._connection.execute("SELECT id FROM person")}


def named(journal: SqliteJournal) -> tuple[set[int], set[int]]:
    """List whose ids stand in records and in snapshots, by their look alone."""
    records = repr([record.event for record in journal.records(people=False)])
    rows = journal._connection.execute("SELECT state FROM snapshot").fetchall()
    states = " ".join(zlib.decompress(row[0]).decode(errors="replace") for row in rows)
    in_records, in_states = (
        {int(id) for id in re.findall("§([0-9]+)", text)} for text in (records, states)
    )
    return in_records, in_states


def test_nothing_old_means_nothing_done(day: Day, journal: SqliteJournal) -> None:
    """A nightly job has nothing to do on the first nights."""
    written = day.write(journal, 20)
    done = journal.compact(written[0].at_ms, lambda seq: state_behind(journal, seq))
    assert (0, 0, 0, 0) == (done.records, done.people, done.plans, done.base_seq)


def test_a_failure_in_the_middle_takes_nothing_away(
    day: Day, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half compacted, a journal would be damaged."""
    written = day.write(journal, EVENTS)
    before = list(journal.records())

    def fails(*_: object) -> int:
        raise OSError("no space")

    monkeypatch.setattr("skillroute.journal._people.People.keep_only", fails)
    with pytest.raises(JournalError):
        journal.compact(written[200].at_ms, lambda seq: state_behind(journal, seq))
    assert before == list(journal.records())
    journal.verify()
    assert day.engine.snapshot() == restart(journal).engine.snapshot()
