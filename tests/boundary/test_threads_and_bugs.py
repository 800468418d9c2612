"""Two threads, a bug inside, and a long day: what an engine must withstand."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from skillroute import reference
from skillroute.decisions import ExplainQuery
from skillroute.errors import EngineBugError, EngineBusyError, EventRefusedError
from skillroute.events import (
    CallConnected,
    CallerHungUp,
    OfferAccepted,
    OfferCancelled,
    WrapUpEnded,
)

START_MS = 1_767_268_800_000
ROUNDS = 20
CALLS_PER_ROUND = 40
CALLS_OF_A_DAY = 20_000


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let the interpreter change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def tell_until_heard(engine: Any, event: Any, busy: list[str]) -> None:
    """Tell an event again until the engine was free to hear it."""
    while True:
        try:
            engine.handle(event, START_MS)
        except EngineBusyError as error:
            busy.append(error.code)
        else:
            return


@pytest.mark.usefixtures("hasty_threads")
def test_two_threads_never_mix_two_events(
    backend: SimpleNamespace, plan: bytes, refusals: Any
) -> None:
    """A call counted by halves would ring nobody, or two people."""
    for round_ in range(ROUNDS):
        engine = backend.Engine(plan)
        failures: list[BaseException] = []
        busy: list[str] = []

        def work(
            name: str,
            engine: Any = engine,
            failures: list[BaseException] = failures,
            busy: list[str] = busy,
        ) -> None:
            try:
                for number in range(CALLS_PER_ROUND):
                    call = f"{name}{number}"
                    tell_until_heard(engine, refusals.arrival(call=call), busy)
                    tell_until_heard(engine, CallerHungUp(call=call), busy)
            except BaseException as failure:  # noqa: BLE001 - told by the main thread
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [] == failures, f"round {round_}"
        assert {"engine_busy"} >= set(busy)
        assert not any(thread.is_alive() for thread in threads)
        orders = engine.handle(refusals.arrival(call="last"), START_MS + 60_000)
        events = 2 * 2 * CALLS_PER_ROUND + 1
        assert [(events, 0, 0), (events, 0, 1)] == [order.id for order in orders]


def test_a_bug_stops_the_engine(
    monkeypatch: pytest.MonkeyPatch, plan: bytes, refusals: Any
) -> None:
    """Going on after a broken rule would route calls by a state that is wrong."""
    engine = reference.Engine(plan)
    healthy = engine.snapshot()

    def broken(site: object) -> None:
        raise KeyError(site)

    with monkeypatch.context() as patch:
        patch.setattr("skillroute.reference.engine.settle", broken)
        with pytest.raises(EngineBugError) as caught:
            engine.handle(refusals.arrival(), START_MS)
    assert "engine_bug" == caught.value.code
    assert isinstance(caught.value.__cause__, KeyError)
    ways = (
        lambda: engine.handle(refusals.arrival(), START_MS),
        lambda: engine.advance(START_MS),
        lambda: engine.handle_many([(refusals.arrival(), START_MS)]),
        engine.snapshot,
        lambda: engine.explain(ExplainQuery(now_ms=START_MS, call="c1")),
        lambda: engine.next_deadline_ms,
    )
    for way in ways:
        with pytest.raises(EngineBugError) as caught:
            way()
        assert "engine_broken" == caught.value.code
    # Another engine, of the last snapshot, goes on.
    restored = reference.Engine.restore(plan, healthy)
    assert restored.handle(refusals.arrival(), START_MS)


def test_a_bug_is_no_refusal() -> None:
    """Whoever goes on after a refusal must not go on after a bug."""
    assert not issubclass(EngineBugError, EventRefusedError)
    assert not issubclass(EngineBusyError, EventRefusedError)


def test_a_day_of_calls_leaves_nothing_behind(engine: Any, refusals: Any) -> None:
    """A site runs for months: what grows with every call fills the machine."""
    sizes = []
    for number in range(1, CALLS_OF_A_DAY + 1):
        call = f"c{number:08}"
        now_ms = START_MS + number
        engine.handle(refusals.arrival(call=call), now_ms)
        if number % 4 == 0:
            engine.handle(OfferAccepted(offer=number), now_ms)
            engine.handle(CallConnected(offer=number), now_ms)
        engine.handle(CallerHungUp(call=call), now_ms)
        if number % 4 == 0:
            engine.handle(WrapUpEnded(agent="anna"), now_ms)
        else:
            engine.handle(OfferCancelled(offer=number), now_ms)
        if number % 2_000 == 0:
            sizes.append(len(engine.snapshot()))
    assert 10 == len(sizes)
    # Counters may take a byte or two more as they grow.
    assert max(sizes) - min(sizes) < 64
