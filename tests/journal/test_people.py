"""Numbers and names: in one table, and nowhere once a person is erased."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skillroute import backends
from skillroute.contract import Party
from skillroute.events import (
    CallArrived,
    CallbackRequested,
    CallerHungUp,
    Event,
    ListEntryAdded,
    MessageLeft,
    OutboundRequested,
)
from skillroute.journal import (
    SqliteJournal,
    digest_of,
    is_in_state,
    open_journal,
    restart,
)
from skillroute.plan import parse_plan

from .days import told

OURS = "+74951234567"
ANNA, BORIS = "+48500100200", "+48500100300"
START_MS = 1_790_000_000_000

# One caller may wait twice, and nobody is there to answer.
PLAN = f"""
[site]
name = "s"
[numbers."{OURS}"]
queue = "q"
[queues.q]
size_per_caller = 2
[agents.zoe]
login = "manual"
"""


def party(number: str, raw: str = "", name: str = "") -> Party:
    """Return a caller."""
    return Party(kind="e164", number=number, raw=raw, name=name, region="pl")


def arrival(call: str, caller: Party) -> CallArrived:
    """Return the event of a call to our number."""
    dialled = Party(kind="e164", number=OURS)
    return CallArrived(call=call, host="h", caller=caller, dialled=dialled)


DAY: tuple[Event, ...] = (
    arrival("a1", party(ANNA, "0048500100200", "Anna Nowak")),
    arrival("b1", party(BORIS, "500100300", "Boris")),
    arrival("a2", party(ANNA, "500100200", "Anna N.")),
    arrival("a3", party(ANNA)),
    arrival("x1", Party(kind="anonymous", number="", name="Anna Nowak")),
    CallerHungUp(call="a1"),
    arrival("a4", party(ANNA, "0048500100200", "Anna Nowak")),
    arrival("a5", party(ANNA)),
    CallerHungUp(call="a2"),
    CallerHungUp(call="a4"),
    MessageLeft(call="b1", agent="zoe", to="Zoe", text="rang", number=ANNA),
    ListEntryAdded(list="block", mask=ANNA),
    CallbackRequested(call="b1", number=party(ANNA)),
    OutboundRequested(request="r", agent="zoe", number=party(BORIS)),
)
TEXTS = (ANNA, "0048500100200", "500100200", "Anna Nowak", "Anna N.")


@pytest.fixture
def plan() -> bytes:
    """Give the compiled plan."""
    return parse_plan(PLAN).compiled


def write(journal: SqliteJournal, engine: Any, *, snapshot_at: int = 4) -> None:
    """Tell an engine the day, and write it."""
    for number, event in enumerate(DAY):
        now_ms = START_MS + 1000 * number
        actions, refused = told(engine, event, now_ms)
        journal.append(event, now_ms, actions=actions, refused=refused)
        if number == snapshot_at:
            journal.keep_snapshot(engine.snapshot())
    journal.commit()


def decisions(journal: SqliteJournal, plan: bytes, backend: str) -> list[bytes]:
    """Decide everything again; compare with the record."""
    engine = backends.load(backend).Engine(plan)
    found = []
    for record in journal.records():
        assert record.event is not None
        actions, refused = told(engine, record.event, record.at_ms)
        assert record.refused == refused
        found.append(digest_of(actions))
        assert record.digest == found[-1]
    return found


def test_what_was_written_is_read(plan: bytes, path: Path) -> None:
    """An explanation needs the number, not an id."""
    with open_journal(path, plan=plan) as journal:
        write(journal, backends.load("python").Engine(plan))
        assert list(DAY) == [record.event for record in journal.records()]
        concealed = [record.event for record in journal.records(people=False)]
    text = repr(concealed)
    assert [] == [each for each in (*TEXTS, BORIS) if each in text]
    assert OURS in text


def test_equal_numbers_have_equal_ids(plan: bytes, path: Path) -> None:
    """17.8: told ids, an engine would take two callers for one, or one for two."""
    with open_journal(path, plan=plan) as journal:
        write(journal, backends.load("python").Engine(plan))
        found: dict[str, set[str]] = {}
        for shown, hidden in zip(
            journal.records(), journal.records(people=False), strict=True
        ):
            if isinstance(shown.event, CallArrived):
                assert isinstance(hidden.event, CallArrived)
                number, id = shown.event.caller.number, hidden.event.caller.number
                found.setdefault(number, set()).add(id)
    assert {""} == found.pop("")
    assert all(len(ids) == 1 for ids in found.values())
    assert len(found) == len(set.union(*found.values()))


def test_a_person_is_erased_and_all_is_decided_alike(
    plan: bytes, path: Path, backend_name: str
) -> None:
    """Who erases a person must still be able to explain everybody else's calls."""
    engine = backends.load(backend_name).Engine(plan)
    with open_journal(path, plan=plan) as journal:
        write(journal, engine)
        before = decisions(journal, plan, backend_name)
        assert journal.last_snapshot() is not None
        live = restart(journal, backend=backend_name).engine
        assert engine.snapshot() == live.snapshot()
        assert 3 == journal.erase(ANNA)
        assert 0 == journal.erase(ANNA)
    # An event was refused for the caller's sake, else equality is not tested.
    assert len({digest for digest in before if digest}) > 3
    for file in path.parent.iterdir():
        data = file.read_bytes()
        assert [] == [each for each in TEXTS[:3] if each.encode() in data], file
        assert BORIS.encode() in data or not data
    with open_journal(path) as journal:
        journal.verify()
        assert before == decisions(journal, plan, backend_name)
        erased = restart(journal, backend=backend_name).engine.snapshot()
        again = backends.load(backend_name).Engine(plan)
        for frames in journal.frames():
            again.replay(frames)
        assert erased == again.snapshot()
        events = repr([record.event for record in journal.records()])
        assert BORIS in events
        assert ANNA not in events


def test_who_is_erased_and_calls_again_is_somebody_else(
    plan: bytes, path: Path
) -> None:
    """Else the old calls would be theirs again."""
    with open_journal(path, plan=plan) as journal:
        write(journal, backends.load("python").Engine(plan))
        journal.erase(ANNA)
        journal.append(arrival("a9", party(ANNA)), START_MS + 10**6)
        journal.commit()
        numbers = {
            record.event.caller.number
            for record in journal.records(people=False)
            if isinstance(record.event, CallArrived) and "a" in record.event.call
        }
        assert 2 == len(numbers)
        last = list(journal.records())[-1].event
        assert isinstance(last, CallArrived)
        assert ANNA == last.caller.number


def test_what_looks_like_an_id_is_text_like_any_other(plan: bytes, path: Path) -> None:
    """A caller could take somebody else's name by calling themselves by an id."""
    strange = [
        arrival(f"c{n}", party(f"+4850010030{n}", "§1", name))
        for n, name in enumerate(("§1", "§2", "§999", "§0", "§", "§1x", "§01"))
    ]
    with open_journal(path, plan=plan) as journal:
        write(journal, backends.load("python").Engine(plan))
        for event in strange:
            journal.append(event, START_MS + 10**6)
            journal.commit()
        assert strange == [record.event for record in journal.records(len(DAY))]


def test_what_looks_like_an_id_of_the_same_commit_is_text(
    plan: bytes, path: Path
) -> None:
    """Rows that are not written yet have ids that a caller can guess."""
    events = [
        arrival("c1", party(ANNA, name="Anna Nowak")),
        arrival("c2", party(BORIS, "§1", "§2")),
        arrival("c3", party("+48500100301", "§2", "§3")),
        arrival("c4", party("+48500100302", name="§9")),
    ]
    with open_journal(path, plan=plan) as journal:
        for event in events:
            journal.append(event, START_MS)
        journal.commit()
        for number in range(20):
            journal.append(
                arrival(f"d{number}", party(f"+4850010040{number}")), START_MS
            )
        journal.commit()
        assert events == [record.event for record in journal.records(0, len(events))]


def test_a_reader_is_told_who_called_since_it_was_opened(
    plan: bytes, path: Path
) -> None:
    """Who watches a site that runs would see ids instead of callers."""
    with (
        open_journal(path, plan=plan) as journal,
        open_journal(path, read_only=True) as reader,
    ):
        write(journal, backends.load("python").Engine(plan))
        assert list(DAY) == [record.event for record in reader.records()]


def test_many_callers_are_kept_apart(
    plan: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is bounded; what is forgotten must be found again."""
    monkeypatch.setattr("skillroute.journal._people._REMEMBERED_MAX", 5)
    events = [
        arrival(f"c{n}", party(f"+485001{n % 40:05}", name=f"name {n % 7}"))
        for n in range(200)
    ]
    with open_journal(path, plan=plan) as journal:
        for number, event in enumerate(events):
            journal.append(event, START_MS + number)
            if number % 9 == 0:
                journal.commit()
        journal.commit()
        assert events == [record.event for record in journal.records()]
        spelt = {(e.caller.number, e.caller.name) for e in events}
        assert journal.verify().people == len(spelt)


def test_a_person_in_a_call_is_found(plan: bytes) -> None:
    """Erased in the middle of a call, they would be two people afterwards."""
    engine = backends.load("python").Engine(plan)
    for number, event in enumerate(DAY):
        told(engine, event, START_MS + 1000 * number)
    assert is_in_state(engine.snapshot(), BORIS)
    assert not is_in_state(engine.snapshot(), "+48500100999")
