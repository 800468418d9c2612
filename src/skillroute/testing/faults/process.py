"""
The process that routes calls: the core of the driver, an engine and a journal.

It does what the driver's shell does, without waiting and without threads: commits take
their time on the agenda and may fail (F8), hooks answer, raise or hang (F11), the
machine may sleep (F7), and a kill leaves nothing but the journal (F9).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ... import actions
from ...actions import Action
from ...driver import (
    AskLookUp,
    AskObserver,
    Core,
    DriverSettings,
    Outbox,
    Reading,
    Receipt,
    write_entries,
)
from ...errors import JournalError, PlanError
from ...events import CallArrived, Event
from ...hookspecs import Standing
from .agenda import Agenda, WallClock
from .books import Books, WatchedEngine
from .link import Link
from .mix import Injected, Mix

__all__ = ["JournalInUse", "Process"]

OBSERVERS = ("wallboard", "reports")
ORDER_BUDGET_MS = 10_000
_STALL_MS = 5_000
_FOR_SWITCHES = (
    actions.OfferCall,
    actions.CancelOffer,
    actions.ReleaseLeg,
    actions.BridgeCall,
    actions.ConfirmOffer,
    actions.HangUpCall,
    actions.SendToVoicemail,
    actions.ForwardCall,
)
"""Orders that change a leg; others (music, announcements, records) always succeed."""
_NOT_TAKEN = {"overloaded", "stopping", "stopped", "host_dropped"}


class JournalInUse(Protocol):
    """
    A journal, and the disk below it.
    """

    journal: Any
    """What the process writes to."""

    def commit(self, *, fails: bool, draw: random.Random) -> None:
        """
        Commit; raise ``JournalError`` if the disk fails.
        """
        ...


class Process:
    """
    One life of the driver, from its start to its stop or its kill.

    Args:
        agenda: What happens when.
        wall: The machine's wall clock.
        draw: Chance.
        mix: How often what goes wrong.
        injected: Counts it.
        disk: The journal.
        engine: Brought to where the journal ends.
        books: What sees everything.
        links: The connections, by host.
        settings: How the driver runs.
        alive_ms: As for ``Core``.
        redeliver: As for ``Core``.
        core_class: The core; another one if a fault is planted in it.
    """

    def __init__(
        self,
        *,
        agenda: Agenda,
        wall: WallClock,
        draw: random.Random,
        mix: Mix,
        injected: Injected,
        disk: JournalInUse,
        engine: WatchedEngine,
        books: Books,
        links: dict[str, Link],
        settings: DriverSettings,
        alive_ms: int | None,
        redeliver: Iterable[Action] = (),
        core_class: type[Core] = Core,
    ) -> None:
        self.mix = mix
        self.is_dead = False
        self.is_stopping = False
        self.alarms: Counter[str] = Counter()
        self.engine = engine
        self._agenda = agenda
        self._wall = wall
        self._draw = draw
        self._injected = injected
        self._disk = disk
        self._books = books
        self._links = links
        self._told: dict[int, tuple[str, Event]] = {}
        self._asleep: list[Callable[[], None]] | None = None
        self._commit_ms_max = draw.choice((0, 0, 1, 5))
        self._commits = 0
        self._busy_commit = False
        self._commit_began_ms = 0
        self._commit_late_ms = settings.commit_late_ms
        self.core = core_class(
            engine,
            settings,
            self._reading(),
            alive_ms=alive_ms,
            redeliver=redeliver,
            observers=OBSERVERS if mix.hook_faults else (),
        )
        self._flush()

    @property
    def next_wake_ms(self) -> int | None:
        """
        When ``wake`` is needed; None: it sleeps, is dead or has ended.
        """
        if self.is_dead or self._asleep is not None or self.core.ended:
            return None
        return self.core.next_wake_ms

    @property
    def is_settled(self) -> bool:
        """
        Tell whether nothing is under way inside.
        """
        return self.core.is_settled and not self._busy_commit

    @property
    def is_asleep(self) -> bool:
        """
        Tell whether its machine stands still.
        """
        return self._asleep is not None

    @property
    def unanswered(self) -> int:
        """
        How many events that were told have no receipt yet.
        """
        return len(self._told)

    @property
    def journal_is_down(self) -> bool:
        """
        Tell whether the core takes the journal to be down.
        """
        return self.core.journal_is_down

    def wake(self) -> None:
        """
        Let the core see that time has passed.
        """
        self.core.wake(self._reading())
        deadline_ms = self.engine.next_deadline_ms
        now_ms = self._agenda.now_ms + self._ahead_ms()
        is_over = self.is_stopping or bool(self.core.ended)
        if deadline_ms is not None and deadline_ms <= now_ms and not is_over:
            self._books.say(f"17.12: a timer is due since {now_ms - deadline_ms} ms")
        self._flush()

    def _ahead_ms(self) -> int:
        """
        Return how far the engine's clock is before the monotonic one.
        """
        return self.engine.ahead_ms

    def dead_for_ms(self, alive_ms: int | None) -> int:
        """
        Return since when the journal does not know that it lived, milliseconds.
        """
        return self._agenda.now_ms + self._ahead_ms() - (alive_ms or 0)

    def kill(self) -> None:
        """
        Let it be gone, whatever it was doing.
        """
        self.is_dead = True

    @property
    def commits_now(self) -> bool:
        """
        Tell whether a commit is under way.
        """
        return self._busy_commit

    # What links and people say ---------------------------------------------------

    def tell(self, host: str, event: Event) -> None:
        """
        A host, or a person (no host), says something.
        """
        if self._is_away(lambda: self.tell(host, event)):
            return
        # The ticket is known before a receipt can leave, which is in ``_flush``.
        ticket = self.core.tell(event, self._reading(), host=host)
        self._told[ticket] = (host, event)
        self._flush()

    def host_lost(self, host: str) -> None:
        """
        The connection to a host is gone.
        """
        if self._is_away(lambda: self.host_lost(host)):
            return
        self.core.host_lost(host, self._reading())
        if not self.core.is_full and self.engine.has_in_sync(host):
            self._books.say(f"1.7: {host} is lost, and in sync")
        self._flush()

    def host_returned(self, host: str, standing: Standing) -> None:
        """
        The connection to a host is there.
        """
        if self._is_away(lambda: self.host_returned(host, standing)):
            return
        self.core.host_connected(host, standing, self._reading())
        self._flush()

    def reload(self, compiled: bytes) -> bool:
        """
        Go on under another plan; False: it was broken.
        """
        if self.is_dead or self._asleep is not None:
            return False
        try:
            self.core.reload(compiled, self._reading())
        except (PlanError, JournalError):
            return False
        self._flush()
        return True

    def sleep(self, for_ms: int) -> None:
        """
        Let the machine stand still for so long; what is sent to it waits.
        """
        if self.is_dead or self._asleep is not None:
            return
        self._injected["F7"] += 1
        self._asleep = []
        self._agenda.after(for_ms, self._awake)

    def finish(self) -> None:
        """
        Stop in order: handle what waits, keep a snapshot, commit.
        """
        self.is_stopping = True
        self.core.stop()
        self.core.finish(self._reading())
        self._flush()

    # Inside ------------------------------------------------------------------------

    def _reading(self) -> Reading:
        return Reading(self._agenda.now_ms, self._wall.now_ms)

    def _is_away(self, what: Callable[[], None]) -> bool:
        """
        Tell whether nobody hears it; a machine that sleeps hears it later.
        """
        if self._asleep is not None:
            self._asleep.append(what)
            return True
        return self.is_dead or bool(self.core.ended)

    def _awake(self) -> None:
        waiting, self._asleep = self._asleep or [], None
        if self.is_dead:
            return
        self.wake()
        for what in waiting:
            what()

    def _flush(self) -> None:
        """
        Do what the core wants done, until it wants nothing more.
        """
        out = self.core.take()
        write_entries(self._disk.journal, out.entries)
        self._let_leave(out)
        if out.commit:
            self._commit(out.commit)

    def _let_leave(self, out: Outbox) -> None:
        if self._busy_commit and self.mix.routes_on:
            took_ms = self._agenda.now_ms - self._commit_began_ms
            self._books.is_journal_down |= took_ms >= self._commit_late_ms
        for release in out.releases:
            self._books.release(release.action)
            self._order(release.host, release.action)
        for receipt in out.receipts:
            self._receive(receipt)
        for ask in out.asks:
            self._ask(ask)
        for alarm in out.alarms:
            self.alarms[alarm.code] += 1
        for host in out.drops:
            self._agenda.after(100, self._links[host].connect)
        for host in out.resyncs:
            self._agenda.after(0, self._links[host].connect)

    def _order(self, host: str, action: Action) -> None:
        link = self._links.get(host)
        if link is None or not isinstance(action, _FOR_SWITCHES):
            self.core.carried_out(host)
            return
        self._agenda.after(0, lambda: self._carry(link, action))

    def _carry(self, link: Link, action: Action) -> None:
        """
        Let a switch carry an order out; the driver hears that it did, or could not.
        """
        why = link.order(action)
        if self.is_dead:
            return
        if not why:
            self.core.carried_out(link.name)
            return
        delay_ms = ORDER_BUDGET_MS if why == "late" else 0
        self._agenda.after(delay_ms, lambda: self._order_failed(link, action, why))

    def _order_failed(self, link: Link, action: Action, why: str) -> None:
        if self._is_away(lambda: self._order_failed(link, action, why)):
            return
        if link.is_up:
            self.core.order_failed(link.name, action, why, self._reading())
            self._flush()

    def _receive(self, receipt: Receipt) -> None:
        host, event = self._told.pop(receipt.ticket, ("", None))
        if event is None:
            return
        if receipt.durable:
            self._books.acknowledge(event)
        if isinstance(event, CallArrived) and receipt.code:
            link = self._links[host]
            is_refused = receipt.code in _NOT_TAKEN
            self._agenda.after(
                0, lambda: link.switch.refused(event, for_good=is_refused)
            )
        elif receipt.code == "overloaded":
            self._books.say(f"refused as overloaded: {event}")

    # Commits -------------------------------------------------------------------------

    def _commit(self, number: int) -> None:
        """
        Commit now; the core hears of it after as long as it took.
        """
        assert not self._busy_commit, "two commits at once"
        self._commits += 1
        mix, draw = self.mix, self._draw
        delay_ms = draw.randint(0, self._commit_ms_max)
        if mix.stalls and draw.randrange(1000) < mix.stalls:
            self._injected["F8"] += 1
            delay_ms = _STALL_MS
        why = ""
        try:
            self._disk.commit(fails=self._fails(), draw=draw)
        except JournalError as error:
            why = error.message
        self._busy_commit = True
        self._commit_began_ms = self._agenda.now_ms
        if delay_ms or why:
            self._agenda.after(delay_ms, lambda: self._commit_returned(number, why))
        else:
            self._commit_returned(number, why)

    def _fails(self) -> bool:
        """
        Tell whether the disk is full now, or does not do what it should.
        """
        mix = self.mix
        for_ever = mix.fails_for_ever_at and self._commits >= mix.fails_for_ever_at
        once = mix.write_errors and self._draw.randrange(1000) < mix.write_errors
        self._injected["F8"] += bool(for_ever or once)
        return bool(for_ever or once)

    def _commit_returned(self, number: int, why: str) -> None:
        if self._asleep is not None:
            self._asleep.append(lambda: self._commit_returned(number, why))
            return
        if self.is_dead:
            return
        self._busy_commit = False
        if why:
            self._books.is_journal_down = self.mix.routes_on
            self.core.commit_failed(number, why, self._reading())
            if not self.mix.routes_on and not self.core.ended:
                self._books.say("the journal failed, and the driver goes on")
        else:
            self.core.committed(number, self._reading())
        self._flush()
        if not why:
            # What was lost while the journal failed leaves with this commit, and is no
            # more durable than the rest of that time.
            self._books.is_journal_down = False

    # Hooks -------------------------------------------------------------------

    def _ask(self, ask: AskLookUp | AskObserver) -> None:
        """
        Let a hook answer, raise, hang, talk nonsense, or answer much too late.
        """
        draw = self._draw
        answer_ms, fails, answer = draw.randint(0, 100), False, None
        if draw.randrange(1000) < self.mix.hook_faults:
            self._injected["F11"] += 1
            kind = draw.randrange(4)
            if kind == 0:
                return
            fails = kind == 1
            answer = "nonsense" if kind == 2 else None
            answer_ms = 30_000 if kind == 3 else answer_ms
        self._agenda.after(
            answer_ms, lambda: self._answered(ask.id, answer, fails=fails)
        )

    def _answered(self, id: int, answer: object, *, fails: bool) -> None:
        if self._is_away(lambda: self._answered(id, answer, fails=fails)):
            return
        if fails:
            self.core.hook_failed(id, "it raised", self._reading())
        else:
            self.core.hook_answered(id, answer, self._reading())
        self._flush()
