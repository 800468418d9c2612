"""
The driver: waiting, a thread that commits, and the connections of the hosts.

It decides nothing: every reading of the clocks and everything that happens goes to
``Core``, and what the core wants done is done here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pluggy

from ..actions import Action
from ..errors import EngineBugError, JournalError
from ..events import Event
from ..hookspecs import Host, Standing
from ..journal import Journal
from ..plan import Plan
from ._clock import Clock, SystemClock
from ._deciding import Core
from ._hook_calls import HookCalls
from ._journalling import ComeBack, write_entries
from ._links import Link
from ._messages import Outbox, Receipt
from ._settings import DriverSettings

__all__ = ["Driver"]

_LOG = logging.getLogger("skillroute.driver")

_GIVE_UP_S = 10.0
"""How long a stop waits for a journal that fails."""


class Driver:
    """
    Join an engine, a journal, hosts and hooks in the running asyncio loop.

    Args:
        plan: The plan in force.
        back: The engine, and where it goes on.
        journal: Open for writing; closed by whoever opened it.
        hosts: By name; they are connected by ``run``.
        settings: How to run.
        clock: None: the machine's.
        manager: The plugins whose hooks are called; None: none are.
        host_settings: By host: what the configuration says of it.
        threads: False: commits and hooks run in the loop, as in virtual time.
    """

    def __init__(
        self,
        plan: Plan,
        back: ComeBack,
        journal: Journal,
        hosts: Mapping[str, Host],
        *,
        settings: DriverSettings | None = None,
        clock: Clock | None = None,
        manager: pluggy.PluginManager | None = None,
        host_settings: Mapping[str, Mapping[str, str]] | None = None,
        threads: bool = True,
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._settings = DriverSettings() if settings is None else settings
        self._clock = SystemClock() if clock is None else clock
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, "journal") if threads else None
        self._hooks = HookCalls(manager, self._hook_returned, threads=threads)
        self._core = Core(
            back.engine,
            self._settings,
            self._clock.read(),
            alive_ms=back.alive_ms,
            redeliver=back.redeliver,
            observers=self._hooks.observers,
        )
        budget_s = self._settings.order_budget_ms / 1000
        said = {} if host_settings is None else host_settings
        self._links = {
            name: Link(name, host, self, said.get(name, {}), budget_s)
            for name, host in hosts.items()
        }
        self._receipts: dict[int, asyncio.Future[Receipt]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stop = asyncio.Event()
        self._is_closed = False

    # For programs --------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """
        The plan in force.
        """
        return self._plan

    @property
    def journal_is_down(self) -> bool:
        """
        Tell whether nothing is acknowledged as durable at present.
        """
        return self._core.journal_is_down

    async def run(self) -> None:
        """
        Route calls until ``stop`` is called.

        Raises:
            JournalError: The journal cannot be written, and ``on_failure`` is ``stop``
                (code ``journal_failed``).
            EngineBugError: The engine refuses everything (code ``engine_bug``).
        """
        self._pump()
        for link in self._links.values():
            link.start()
        try:
            await self._stopped()
            await self._settle()
        finally:
            for link in self._links.values():
                await link.close()
        self._raise_if_ended()

    def stop(self) -> None:
        """
        Stop: take no new calls, wait for those in progress as long as the settings
        say, record what was told, keep a snapshot.
        """
        self._stop.set()
        self._changed.set()

    def close(self) -> None:
        """
        Let go of the loop and of the thread that commits; the last thing to do.
        """
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.shutdown(wait=True)

    async def tell(self, event: Event) -> str:
        """
        Tell what a person or a program does, such as a log-in.

        Returns:
            Once it is recorded, an empty string; else why it does not count, as
            ``HostLink.tell``.
        """
        return await self.told(event, "")

    async def reload(self, plan: Plan) -> str:
        """
        Go on under another plan.

        Returns:
            Once it is recorded, an empty string; else why it does not count.

        Raises:
            JournalError: The journal fails at present (``journal_down``).
        """
        ticket = self._core.reload(plan.compiled, self._clock.read())
        receipt = await self._receipt(ticket)
        if not receipt.code:
            self._plan = plan
        return receipt.code

    # For links -----------------------------------------------------------------

    async def told(self, event: Event, host: str) -> str:
        """
        A host has told an event.
        """
        ticket = self._core.tell(event, self._clock.read(), host=host)
        return (await self._receipt(ticket)).code

    async def connected(self, host: str, standing: Standing) -> None:
        """
        A host is there.
        """
        reading = self._clock.read()
        ticket = self._core.host_connected(host, standing, reading)
        receipt = await self._receipt(ticket)
        if receipt.code:
            _LOG.error("%s said what exists: refused, %s", host, receipt.code)

    async def lost(self, host: str) -> None:
        """
        A host is gone.
        """
        await self._receipt(self._core.host_lost(host, self._clock.read()))

    def carried_out(self, host: str) -> None:
        """
        A host has carried out an order.
        """
        self._core.carried_out(host)

    def order_failed(self, host: str, action: Action, why: str) -> None:
        """
        A host has not carried out an order.
        """
        self._core.order_failed(host, action, why, self._clock.read())
        self._pump()

    def host_ended(self, host: str, why: str) -> None:
        """
        A host has ended by itself, and is run again.
        """
        _LOG.warning("host %s %s", host, why)

    # Inside --------------------------------------------------------------------

    async def _stopped(self) -> None:
        while not self._stop.is_set() and not self._core.ended:
            await self._changed.wait()
            self._changed.clear()
        self._core.stop()

    async def _settle(self) -> None:
        """
        Wait for calls in progress, then for the journal.
        """
        deadline = self._loop.time() + self._settings.drain_ms / 1000
        while self._core.calls and self._loop.time() < deadline:
            if self._core.ended:
                return
            await asyncio.sleep(0.05)
        self._core.finish(self._clock.read())
        self._pump()
        deadline = self._loop.time() + _GIVE_UP_S
        while not self._core.is_settled and self._loop.time() < deadline:
            if self._core.ended:
                return
            self._changed.clear()
            with_timeout = asyncio.wait_for(self._changed.wait(), 0.1)
            await asyncio.gather(with_timeout, return_exceptions=True)

    def _raise_if_ended(self) -> None:
        if self._core.ended == "journal_failed":
            raise JournalError(
                code="journal_failed",
                message="the journal cannot be written, and on_failure is stop",
                where="the journal",
            )
        if self._core.ended:
            raise EngineBugError(
                code="engine_bug",
                message="the engine has a bug, and refuses everything from now on",
            )

    async def _receipt(self, ticket: int) -> Receipt:
        future: asyncio.Future[Receipt] = self._loop.create_future()
        self._receipts[ticket] = future
        self._pump()
        return await future

    def _pump(self) -> None:
        """
        Do what the core wants done, and wake it when it wants to be woken.
        """
        if self._is_closed:
            return
        outbox = self._core.take()
        write_entries(self._journal, outbox.entries)
        if outbox.commit:
            self._commit(outbox.commit)
        self._deliver(outbox)
        if self._timer is not None:
            self._timer.cancel()
        if self._core.ended:
            self._changed.set()
            return
        monotonic_ms = self._clock.read().monotonic_ms
        wait_s = max(0, self._core.next_wake_ms - monotonic_ms) / 1000
        self._timer = self._loop.call_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._core.wake(self._clock.read())
        self._pump()

    def _deliver(self, outbox: Outbox) -> None:
        for alarm in outbox.alarms:
            _LOG.error("%s: %s", alarm.code, alarm.text)
        for release in outbox.releases:
            if (link := self._links.get(release.host)) is not None:
                link.order(release.action)
        for receipt in outbox.receipts:
            future = self._receipts.pop(receipt.ticket, None)
            if future is not None and not future.done():
                future.set_result(receipt)
        for host in outbox.drops:
            if (link := self._links.get(host)) is not None:
                link.cut_off()
        for host in outbox.resyncs:
            if (link := self._links.get(host)) is not None:
                task = asyncio.create_task(link.ask())
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)
        for ask in outbox.asks:
            self._hooks.ask(ask)

    def _commit(self, number: int) -> None:
        if self._writer is None:
            self._loop.call_soon(self._commit_here, number)
            return
        future = self._loop.run_in_executor(self._writer, self._journal.commit)
        future.add_done_callback(partial(self._commit_returned, number))

    def _commit_here(self, number: int) -> None:
        done: asyncio.Future[int] = self._loop.create_future()
        try:
            done.set_result(self._journal.commit())
        except JournalError as error:
            done.set_exception(error)
        self._commit_returned(number, done)

    def _commit_returned(self, number: int, done: asyncio.Future[int]) -> None:
        reading = self._clock.read()
        if (error := done.exception()) is None:
            self._core.committed(number, reading)
        else:
            self._core.commit_failed(number, str(error), reading)
        self._changed.set()
        self._pump()

    def _hook_returned(self, id: int, answer: object, why: str) -> None:
        """
        A hook has returned, in its own thread.
        """
        told: Callable[[], None] = partial(self._hook_told, id, answer, why)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(told)

    def _hook_told(self, id: int, answer: object, why: str) -> None:
        reading = self._clock.read()
        if why:
            self._core.hook_failed(id, why, reading)
        else:
            self._core.hook_answered(id, answer, reading)
        self._pump()
