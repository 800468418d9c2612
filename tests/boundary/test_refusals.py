"""What the engine refuses: class, code, fields, and that nothing else changes."""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from skillroute.decisions import AgentAssumption, ExplainQuery
from skillroute.errors import (
    EventRefusedError,
    IllegalEventError,
    JournalError,
    LimitError,
    PlanError,
    UnknownIdError,
)
from skillroute.events import (
    ENGINE_EVENTS,
    EVENTS,
    Advanced,
    CallArrived,
    CallerHungUp,
    OfferAccepted,
    PlanReloaded,
)
from skillroute.plan.compiled import decode, encode, plan_id
from skillroute.reference import Engine, limits

REPOSITORY = Path(__file__).resolve().parents[2]


def refused(engine: Any, row: Any) -> EventRefusedError:
    """Let an engine refuse the event of a row, and return its exception."""
    with pytest.raises(row.error) as caught:
        engine.handle(row.event, row.now_ms)
    error: EventRefusedError = caught.value
    return error


def prepared(engine: Any, row: Any, start_ms: int) -> None:
    """Let what must come before the event of a row happen."""
    for event in row.before:
        engine.handle(event, start_ms)


def test_a_refusal_says_what_is_wrong(
    engine: Any, situation: str, refusals: Any
) -> None:
    """A host's author has only this to find the mistake with."""
    row = refusals.REFUSALS[situation]
    prepared(engine, row, refusals.START_MS)
    error = refused(engine, row)
    assert type(error) is row.error
    assert row.code == error.code
    assert row.fields == {name: getattr(error, name) for name in row.fields}
    assert error.message
    assert () == error.actions
    if isinstance(error, IllegalEventError):
        assert f"{error.event}: {error.state}; expected {error.expected}" == str(error)


def test_a_refused_event_changes_nothing(
    engine: Any,
    situation: str,
    refusals: Any,
    remembered: Callable[[Any], bytes],
) -> None:
    """A mistake of a host must not cost a call or block an agent."""
    row = refusals.REFUSALS[situation]
    prepared(engine, row, refusals.START_MS)
    # The first time told to an engine is its start: schedules open, agents log in.
    engine.advance(refusals.START_MS)
    before = remembered(engine)
    refused(engine, row)
    assert before == remembered(engine)
    refused(engine, row)
    assert before == remembered(engine)


def test_every_refusal_of_the_code_is_provoked(refusals: Any) -> None:
    """A code that no test raises may never be raised, or with the wrong fields."""
    provoked = {(row.error.__name__, row.code) for row in refusals.REFUSALS.values()}
    page = (REPOSITORY / "docs" / "reference" / "errors.md").read_text("utf-8")
    classes = "IllegalEventError|UnknownIdError|LimitError"
    rows = re.findall(rf"^\| `(\w+)` \| \[`({classes})`\]", page, re.MULTILINE)
    documented = {(name, code) for code, name in rows}
    assert len(documented) > 15
    missing = {code for _, code in documented - provoked}
    assert set(refusals.NOT_PROVOKED) == missing
    assert provoked <= documented


def test_every_event_of_tomorrow_is_refused(engine: Any, refusals: Any) -> None:
    """Ignored in silence, it would look as if it had been carried out."""
    later = [event for event in EVENTS if event not in ENGINE_EVENTS]
    assert later
    for number, event in enumerate(later):
        info = msgspec.inspect.type_info(event)
        assert isinstance(info, msgspec.inspect.StructType)
        values = {f.name: value(f.type) for f in info.fields if f.required}
        with pytest.raises(IllegalEventError) as caught:
            engine.handle(event(**values), refusals.START_MS + number)
        assert ("not_yet", event.__name__) == (caught.value.code, caught.value.event)


def value(kind: Any) -> Any:
    """Make a value of a type."""
    match kind:
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            return cls(**{f.name: value(f.type) for f in fields if f.required})
        case msgspec.inspect.LiteralType(values=values):
            return values[0]
        case msgspec.inspect.IntType():
            return 1
        case msgspec.inspect.BoolType():
            return False
        case msgspec.inspect.VarTupleType():
            return ()
        case _:
            return "x"


def test_orders_of_due_timers_come_with_the_refusal(engine: Any, refusals: Any) -> None:
    """Lost, the agent's telephone would ring on for ever."""
    start_ms = refusals.START_MS
    engine.handle(refusals.arrival(), start_ms)
    with pytest.raises(UnknownIdError) as caught:
        engine.handle(CallerHungUp(call="c9"), start_ms + 15_000)
    assert ["CancelOffer"] == [type(a).__name__ for a in caught.value.actions]
    # The order was given once, and is given to nobody else.
    assert () == engine.handle(Advanced(), start_ms + 15_000)


def test_a_refusal_counts_as_an_event(engine: Any, refusals: Any) -> None:
    """The journal has it, so the ids of later orders must count it."""
    with pytest.raises(UnknownIdError):
        engine.handle(CallerHungUp(call="c9"), refusals.START_MS)
    orders = engine.handle(refusals.arrival(), refusals.START_MS)
    assert [(2, 0, 0), (2, 0, 1)] == [order.id for order in orders]


def test_a_refusal_does_not_stop_the_events_after_it(
    engine: Any, backend: SimpleNamespace, plan: bytes, refusals: Any
) -> None:
    """A batch must end in the state of one by one."""
    events: list[tuple[Any, int]] = [
        (refusals.arrival(), refusals.START_MS),
        (CallerHungUp(call="c9"), refusals.START_MS),
        (OfferAccepted(offer=1), refusals.START_MS + 1),
    ]
    results = engine.handle_many(events)
    assert [tuple, UnknownIdError, tuple] == [type(result) for result in results]
    single = backend.Engine(plan)
    for event, now_ms in events:
        with contextlib.suppress(EventRefusedError):
            single.handle(event, now_ms)
    assert single.snapshot() == engine.snapshot()


def test_a_million_calls_are_the_limit(
    monkeypatch: pytest.MonkeyPatch, plan: bytes, refusals: Any
) -> None:
    """A host that forgets to say that calls end must not eat all memory."""
    assert 1_000_000 == limits.CALLS_MAX
    monkeypatch.setattr(limits, "CALLS_MAX", 2)
    engine = Engine(plan)
    for call in ("c1", "c2"):
        engine.handle(refusals.arrival(call=call), 0)
    with pytest.raises(LimitError) as caught:
        engine.handle(refusals.arrival(call="c3"), 0)
    assert ("calls_max", 2) == (caught.value.limit, caught.value.value)
    engine.handle(CallerHungUp(call="c1"), 0)
    assert engine.handle(refusals.arrival(call="c3"), 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "plan_malformed"),
        (b"\xc1", "plan_malformed"),
        (msgspec.msgpack.encode([1]), "plan_malformed"),
        (msgspec.msgpack.encode({"format": 1}), "plan_malformed"),
        (msgspec.msgpack.encode(["1"]), "plan_malformed"),
        (msgspec.msgpack.encode([2]), "plan_format"),
    ],
)
def test_bytes_that_are_no_plan_are_refused(
    backend: SimpleNamespace, data: bytes, code: str
) -> None:
    """A file of another version must give a reason, not a traceback."""
    with pytest.raises(PlanError) as caught:
        backend.Engine(data)
    assert code == caught.value.code


@pytest.mark.parametrize("cut", ["empty", "half", "nonsense", "other version"])
def test_bytes_that_are_no_snapshot_are_refused(
    backend: SimpleNamespace, plan: bytes, engine: Any, cut: str
) -> None:
    """After a crash the last snapshot may be torn; the one before it is not."""
    whole = engine.snapshot()
    version, *rest = msgspec.msgpack.decode(whole)
    data = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "nonsense": b"\xc1",
        "other version": msgspec.msgpack.encode([version + 1, *rest]),
    }[cut]
    with pytest.raises(JournalError) as caught:
        backend.Engine.restore(plan, data)
    assert ("snapshot_malformed", "snapshot") == (caught.value.code, caught.value.where)


@pytest.mark.parametrize(
    "tail", [b"\0", b"\0\0\0\x09", b"\0\0\0\1\xc1", b"\0\0\0\2\x92\0"]
)
def test_a_torn_journal_is_read_up_to_the_tear(
    engine: Any, backend: SimpleNamespace, plan: bytes, refusals: Any, tail: bytes
) -> None:
    """What stands before the tear was acknowledged and must not be lost."""
    start_ms = refusals.START_MS
    data = msgspec.msgpack.encode([start_ms, refusals.arrival()])
    frame = struct.pack(">I", len(data)) + data
    with pytest.raises(JournalError) as caught:
        engine.replay(frame + tail)
    assert ("frame_malformed", "frame 1") == (caught.value.code, caught.value.where)
    other = backend.Engine(plan)
    assert 1 == other.replay(frame)
    assert other.snapshot() == engine.snapshot()


def test_a_journal_that_goes_on_under_an_unknown_plan_is_read_up_to_there(
    engine: Any, backend: SimpleNamespace, plan: bytes, refusals: Any
) -> None:
    """Who replays without the plan would route by the wrong one, and not know."""
    start_ms = refusals.START_MS
    other = plan_with_seed(plan, 77)
    frames = [
        msgspec.msgpack.encode([start_ms, refusals.arrival()]),
        msgspec.msgpack.encode([start_ms, PlanReloaded(plan_id=plan_id(other))]),
    ]
    journal = b"".join(struct.pack(">I", len(frame)) + frame for frame in frames)
    with pytest.raises(JournalError) as caught:
        engine.replay(journal)
    assert ("plan_missing", "frame 1") == (caught.value.code, caught.value.where)
    informed = backend.Engine(plan)
    assert plan_id(other) == informed.add_plan(other)
    assert 2 == informed.replay(journal)
    reloaded = backend.Engine(plan)
    reloaded.handle(refusals.arrival(), start_ms)
    reloaded.reload(other, start_ms)
    assert reloaded.snapshot() == informed.snapshot()


@pytest.mark.parametrize("way", ["reload", "add_plan"])
def test_a_plan_that_is_none_changes_nothing(
    engine: Any, refusals: Any, way: str
) -> None:
    """A damaged plan must be noticed before the site goes on under it."""
    engine.handle(refusals.arrival(), refusals.START_MS)
    before = engine.snapshot()
    at_ms = (refusals.START_MS + 60_000,) if way == "reload" else ()
    with pytest.raises(PlanError) as caught:
        getattr(engine, way)(b"none", *at_ms)
    assert "plan_malformed" == caught.value.code
    assert before == engine.snapshot()


def plan_with_seed(plan: bytes, seed: int) -> bytes:
    """Make another plan that says almost the same."""
    decoded = decode(plan)
    settings = msgspec.structs.replace(decoded.settings, seed=seed)
    return encode(msgspec.structs.replace(decoded, settings=settings))


def test_a_question_about_what_nobody_knows_is_refused(
    engine: Any, refusals: Any
) -> None:
    """A wrong id in a question must not look like a call that has ended."""
    start_ms = refusals.START_MS
    engine.handle(refusals.arrival(), start_ms)
    before = engine.snapshot()
    arrival: CallArrived = refusals.arrival(call="c2")
    nobody = (AgentAssumption(agent="zoe", state="available"),)
    questions = {
        "unknown_call": ExplainQuery(now_ms=start_ms, call="c9"),
        "time_went_back": ExplainQuery(now_ms=start_ms - 1, call="c1"),
        "unknown_agent": ExplainQuery(now_ms=start_ms, arrival=arrival, assume=nobody),
        "call_exists": ExplainQuery(now_ms=start_ms, arrival=refusals.arrival()),
    }
    for code, question in questions.items():
        with pytest.raises(EventRefusedError) as caught:
            engine.explain(question)
        assert code == caught.value.code
    assert before == engine.snapshot()
