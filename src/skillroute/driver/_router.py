"""
The router: plan, journal, plugins and driver, put together for a program to embed.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from os import PathLike, fspath
from types import TracebackType
from typing import Self

import pluggy

from ..errors import PluginError
from ..events import Event
from ..hookspecs import Host
from ..journal import StartedJournal, open_journal
from ..plan import Plan, load_plan
from ..plugins import plugin_manager
from ._clock import Clock
from ._driver import Driver
from ._journalling import come_back
from ._settings import DriverSettings

__all__ = ["Router"]


class Router:
    """
    Route the calls of one site.

    Use it in ``async with``: entering reads the plan, opens the journal and goes on
    where it ends; ``run`` connects the hosts.

    Args:
        plan: A plan, or its file.
        host: Name of a plugin's host, or hosts by name.
        journal: File of the journal, made if there is none; or an open one.
        settings: How to run.
        host_settings: What hosts are told of their switch, by host.
        backend: Which engine; empty: the active one.
        clock: None: the machine's.
        threads: False: commits and hooks run in the loop, as in virtual time.
    """

    def __init__(
        self,
        plan: Plan | str | PathLike[str],
        *,
        host: str | Mapping[str, Host],
        journal: str | PathLike[str] | StartedJournal,
        settings: DriverSettings | None = None,
        host_settings: Mapping[str, Mapping[str, str]] | None = None,
        backend: str = "",
        clock: Clock | None = None,
        threads: bool = True,
    ) -> None:
        self._plan_given = plan
        self._host = host
        self._journal_given = journal
        self._settings = settings
        self._host_settings = host_settings
        self._backend = backend
        self._clock = clock
        self._threads = threads
        self._open = ExitStack()
        self._driver: Driver | None = None
        self._reload: Plan | None = None

    def __repr__(self) -> str:
        """Say of which site, or that it has not been entered yet."""
        if self._driver is None:
            return "<Router, use it in `async with`>"
        plan = self._driver.plan
        return f"<Router of {plan.raw.site.name!r} under {plan.plan_id}>"

    async def __aenter__(self) -> Self:
        """
        Read the plan, open the journal and go on where it ends.

        Raises:
            PlanProblemsError: The plan has errors.
            JournalError: The journal is damaged, in use or cannot be read.
            PluginError: There is no such host (``host_unknown``), also of those that
                *host_settings* names, or plugins cannot be loaded.
        """
        with ExitStack() as opened:
            plan = self._plan_given
            plan = plan if isinstance(plan, Plan) else load_plan(plan)
            manager = plugin_manager()
            hosts = self._hosts(manager)
            self._check_host_settings(hosts)
            journal = self._journal(plan, opened)
            if journal.plan_id != plan.plan_id:
                self._reload = plan
            self._driver = Driver(
                plan,
                come_back(journal, backend=self._backend),
                journal,
                hosts,
                settings=self._settings,
                clock=self._clock,
                manager=manager,
                host_settings=self._host_settings,
                threads=self._threads,
            )
            self._open = opened.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the journal."""
        self.driver.close()
        self._open.close()

    @property
    def driver(self) -> Driver:
        """
        The driver, inside ``async with``.
        """
        assert self._driver is not None, "use the router in `async with`"
        return self._driver

    @property
    def plan(self) -> Plan:
        """
        The plan in force.
        """
        return self.driver.plan

    async def run(self, *, stop_on_signals: bool = False) -> None:
        """
        Route calls until ``stop`` is called.

        Args:
            stop_on_signals: Stop in an orderly way on SIGINT and SIGTERM (not on
                Windows).

        Raises:
            JournalError: The journal cannot be written, and ``on_failure`` is ``stop``
                (``journal_failed``).
            EngineBugError: The engine refuses everything (``engine_bug``).
        """
        loop = asyncio.get_running_loop()
        if stop_on_signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
        plan, self._reload = self._reload, None
        if plan is not None:
            await self.driver.reload(plan)
        await self.driver.run()

    def stop(self) -> None:
        """
        Stop in an orderly way; ``run`` returns when all is recorded.
        """
        self.driver.stop()

    async def tell(self, event: Event) -> str:
        """
        Tell what a person or a program does, such as a log-in.

        Returns:
            Once it is recorded, an empty string; else why it does not count.
        """
        return await self.driver.tell(event)

    async def reload(self, plan: Plan | str | PathLike[str] | None = None) -> str:
        """
        Go on under another plan.

        Args:
            plan: A plan, or its file; None: the file in use, as it is now.

        Returns:
            Once it is recorded, an empty string; else why it does not count.

        Raises:
            PlanProblemsError: The plan has errors; the one in force is kept.
            JournalError: The journal fails at present (``journal_down``).
        """
        read = plan
        if read is None:
            read = self._plan_given
        if not isinstance(read, Plan):
            read = load_plan(read)
        return await self.driver.reload(read)

    def _journal(self, plan: Plan, opened: ExitStack) -> StartedJournal:
        given = self._journal_given
        if not isinstance(given, str | PathLike):
            return given
        journal = open_journal(fspath(given), plan=plan.compiled)
        opened.callback(journal.close)
        return journal

    def _hosts(self, manager: pluggy.PluginManager) -> Mapping[str, Host]:
        if not isinstance(self._host, str):
            return self._host
        made: Host | None = manager.hook.skillroute_make_host(name=self._host)
        if made is None:
            message = f"no plugin brings a host {self._host!r}; see skillroute plugins"
            raise PluginError(code="host_unknown", message=message)
        return {self._host: made}

    def _check_host_settings(self, hosts: Mapping[str, Host]) -> None:
        """
        Refuse settings that no host would ever see.
        """
        for name in self._host_settings or ():
            if name not in hosts:
                there = ", ".join(hosts) or "none"
                message = f"host_settings are for a host {name!r}: there is {there}"
                raise PluginError(code="host_unknown", message=message)
