"""Days of a small random site, told to an engine and to a journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from skillroute import backends
from skillroute.actions import Action
from skillroute.errors import EventRefusedError
from skillroute.events import Event, PlanReloaded
from skillroute.journal import Record, SqliteJournal, digest_of
from skillroute.plan.compiled import decode, encode, plan_id
from skillroute.testing.invariants import Ledger
from skillroute.testing.worlds import World


class Told(NamedTuple):
    """An event, and what an engine made of it."""

    event: Event
    at_ms: int
    actions: tuple[Action, ...]
    refused: str


class Day:
    """A random history, with the engine that was told it."""

    def __init__(self, seed: int) -> None:
        self._world = World(seed, reloads=True)
        self.plan = encode(self._world.plan)
        self.plans = [encode(plan) for plan in self._world.plans.values()]
        self.engine = self.new_engine()

    def new_engine(self, backend: str = "") -> Any:
        """Make an engine that knows all plans of the day."""
        name = backend or backends.active()
        engine = backends.load(name).Engine(self.plan)
        for plan in self.plans:
            engine.add_plan(plan)
        return engine

    def events(self, count: int) -> Iterator[Told]:
        """Tell the engine so many events more."""
        steps = self._world.steps(lambda: self.engine.next_deadline_ms)
        for _, event in zip(range(count), steps, strict=False):
            now_ms = self._world.now_ms
            actions, refused = told(self.engine, event, now_ms)
            self._world.observe(actions)
            yield Told(event, now_ms, actions, refused)

    def write(
        self, journal: SqliteJournal, count: int, *, group: int = 7
    ) -> list[Told]:
        """Write so many events more, committed in groups; return them."""
        for plan in self.plans:
            journal.add_plan(plan)
        written = []
        for number, one in enumerate(self.events(count), 1):
            append(journal, one)
            written.append(one)
            if journal.snapshot_due:
                journal.keep_snapshot(self.engine.snapshot())
            if number % group == 0:
                journal.commit()
        journal.commit()
        return written


def told(engine: Any, event: Event, now_ms: int) -> tuple[tuple[Action, ...], str]:
    """Tell an engine an event; return its orders, and the code of a refusal."""
    try:
        return engine.handle(event, now_ms), ""
    except EventRefusedError as refusal:
        return refusal.actions, refusal.code


def append(journal: SqliteJournal, one: Told) -> int:
    """Add to a journal what an engine was told."""
    return journal.append(
        one.event, one.at_ms, actions=one.actions, refused=one.refused
    )


def judged(seed: int, records: Iterable[Record]) -> bytes:
    """
    Decide anew what a journal has of a day, and check every invariant after each.

    Args:
        seed: Of the day.
        records: What was read, from the first record on.

    Returns:
        The state of an engine that was told the records, and nothing else.
    """
    day = Day(seed)
    plans = {plan_id(plan): decode(plan) for plan in (day.plan, *day.plans)}
    ledger, engine = Ledger(plans[plan_id(day.plan)]), day.engine
    state: bytes = engine.snapshot()
    for record in records:
        event = record.event
        assert event is not None, "a day has no notes"
        actions, refused = told(engine, event, record.at_ms)
        assert (record.digest, record.refused) == (digest_of(actions), refused)
        if isinstance(event, PlanReloaded) and not refused:
            ledger.reload(plans[event.plan_id])
        state = engine.snapshot()
        assert [] == ledger.check(state, actions), f"day {seed}: {record}"
    return state
