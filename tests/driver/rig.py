"""A core with hand-moved clocks and a journal, and what it has wanted done so far."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from skillroute import backends
from skillroute.actions import Action
from skillroute.contract import Party
from skillroute.driver import (
    AskLookUp,
    AskObserver,
    Core,
    DriverSettings,
    Engine,
    Entry,
    Reading,
    Receipt,
    write_entries,
)
from skillroute.events import CallArrived, CallStanding, Event
from skillroute.hookspecs import Standing
from skillroute.journal import Record, SqliteJournal, open_journal, restart
from skillroute.plan import Plan, parse_plan

PLAN = parse_plan("""
[site]
name = "lab"

[queues.sales]
needs = ["dept:sales"]
ring_s = 15

[agents.anna]
tags = ["dept:sales"]

[agents.bert]
tags = ["dept:sales", "lang:pl"]

[numbers."+12025550101"]
queue = "sales"
""")

START_MS = 1_795_000_000_000


def arrival(call: str = "c1", host: str = "pbx") -> CallArrived:
    """Return the arrival of a call."""
    return CallArrived(
        call=call,
        host=host,
        caller=Party(kind="e164", number="+12025550199"),
        dialled=Party(kind="e164", number="+12025550101"),
    )


class Rig:
    """
    A core under test.

    Every input is followed by taking the outbox; what was wanted is collected here.
    """

    def __init__(
        self,
        path: Path,
        *,
        plan: Plan = PLAN,
        settings: DriverSettings | None = None,
        wall_ms: int = START_MS,
        engine: Engine | None = None,
        observers: tuple[str, ...] = (),
        redeliver: Iterable[Action] = (),
    ) -> None:
        self.journal: SqliteJournal = open_journal(
            path, plan=plan.compiled, durability="off"
        )
        again = restart(self.journal)
        self.monotonic_ms = 50_000
        self.wall_ahead_ms = wall_ms - self.monotonic_ms
        self.engine: Engine = again.engine if engine is None else engine
        self.entries: list[Entry] = []
        self.orders: list[tuple[str, Action]] = []
        self.receipts: dict[int, Receipt] = {}
        self.asks: list[AskLookUp | AskObserver] = []
        self.alarms: list[str] = []
        self.drops: list[str] = []
        self.resyncs: list[str] = []
        self.open_commit = 0
        self.is_hung = False
        """Commits that are begun do not return while time passes."""
        self.core = Core(
            self.engine,
            DriverSettings() if settings is None else settings,
            self.now(),
            alive_ms=self.journal.alive_ms,
            observers=observers,
            redeliver=redeliver,
        )
        self.take()

    def now(self) -> Reading:
        """Read both clocks."""
        return Reading(self.monotonic_ms, self.monotonic_ms + self.wall_ahead_ms)

    def take(self) -> None:
        """Collect what is wanted; a commit is only begun."""
        outbox = self.core.take()
        write_entries(self.journal, outbox.entries)
        self.entries += outbox.entries
        if outbox.commit:
            assert self.open_commit == 0
            self.open_commit = outbox.commit
        self.orders += [(each.host, each.action) for each in outbox.releases]
        self.receipts.update((each.ticket, each) for each in outbox.receipts)
        self.asks += outbox.asks
        self.alarms += [each.code for each in outbox.alarms]
        self.drops += outbox.drops
        self.resyncs += outbox.resyncs

    def commit(self) -> None:
        """Let commits succeed until none is wanted."""
        while self.open_commit:
            self.journal.commit()
            number, self.open_commit = self.open_commit, 0
            self.core.committed(number, self.now())
            self.take()

    def fail(self, why: str = "disk full") -> None:
        """Let the commit that is under way fail."""
        number, self.open_commit = self.open_commit, 0
        assert number
        self.core.commit_failed(number, why, self.now())
        self.take()

    def tell(self, event: Event, host: str = "pbx") -> int:
        """Tell an event."""
        ticket = self.core.tell(event, self.now(), host=host)
        self.take()
        return ticket

    def connect(self, *calls: CallStanding, host: str = "pbx") -> int:
        """Let a host connect."""
        standing = Standing(calls=calls)
        ticket = self.core.host_connected(host, standing, self.now())
        self.take()
        return ticket

    def sleep(self, length_ms: int) -> None:
        """Let time pass, and wake the core whenever it wants to be."""
        until_ms = self.monotonic_ms + length_ms
        while self.core.next_wake_ms <= until_ms:
            self.monotonic_ms = max(self.monotonic_ms, self.core.next_wake_ms)
            self.core.wake(self.now())
            self.take()
            if self.core.ended:
                return
            if not self.is_hung:
                self.commit()
        self.monotonic_ms = until_ms

    def records(self) -> list[Record]:
        """Read all that is in the journal."""
        return list(self.journal.records())

    def recorded(self) -> list[str]:
        """Name all that is in the journal."""
        return [
            record.note_kind if record.event is None else type(record.event).__name__
            for record in self.records()
        ]

    def ordered(self) -> list[str]:
        """Name the orders that hosts were given."""
        return [type(action).__name__ for _, action in self.orders]


def engine_of(plan: Plan) -> Engine:
    """Make a new engine of the active backend."""
    engine: Engine = backends.load(backends.active()).Engine(plan.compiled)
    return engine
