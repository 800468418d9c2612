"""
The books of a run: what was told, ordered and acknowledged, end to end.

They are kept outside the driver, the journal and the engine, and compare what each of
them says with the others: every call has one outcome (I1), what was acknowledged or
ordered is in the journal whatever was killed (I12), and replaying the journal leads to
the state that was live (I11).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from ...actions import Action, ActionId, RecordOutcome
from ...errors import EventRefusedError
from ...events import CallArrived, Event, Gap, PlanReloaded
from ...plan.compiled import CompiledPlan
from ...reference.state import Snapshot
from ..invariants import Ledger
from .agenda import Agenda

__all__ = ["Books", "WatchedEngine"]

_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)


class Books:
    """
    What was seen of one site since its process was started last.
    """

    def __init__(self) -> None:
        self.broken: list[str] = []
        """What does not hold, in words."""
        self.events = 0
        """Events that the engine was told, over all processes of the run."""
        self.live: set[str] = set()
        """Calls that have arrived and not ended."""
        self.released: dict[ActionId, Action] = {}
        """Orders that left, but for those while the journal was known to fail."""
        self.acknowledged: Counter[Event] = Counter()
        """Events that were said to be durable."""
        self.outcomes: Counter[str] = Counter()
        self.gap: Gap | None = None
        """The last that the present process went over."""
        self.is_journal_down = False
        """A commit has failed and none has worked since."""
        self.ledger: Ledger | None = None
        self._history: list[str] = []

    def say(self, what: str) -> None:
        """
        Note that something does not hold.
        """
        self.broken.append(what)

    def handled(
        self, event: Event | None, actions: tuple[Action, ...], refused: str
    ) -> None:
        """
        Note what the engine was told, None for time alone, and what it ordered.
        """
        self.events += event is not None
        if isinstance(event, Gap):
            self.gap = event
        if isinstance(event, CallArrived) and not refused:
            if event.call in self.live:
                self.say(f"I1: {event.call} arrived twice")
            self.live.add(event.call)
        for action in actions:
            if isinstance(action, RecordOutcome):
                self.outcomes[action.outcome] += 1
                if action.call in self.live:
                    self.live.remove(action.call)
                else:
                    self.say(f"I1: {action.call} has a second outcome")

    def release(self, action: Action) -> None:
        """
        Note an order that leaves for a host.
        """
        if self.is_journal_down:
            return
        known = self.released.setdefault(action.id, action)
        if known != action:
            self.say(f"two orders have the id {action.id}: {known} and {action}")

    def acknowledge(self, event: Event) -> None:
        """
        Note that somebody was told that an event is durable.
        """
        self.acknowledged[event] += 1

    def compare(
        self, recorded: Counter[Event], ordered: dict[ActionId, Action]
    ) -> None:
        """
        Compare what was said and ordered since the last time with a journal (I12).
        """
        for event, times in self.acknowledged.items():
            if recorded[event] < times:
                self.say(f"I12: acknowledged and not recorded: {event}")
        self.acknowledged.clear()
        for id, action in self.released.items():
            if ordered.get(id) != action:
                self.say(
                    f"I12: ordered, and the journal says {ordered.get(id)}: {action}"
                )
        self.released.clear()

    def begin_again(self, state: bytes, plan: CompiledPlan, *, judged: bool) -> None:
        """
        Go on from the state with which a process starts.
        """
        snapshot = _SNAPSHOT.decode(state)
        self.live = {call.id for call in snapshot.calls}
        self.gap = None
        self.ledger = None
        if judged:
            self.ledger = Ledger(plan)
            self.ledger.begin_with(state)


class WatchedEngine:
    """
    An engine, and the books that see what it is told.

    Args:
        engine: The engine.
        books: The books.
        plans: Compiled plans and what they are made of, by id.
        agenda: The monotonic clock.
    """

    def __init__(
        self,
        engine: Any,
        books: Books,
        plans: Callable[[str], CompiledPlan],
        agenda: Agenda,
    ) -> None:
        self.engine = engine
        self.ahead_ms = 0
        """How far its clock is before the monotonic one."""
        self._agenda = agenda
        self._books = books
        self._plans = plans

    @property
    def next_deadline_ms(self) -> int | None:
        """
        When ``advance`` is needed next.
        """
        deadline_ms: int | None = self.engine.next_deadline_ms
        return deadline_ms

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine what happened.
        """
        self.ahead_ms = now_ms - self._agenda.now_ms
        try:
            actions: tuple[Action, ...] = self.engine.handle(event, now_ms)
        except EventRefusedError as refusal:
            self._books.handled(event, refusal.actions, refusal.code)
            self._judge(refusal.actions)
            raise
        self._books.handled(event, actions, "")
        ledger = self._books.ledger
        if ledger is not None and isinstance(event, PlanReloaded):
            ledger.reload(self._plans(event.plan_id))
        self._judge(actions)
        return actions

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """
        Tell the engine that time has passed.
        """
        self.ahead_ms = now_ms - self._agenda.now_ms
        actions: tuple[Action, ...] = self.engine.advance(now_ms)
        self._books.handled(None, actions, "")
        self._judge(actions)
        return actions

    def add_plan(self, plan: bytes) -> str:
        """
        Let ``PlanReloaded`` name a plan.
        """
        id: str = self.engine.add_plan(plan)
        return id

    def snapshot(self) -> bytes:
        """
        Return all logical state.
        """
        state: bytes = self.engine.snapshot()
        return state

    def has_in_sync(self, host: str) -> bool:
        """
        Tell whether the engine takes a host to be there.
        """
        known = _SNAPSHOT.decode(self.engine.snapshot()).hosts
        return any(one.name == host and one.in_sync for one in known)

    def explain(self, query: Any) -> object:
        """
        Say why a call goes where it goes.
        """
        return self.engine.explain(query)

    def _judge(self, actions: tuple[Action, ...]) -> None:
        ledger = self._books.ledger
        if ledger is not None:
            self._books.broken += ledger.check(self.engine.snapshot(), actions)
