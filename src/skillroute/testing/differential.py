"""
Compare backends with each other on random histories, event by event.

``python -m skillroute.testing.differential --seed 1 --events 200000`` makes
small worlds (``worlds``), tells every event to every backend, and compares
orders, refusals, the next deadline and the snapshot's bytes after each; now and
then also explanations, restoring, replaying and batches.  The invariants
(``invariants``) are checked on the first backend's state.

Exit code 0: no difference; 1: one was found, printed with its seed and the
history that leads to it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from typing import Any, NamedTuple

import msgspec

from .. import backends
from ..contract import Required
from ..decisions import (
    AgentAssumption,
    AgentQuery,
    AssumedTag,
    Decision,
    ExplainQuery,
)
from ..errors import EventRefusedError, IllegalEventError
from ..events import Advanced, Event, PlanReloaded
from ..plan.compiled import encode, plan_id
from ..reference.kept import joined
from ..reference.state import Snapshot
from .invariants import Ledger
from .plan_variants import permuted
from .recovery import reconnections, settling_ms, unsettled
from .worlds import World

__all__ = ["Difference", "Report", "compare_world", "main"]

EVENTS_PER_WORLD = 250
EXPLAIN_EVERY = 40
CHUNK = 20
"""Worlds that one process takes at a time: about a second of work."""
REPLAY_EVERY = 4
"""Replaying and batching handle a whole history twice more: one world in four."""
RECOVER_EVERY = 4
"""In one world in four all faults end, and everything has to settle."""
PERMUTE_EVERY = 4
"""One history in four is told again to a site whose plan has another order."""
_SETTLING_STEP_MS = 500
_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)


class Difference(NamedTuple):
    """
    The first thing in which two backends differ, or that breaks an invariant.
    """

    seed: int
    """Seed of the world."""
    event: int
    """Number of the event in its history, from 0."""
    what: str
    history: tuple[tuple[Event, int], ...]
    """(event, now_ms) up to and including the one that differs."""


class Report(NamedTuple):
    """
    What a run looked at.
    """

    events: int
    applied: int
    """Events that were not refused."""
    orders: int
    """Orders that were compared."""
    explained: int
    """Decisions that were compared."""
    difference: Difference | None


class _Answer(NamedTuple):
    """
    Everything that can be seen of one event on one backend.
    """

    actions: tuple[Any, ...]
    refusal: tuple[object, ...] | None
    deadline_ms: int | None
    snapshot: bytes


def compare_world(engines: Sequence[Any], seed: int, events: int) -> Report:
    """
    Run one world on several engines.

    Args:
        engines: Engine classes; the first is the one that the others must equal.
        seed: The world.
        events: How many events, > 0.
    """
    return _Run(engines, seed).compare(events)


class _Run:
    """
    One world on several engines.
    """

    def __init__(self, engines: Sequence[Any], seed: int) -> None:
        self._seed = seed
        self._world = World(seed, reloads=True)
        self._plan = encode(self._world.plan)
        self._first_plan = self._plan
        self._first = self._world.plan
        self._classes = engines
        self._engines = [self._given(engine(self._plan)) for engine in engines]
        self._ledger = Ledger(self._world.plan)
        self._draw = random.Random(seed + 1)
        self._history: list[tuple[Event, int]] = []
        self._orders_of: list[tuple[tuple[Any, ...], object]] = []
        """Of each event: its orders, and the code of its refusal."""
        self._applied = self._orders = self._explained = 0

    def compare(self, events: int) -> Report:
        """
        Compare so many events, or up to the first difference.
        """
        found = None
        steps = self._world.steps(lambda: self._engines[0].next_deadline_ms)
        for number, event in zip(range(events), steps, strict=False):
            found = self._step(event, self._world.now_ms)
            if not found and number % EXPLAIN_EVERY == EXPLAIN_EVERY - 1:
                found = self._explanations() or self._restored()
            if found:
                break
        if not found and self._seed % RECOVER_EVERY == 1:
            found = self._recovered()
        if not found and self._seed % REPLAY_EVERY == 0:
            found = self._replayed()
        if not found and self._seed % PERMUTE_EVERY == 2:
            found = self._permuted()
        difference = None
        if found:
            history = tuple(self._history)
            difference = Difference(self._seed, len(history) - 1, found, history)
        return Report(
            len(self._history), self._applied, self._orders, self._explained, difference
        )

    def _given(self, engine: Any) -> Any:
        """
        Give an engine the plans under which it may have to go on.
        """
        for plan in self._world.plans.values():
            engine.add_plan(encode(plan))
        return engine

    def _step(self, event: Event, now_ms: int) -> str:
        self._history.append((event, now_ms))
        before = self._engines[0].snapshot()
        answers = [_answer(engine, event, now_ms) for engine in self._engines]
        first = answers[0]
        for other in answers[1:]:
            if other != first:
                return _differing(first, other)
        if isinstance(event, PlanReloaded) and first.refusal is None:
            self._plan = encode(self._world.plan)
            self._ledger.reload(self._world.plan)
        self._orders_of.append((first.actions, first.refusal and first.refusal[1]))
        self._applied += first.refusal is None
        self._orders += len(first.actions)
        broken = self._ledger.check(first.snapshot, first.actions)
        self._world.observe(first.actions)
        if first.refusal is not None:
            broken += self._unchanged(before, first.snapshot, now_ms)
        return "; ".join(broken)

    def _unchanged(self, before: bytes, after: bytes, now_ms: int) -> list[str]:
        """
        17.9: a refused event changes nothing beyond the timers due before it.
        """
        engine = self._classes[0].restore(self._plan, before)
        try:
            engine.advance(now_ms)
        except IllegalEventError:
            return []
        only_time = msgspec.msgpack.decode(engine.snapshot())
        refused = msgspec.msgpack.decode(after)
        counters = slice(3, 5)
        only_time[counters] = refused[counters]
        return (
            [] if only_time == refused else ["17.9: a refused event changed something"]
        )

    def _explanations(self) -> str:
        """
        Ask every engine about a call it has and one that might come.
        """
        for query in self._queries():
            before = [engine.snapshot() for engine in self._engines]
            answers = [_explained(engine, query) for engine in self._engines]
            self._explained += 1
            if any(answer != answers[0] for answer in answers[1:]):
                return f"explain {query}: {answers[0]} and {answers[1:]}"
            if before != [engine.snapshot() for engine in self._engines]:
                return "17.8: explaining changed something"
        return ""

    def _queries(self) -> list[ExplainQuery | AgentQuery]:
        """
        Make questions about calls and agents, as they are and as they might be.
        """
        draw, now_ms = self._draw, self._world.now_ms
        agent = draw.choice(self._world.plan.agents).id
        calls = self._world.calls or (f"c{draw.randint(1, 40)}",)
        needs = (Required("lang:pl", 60),)
        return [
            ExplainQuery(now_ms=now_ms, call=f"c{draw.randint(1, 40)}"),
            ExplainQuery(now_ms=now_ms, call=draw.choice(calls)),
            ExplainQuery(now_ms=now_ms, arrival=self._world.arrival("new")),
            ExplainQuery(
                now_ms=now_ms + draw.choice((0, 1000, 8000)),
                arrival=msgspec.structs.replace(
                    self._world.arrival("new"), needs=needs
                ),
                assume=self._assumptions(),
                assume_rested=draw.random() < 0.5,
                only=draw.choice((None, (), (agent,))),
            ),
            ExplainQuery(
                now_ms=now_ms + draw.choice((0, 1000, 8000)),
                call=draw.choice(calls),
                assume=self._assumptions(),
                assume_rested=draw.random() < 0.1,
                waited_ms=draw.choice((0, 0, 1000, 8000, 60_000)),
            ),
            AgentQuery(now_ms=now_ms + draw.choice((0, 1000)), agent=agent),
        ]

    def _assumptions(self) -> tuple[AgentAssumption, ...]:
        draw = self._draw
        agents = draw.choices(self._world.plan.agents, k=draw.randint(0, 3))
        states = ("available", "logged_out", "paused", "busy", "wrap_up", "unchanged")
        tags = ((), (), (AssumedTag("lang:pl", draw.choice((0, 60, 100))),))
        return tuple(
            AgentAssumption(
                agent=agent.id,
                state=draw.choice(states),  # type: ignore[arg-type]
                idle_ms=draw.choice((None, 1000)),
                tags=draw.choice((*tags, (AssumedTag("x"), AssumedTag("lang:xx", 5)))),
                on_shift=draw.random() < 0.3,
                cleared=draw.random() < 0.5,
            )
            for agent in agents
        )

    def _restored(self) -> str:
        """
        Go on with engines made of their own snapshots.
        """
        snapshots = [engine.snapshot() for engine in self._engines]
        self._engines = [
            self._given(engine.restore(self._plan, snapshot))
            for engine, snapshot in zip(self._classes, snapshots, strict=True)
        ]
        if snapshots != [engine.snapshot() for engine in self._engines]:
            return "a restored engine has another snapshot"
        return ""

    def _replayed(self) -> str:
        """
        17.8: replay and batch lead to the same state.
        """
        frames = b"".join(_frame(event, now_ms) for event, now_ms in self._history)
        final = self._engines[0].snapshot()
        for engine_class in self._classes:
            replayed = self._given(engine_class(self._first_plan))
            count = replayed.replay(frames)
            batch = self._given(engine_class(self._first_plan))
            batch.handle_many(self._history)
            if count != len(self._history) or replayed.snapshot() != final:
                return f"17.8: replay of {count} frames differs"
            if batch.snapshot() != final:
                return "17.8: batch differs from one by one"
        return ""

    def _recovered(self) -> str:
        """
        17.14: end all faults, and look whether everything settles.
        """
        engine, now_ms = self._engines[0], self._world.now_ms
        for event in reconnections(_SNAPSHOT.decode(engine.snapshot())):
            found = self._step(event, now_ms)
            if found:
                return found
        then = _SNAPSHOT.decode(engine.snapshot())
        until_ms = now_ms + settling_ms(joined(self._world.plan, then.kept))
        while now_ms < until_ms:
            now_ms = min(now_ms + _SETTLING_STEP_MS, until_ms)
            found = self._step(Advanced(), now_ms)
            if found:
                return found
        after = _SNAPSHOT.decode(engine.snapshot())

        def explained(call: str) -> Decision:
            decision = engine.explain(ExplainQuery(now_ms=now_ms, call=call))
            assert isinstance(decision, Decision)
            return decision

        return "; ".join(unsettled(then, after, explained))

    def _permuted(self) -> str:
        """
        17.13: the order in which queues and numbers were written decides nothing.
        """
        twin = self._classes[0](encode(permuted(self._draw, self._first)))
        renamed = {}
        for id, plan in self._world.plans.items():
            other = encode(permuted(self._draw, plan))
            renamed[id] = plan_id(other)
            twin.add_plan(other)
        for number, (event, now_ms) in enumerate(self._history):
            twins = event
            if isinstance(event, PlanReloaded):
                twins = PlanReloaded(plan_id=renamed.get(event.plan_id, event.plan_id))
            answer = _answer(twin, twins, now_ms)
            orders = (answer.actions, answer.refusal and answer.refusal[1])
            if orders != self._orders_of[number]:
                return (
                    f"17.13: in another order of queues event {number} gives {orders},"
                    f" not {self._orders_of[number]}"
                )
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Compare backends until so many events have been seen.
    """
    parser = argparse.ArgumentParser(prog="python -m skillroute.testing.differential")
    parser.add_argument("--seed", type=int, default=1, help="first world")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--backends", default=",".join(backends.available()))
    options = parser.parse_args(arguments)
    names = options.backends.split(",")
    if len(names) < 2:
        print(f"nothing to compare: only {names}", file=sys.stderr)
        return 2
    started = time.monotonic()
    worlds = -(-options.events // EVENTS_PER_WORLD)
    seeds = range(options.seed, options.seed + worlds)
    total = Report(0, 0, 0, 0, None)
    with ProcessPoolExecutor(options.jobs) as pool:
        chunks = [seeds[n : n + CHUNK] for n in range(0, worlds, CHUNK)]
        for report in pool.map(_compare_chunk, repeat(names), chunks):
            if report.difference is not None:
                _print_difference(report.difference)
                pool.shutdown(cancel_futures=True)
                return 1
            total = _sum(total, report)
    seconds = time.monotonic() - started
    print(
        f"{' = '.join(names)}: {total.events} events ({total.applied} applied) in"
        f" {worlds} worlds from seed {options.seed}, {total.orders} orders and"
        f" {total.explained} decisions compared: no difference, no broken"
        f" invariant, {seconds:.1f} s"
    )
    return 0


def _compare_chunk(names: Sequence[str], seeds: Sequence[int]) -> Report:
    engines = [backends.load(name).Engine for name in names]
    total = Report(0, 0, 0, 0, None)
    for seed in seeds:
        total = _sum(total, compare_world(engines, seed, EVENTS_PER_WORLD))
        if total.difference is not None:
            break
    return total


def _sum(one: Report, two: Report) -> Report:
    return Report(
        one.events + two.events,
        one.applied + two.applied,
        one.orders + two.orders,
        one.explained + two.explained,
        one.difference or two.difference,
    )


def _print_difference(difference: Difference) -> None:
    print(f"seed {difference.seed}, event {difference.event}: {difference.what}")
    for event, now_ms in difference.history[-12:]:
        print(f"  {now_ms} {event}")


def _answer(engine: Any, event: Event, now_ms: int) -> _Answer:
    refusal = None
    try:
        actions = engine.handle(event, now_ms)
    except EventRefusedError as error:
        actions = error.actions
        details = (getattr(error, name, None) for name in _DETAILS)
        refusal = (type(error), error.code, str(error), *details)
    return _Answer(actions, refusal, engine.next_deadline_ms, engine.snapshot())


_DETAILS = ("event", "state", "expected", "kind", "id", "limit", "value")


def _explained(engine: Any, query: ExplainQuery | AgentQuery) -> object:
    try:
        return engine.explain(query)
    except EventRefusedError as error:
        return (type(error), error.code, str(error))


def _differing(first: _Answer, other: _Answer) -> str:
    for name in ("actions", "refusal", "deadline_ms"):
        one, two = getattr(first, name), getattr(other, name)
        if one != two:
            return f"{name}: {one} and {two}"
    one = msgspec.msgpack.decode(first.snapshot)
    two = msgspec.msgpack.decode(other.snapshot)
    parts = [f"{a} and {b}" for a, b in zip(one, two, strict=False) if a != b]
    return f"snapshot: {'; '.join(parts) or 'other bytes of equal content'}"


def _frame(event: Event, now_ms: int) -> bytes:
    body = msgspec.msgpack.encode((now_ms, event))
    return len(body).to_bytes(4, "big") + body


if __name__ == "__main__":
    sys.exit(main())
