"""
Everything of one site: its process and journal, its switches, people and clocks.

The process is started, killed and started again here, and each time what it leaves
behind is looked at.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec

from ... import backends, events
from ...driver import DriverSettings
from ...plan.compiled import encode, plan_id
from ...reference.state import Snapshot
from .. import random_plans
from .agenda import Agenda, WallClock
from .audit import Auditor
from .books import Books, WatchedEngine
from .disk import MemoryJournal
from .link import Link
from .mix import Injected, Mix, draw_mix
from .people import Crowd
from .planted import SOUND, Planted
from .process import Process
from .stores import Replayed, Store, make_store
from .switch import Switch

__all__ = ["JUDGED_EVERY", "Place"]

JUDGED_EVERY = 8
"""In one run of so many every event is judged by the Ledger; in the others only what
is left at the ends of both phases: that is most of what a run costs."""
SQLITE_EVERY = 40
"""One run of so many writes a real file."""
_STARTS_MS = {
    "today": random_plans.START_MS,
    "2038": 2_147_483_647_000 - 60_000,
    "leap": 1_483_228_800_000 - 60_000,
}


class Place:
    """
    One site; the arguments are those of ``run_seed``.
    """

    def __init__(
        self,
        seed: int,
        *,
        planted: Planted = SOUND,
        kept: Path | None = None,
        backend: str = "",
        folder: Path | None = None,
        judged_every: int = JUDGED_EVERY,
        flood: int = 0,
    ) -> None:
        self.seed = seed
        self._planted = planted
        self.draw = draw = random.Random(f"{seed}")
        self.mix = draw_mix(draw)
        if flood:
            self.mix = msgspec.structs.replace(self.mix, flood=flood)
        self.injected = Injected()
        self.books = Books()
        self.agenda = Agenda()
        self._backend = backend
        self._engine_class: Any = backends.load(backend or backends.active()).Engine
        self.is_judged = seed % judged_every == 0
        old = kept if self.mix.old_journal and folder else None
        in_file = old or seed % SQLITE_EVERY == 0
        plan = random_plans.random_plan(draw)
        self.store: Store = make_store(
            encode(plan), folder if in_file else None, kept=old, seed=seed
        )
        self.plan = self.store.plan(plan)
        if self._planted.journal and isinstance(self.store.journal, MemoryJournal):
            self._planted.journal(self.store.journal)
        begun = self.store.restart(backend) if old else None
        self._auditor = Auditor(self.store.journal, self._engine_class, begun)
        if old:
            self.injected["F17"] += 1
        self.plans = {plan_id(encode(p)): p for p in (plan, self.plan)}
        self.variants = random_plans.variants(draw, self.plan)
        self.wall = WallClock(self.agenda, _STARTS_MS[self.mix.start])
        if self.mix.start != "today":
            self.injected["F7"] += 1
        self.settings = _settings(draw, self.mix)
        self.process: Process | None = None
        self.crowd = Crowd(
            self.agenda,
            draw=draw,
            mix=self.mix,
            injected=self.injected,
            console=self.console,
            plan=self.plan,
        )
        self.links: dict[str, Link] = {}
        for host in random_plans.HOSTS:
            self._add_switch(host)
        self.is_safe = False

    def start_process(self) -> None:
        """
        Start the driver on what the journal has.
        """
        found: Replayed = self.store.restart(self._backend)
        if self._planted.restarted:
            self._planted.restarted(self.store.journal, found.engine)
        self.plan = self.plans.get(found.plan_id, self.plan)
        self.crowd.plan = self.plan
        if found.engine.snapshot() != self._auditor.state():
            self.books.say("I11: a restart leads to another state than a replay")
        driven = found.engine
        if self._planted.engine:
            driven = self._planted.engine(driven)
        engine = WatchedEngine(driven, self.books, self.plans.__getitem__, self.agenda)
        for compiled in self.plans.values():
            engine.add_plan(encode(compiled))
        self.books.begin_again(engine.snapshot(), self.plan, judged=self.is_judged)
        self.process = Process(
            agenda=self.agenda,
            wall=self.wall,
            draw=self.draw,
            mix=self.mix,
            injected=self.injected,
            disk=self.store,
            engine=engine,
            books=self.books,
            links=self.links,
            settings=self.settings,
            alive_ms=found.alive_ms,
            redeliver=found.redeliver,
            core_class=self._planted.core,
        )
        gap = self.books.gap
        if found.alive_ms is not None and (gap is None or gap.from_ms > found.alive_ms):
            self.books.say(f"1.7: it lived until {found.alive_ms}, and goes over {gap}")
        for name in sorted(self.links):
            delay_ms = 0 if self.is_safe else self.draw.randint(0, 2_000)
            self.agenda.after(delay_ms, self.links[name].connect)

    def kill(self) -> None:
        """
        Kill the process, and look at what it leaves behind (F9).
        """
        if self.process is None or self.is_safe:
            return
        self.injected["F9"] += 1
        process, self.process = self.process, None
        commits = process.commits_now
        process.kill()
        lost = self._planted.trusts_group
        loses_last = lost or (commits and self.draw.randrange(1000) >= self.mix.torn)
        self.store.crash(self.draw, loses_last=loses_last)
        self.look_at_heartbeat(process)
        self.audit(None)
        down_ms = self.draw.choice((0, 200, 2_000, 20_000, 120_000))
        if process.journal_is_down:
            down_ms = max(down_ms, 1)
            self._move_clock_on()
        self.agenda.after(down_ms, self._start_again)

    def _move_clock_on(self) -> None:
        """
        Let the wall clock show another time than in a life that could not record it.

        The next one's numbers are made of it (rule 18.2): nothing else is left that
        could tell them from those that hosts already know.
        """
        self.wall.thaw()

    def look_at_heartbeat(self, process: Process) -> None:
        """
        1.7: the journal knows that the driver ran about a second ago.
        """
        if self.books.is_journal_down or process.is_asleep or process.commits_now:
            return
        dead_ms = process.dead_for_ms(self.store.journal.alive_ms)
        if dead_ms > self.settings.heartbeat_ms + 500:
            self.books.say(f"1.7: there was no heartbeat for {dead_ms} ms")

    def _start_again(self) -> None:
        if self.process is None:
            self.start_process()

    def start_again_if_ended(self) -> None:
        """
        A driver that stopped, since its journal failed, is started again.
        """
        process = self.process
        if process is None or not process.core.ended or process.is_stopping:
            return
        if process.core.ended != "journal_failed":
            self.books.say(f"the driver ended: {process.core.ended}")
        process.kill()
        self.process = None
        self.store.crash(self.draw, loses_last=False)
        self.audit(None)
        self._move_clock_on()
        self.agenda.after(1_000, self._start_again)
        if self.mix.fails_for_ever_at:
            self.mix = msgspec.structs.replace(self.mix, fails_for_ever_at=0)

    def audit(self, live: bytes | None) -> None:
        """
        Compare the journal with what was said, ordered and, at the end, live.
        """
        recorded, ordered, problems = self._auditor.go_on(self.store.journal)
        self.books.broken += problems
        self.books.compare(recorded, ordered)
        self.books.is_journal_down = False
        if live is not None:
            self._compare_with_live(live)

    def _compare_with_live(self, live: bytes) -> None:
        """
        I11: what the journal leads to is what lived.
        """
        site = msgspec.msgpack.decode(live, type=Snapshot)
        state, ordered = self._auditor.state_at(site.clock_ms or 0)
        if ordered:
            self.books.say("1.3: time gave orders that were not recorded")
        elif state != live:
            self.books.say("I11: the journal leads to another state than the live one")

    def console(self, event: events.Event) -> None:
        """
        Let somebody do something at a console; a driver that is dead hears nothing.
        """
        if self.process is not None:
            self.process.tell("", event)

    def _add_switch(self, host: str) -> None:
        link = Link(
            host,
            self.agenda,
            draw=self.draw,
            mix=self.mix,
            injected=self.injected,
            driver=lambda: self.process,
        )
        link.lie = self._planted.standing
        link.switch = Switch(
            host,
            self.agenda,
            link.report,
            carries_twice=self._planted.carries_twice,
        )
        link.switch.people = self.crowd
        self.links[host] = link


def _settings(draw: random.Random, mix: Mix) -> DriverSettings:
    """
    Draw how the driver runs: often with little room, so that it is full.
    """
    return DriverSettings(
        on_failure="route" if mix.routes_on else "stop",
        in_flight_max=draw.choice((4_096, 4_096, 8)),
        waiting_max=draw.choice((10_000, 10, 100)),
        unrecorded_max=draw.choice((10_000, 20, 200)),
        snapshot_every=draw.choice((50_000, 100, 700)),
    )
