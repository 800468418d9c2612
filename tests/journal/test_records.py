"""What is written is what is read, and leads to the same engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute.errors import JournalError
from skillroute.events import Advanced, PlanReloaded
from skillroute.journal import (
    SqliteJournal,
    digest_of,
    open_journal,
    restart,
    state_hash,
)
from skillroute.plan.compiled import plan_id
from skillroute.semantics import SEMANTICS

from .days import Day, Told, append, told

EVENTS = 450


def test_records_say_what_was_told_and_decided(
    day: Day, journal: SqliteJournal
) -> None:
    """Whoever explains a decision would explain another one."""
    written = day.write(journal, EVENTS)
    assert sum(bool(one.refused) for one in written) > 10
    assert any(isinstance(one.event, PlanReloaded) for one in written)
    found = list(journal.records())
    assert list(range(1, EVENTS + 1)) == [record.seq for record in found]
    assert {SEMANTICS} == {record.semantics for record in found}
    read = [(r.event, r.at_ms, r.digest, r.refused) for r in found]
    assert [
        (one.event, one.at_ms, digest_of(one.actions), one.refused) for one in written
    ] == read


@pytest.mark.parametrize(("after", "until"), [(0, 1), (6, 9), (7, 7), (100, 450)])
def test_a_part_can_be_read(
    day: Day, journal: SqliteJournal, after: int, until: int
) -> None:
    """A day of a year should not need the whole year."""
    day.write(journal, EVENTS)
    numbers = [record.seq for record in journal.records(after, until)]
    assert list(range(after + 1, until + 1)) == numbers
    whole = b"".join(journal.frames(after))
    parts = [*journal.frames(after, until), *journal.frames(until)]
    assert whole == b"".join(parts)


def test_a_restart_has_the_state_of_the_engine(
    day: Day, journal: SqliteJournal, path: Path, backend_name: str
) -> None:
    """17.8 and 17.10: after a crash calls would be routed by another state."""
    day.write(journal, EVENTS)
    journal.close()
    with open_journal(path) as opened:
        again = restart(opened, backend=backend_name)
        assert (EVENTS, EVENTS // 100 * 100) == (again.seq, again.snapshot_seq)
        assert EVENTS % 100 == again.replayed
        assert again.plan_id == opened.plan_id
        assert state_hash(day.engine.snapshot()) == state_hash(again.engine.snapshot())


@pytest.mark.parametrize("until", [0, 1, 99, 100, 101, 333])
def test_an_earlier_state_can_be_had(
    day: Day, journal: SqliteJournal, until: int
) -> None:
    """Why a call waited at 10:42 is asked of the engine of 10:42."""
    written = day.write(journal, EVENTS)
    then = restart(journal, until_seq=until)
    engine = day.new_engine()
    for one in written[:until]:
        told(engine, one.event, one.at_ms)
    assert engine.snapshot() == then.engine.snapshot()
    reloads = [
        one.event.plan_id
        for one in written[:until]
        if isinstance(one.event, PlanReloaded) and not one.refused
    ]
    assert [journal.base_plan_id, *reloads][-1] == then.plan_id
    assert (written[until - 1].at_ms if until else None) == then.at_ms


def test_nothing_is_kept_before_a_commit(day: Day, journal: SqliteJournal) -> None:
    """An order that leaves before its event is durable may be unknown after a crash."""
    for one in day.events(10):
        append(journal, one)
    assert (10, 10, 0) == (journal.pending, journal.last_seq, journal.durable_seq)
    assert [] == list(journal.records())
    assert 10 == journal.commit()
    assert (0, 10, 10) == (journal.pending, journal.last_seq, journal.durable_seq)
    assert 10 == len(list(journal.records()))


def test_a_group_is_due_when_it_is_full_or_old(day: Day, path: Path) -> None:
    """A lone event would wait for ever, or each event would be a commit."""
    with open_journal(path, plan=day.plan, group_max=3, max_delay_ms=5) as journal:
        assert not journal.commit_due(10**9)
        journal.append(Advanced(), 1000)
        assert not journal.commit_due(1004)
        assert journal.commit_due(1005)
        journal.append(Advanced(), 1001)
        journal.append(Advanced(), 1002)
        assert journal.commit_due(1002)
        journal.commit()
        assert not journal.commit_due(10**9)


def test_a_heartbeat_is_kept_and_takes_no_room(
    journal: SqliteJournal, path: Path, day: Day
) -> None:
    """1.7: the gap after a crash begins with the last heartbeat, not the last call."""
    (one,) = day.write(journal, 1)
    for second in range(1, 200):
        journal.heartbeat(one.at_ms + second * 1000)
        journal.commit()
    journal.close()
    with open_journal(path) as opened:
        assert (1, one.at_ms + 199_000) == (opened.last_seq, opened.alive_ms)


def test_notes_are_for_people_only(day: Day, journal: SqliteJournal) -> None:
    """A note that an engine sees would have to mean something to it."""
    for one in day.events(5):
        append(journal, one)
        journal.note("hook_failed", "crm: no answer in 300 ms", one.at_ms)
    journal.commit()
    notes = [record for record in journal.records() if record.event is None]
    assert [2, 4, 6, 8, 10] == [record.seq for record in notes]
    assert {("hook_failed", "crm: no answer in 300 ms")} == {
        (record.note_kind, record.text) for record in notes
    }
    for after in range(11):
        engine = restart(journal, until_seq=after).engine
        frames = b"".join(journal.frames(after))
        assert (10 - after) // 2 == engine.replay(frames)
        assert day.engine.snapshot() == engine.snapshot()


def test_two_cannot_write_at_once(day: Day, journal: SqliteJournal, path: Path) -> None:
    """Two routers that both believe to have the site would offer calls twice."""
    with pytest.raises(JournalError) as raised:
        open_journal(path, plan=day.plan)
    assert ("journal_in_use", str(path)) == (raised.value.code, raised.value.where)
    day.write(journal, 20)
    with open_journal(path, read_only=True) as reader:
        assert 20 == len(list(reader.records()))
        day.write(journal, 20)
        assert 40 == len(list(reader.records()))


def test_a_reload_needs_its_plan(journal: SqliteJournal) -> None:
    """A replay could not go on under a plan that nobody kept."""
    with pytest.raises(JournalError) as raised:
        journal.append(PlanReloaded(plan_id="ab" * 16), 0)
    assert "plan_missing" == raised.value.code
    journal.append(PlanReloaded(plan_id="ab" * 16), 0, refused="plan_not_given")


def test_events_without_a_record_leave_a_hole(day: Day, journal: SqliteJournal) -> None:
    """Who replays over a hole comes to a state that never was."""
    day.write(journal, 30)
    lost = list(day.events(5))
    for one in day.events(3):
        append(journal, one)
        lost.append(one)
    reloads = [
        one.event.plan_id
        for one in lost
        if isinstance(one.event, PlanReloaded) and not one.refused
    ]
    plan = reloads[-1] if reloads else ""
    missing = journal.skip(5, day.engine.snapshot(), 10**9, plan_id=plan)
    assert (8, 39) == (missing, journal.last_seq)
    written = day.write(journal, 4)
    assert 43 == journal.durable_seq
    assert day.engine.snapshot() == restart(journal).engine.snapshot()
    assert (30, 39) == tuple(r.seq for r in journal.records(29, 39))
    assert [one.event for one in written] == [r.event for r in journal.records(39)]
    with pytest.raises(JournalError) as raised:
        list(journal.frames())
    assert "journal_hole" == raised.value.code
    assert raised.value.where.endswith("sequence 31")
    assert (35, 8) == (journal.verify().records, journal.verify().lost)


def test_a_reload_in_a_hole_is_not_forgotten(day: Day, journal: SqliteJournal) -> None:
    """The state behind a hole belongs to a plan that no record names."""
    day.write(journal, 30)
    other = next(plan for plan in day.plans if plan_id(plan) != journal.plan_id)
    reloaded = PlanReloaded(plan_id=journal.add_plan(other))
    journal.append(reloaded, 10**9, actions=day.engine.reload(other, 2 * 10**12))
    journal.skip(0, day.engine.snapshot(), 2 * 10**12)
    journal.commit()
    again = restart(journal)
    assert reloaded.plan_id == again.plan_id == journal.plan_id
    assert day.engine.snapshot() == again.engine.snapshot()
    journal.close()
    with open_journal(journal.path) as opened:
        assert reloaded.plan_id == opened.plan_id


def test_equal_orders_have_an_equal_digest(day: Day) -> None:
    """A replay is compared with the record by nothing else."""
    given = [one.actions for one in day.events(300) if one.actions]
    assert len(given) > 20
    assert len(set(given)) == len({digest_of(actions) for actions in given})
    assert all(digest_of(list(actions)) == digest_of(actions) for actions in given)
    assert b"" == digest_of(())


def test_a_day_is_told_only_once() -> None:
    """Else the tests above would compare a day with itself."""
    first = [Told(*one) for one in Day(3).events(50)]
    assert first == list(Day(3).events(50))
    assert first != list(Day(4).events(50))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("durability", "maybe", "one of fsync, os, off, not 'maybe'"),
        ("check", "some", "one of recent, all, tail, not 'some'"),
        ("group_max", 0, "a whole number from 1, not 0"),
        ("max_delay_ms", -1, "a whole number from 0, not -1"),
        ("snapshot_every", 0.5, "a whole number from 1, not 0.5"),
    ],
)
def test_a_setting_that_nobody_can_mean_is_refused(
    day: Day, tmp_path: Path, name: str, value: object, said: str
) -> None:
    """A misspelt word must not leave a file that is neither a journal nor none."""
    path = tmp_path / "new.journal"
    with pytest.raises(ValueError, match=f"^{name} must be {said}$"):
        open_journal(path, plan=day.plan, **{name: value})  # type: ignore[arg-type]
    assert [] == list(tmp_path.iterdir())
