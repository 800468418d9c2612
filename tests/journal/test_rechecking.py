"""Everything is decided once more, and what differs is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute import journal as journals
from skillroute.events import CallArrived, PlanReloaded
from skillroute.journal import SqliteJournal, open_journal, recheck
from skillroute.semantics import SEMANTICS

from .days import Day

EVENTS = 300


def test_the_same_version_decides_the_same(
    day: Day, journal: SqliteJournal, backend_name: str
) -> None:
    """17.7 and 17.8: an explanation would explain something else."""
    day.write(journal, EVENTS)
    told: list[tuple[int, int]] = []
    found = recheck(
        journal, backend=backend_name, progress=lambda *done: told.append(done)
    )
    assert (EVENTS, EVENTS // 100, 0) == (
        found.events,
        found.snapshots,
        found.differing,
    )


def test_what_is_decided_otherwise_is_named(day: Day, path: Path) -> None:
    """After an upgrade one wants to know which calls would go elsewhere now."""
    wrong_at = 0
    with open_journal(path, plan=day.plan) as journal:
        for plan in day.plans:
            journal.add_plan(plan)
        for number, one in enumerate(day.events(EVENTS), 1):
            actions = one.actions
            if isinstance(one.event, CallArrived) and actions and not wrong_at:
                actions, wrong_at = (), number
            refused = "call_exists" if number == EVENTS else one.refused
            journal.append(one.event, one.at_ms, actions=actions, refused=refused)
        journal.commit()
        found = recheck(journal)
    assert 2 == found.differing
    first, last = found.differences
    assert (wrong_at, "orders", "none") == (first.seq, first.what, first.recorded)
    assert "StartWaiting" in first.now
    assert (EVENTS, "refusal", "call_exists") == (last.seq, last.what, last.recorded)
    assert SEMANTICS == first.semantics


def test_a_state_that_differs_is_named(day: Day, journal: SqliteJournal) -> None:
    """Whoever restarts from a wrong snapshot routes by a wrong state."""
    day.write(journal, 90)
    journal.keep_snapshot(Day(3).engine.snapshot())
    journal.commit()
    found = recheck(journal)
    assert [("state", 90)] == [(each.what, each.seq) for each in found.differences]


def test_a_hole_is_passed_by_its_snapshot(day: Day, journal: SqliteJournal) -> None:
    """Nobody can say what was decided where nothing was recorded."""
    day.write(journal, 30)
    skipped = [one.event for one in day.events(20) if not one.refused]
    plans = [e.plan_id for e in skipped if isinstance(e, PlanReloaded)]
    state, plan_id = day.engine.snapshot(), [journal.plan_id, *plans][-1]
    journal.skip(20, state, 10**13, plan_id=plan_id)
    assert plan_id == journal.plan_id
    day.write(journal, 40)
    found = recheck(journal)
    assert (70, 0) == (found.events, found.differing)


@pytest.mark.parametrize("name", journals.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """A name in the list that nobody can import is found by users."""
    assert hasattr(journals, name)
