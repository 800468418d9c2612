"""
One host's connection: it is run, run again if it ends, and given its orders in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from ..actions import Action
from ..events import Event
from ..hookspecs import Host, Standing
from ..plan import Plan

__all__ = ["Link", "Reports"]

_BACKOFF_S = 0.1
_BACKOFF_S_MAX = 30.0
_LAST_ORDERS_S = 2.0
"""How long a stop waits for a host to carry out what it was ordered."""


class Reports(Protocol):
    """
    Where a link reports to: the driver.
    """

    @property
    def plan(self) -> Plan:
        """The plan in force."""

    async def told(self, event: Event, host: str) -> str:
        """A host has told an event."""

    async def connected(self, host: str, standing: Standing) -> None:
        """A host is there."""

    async def lost(self, host: str) -> None:
        """A host is gone."""

    def carried_out(self, host: str) -> None:
        """A host has carried out an order."""

    def order_failed(self, host: str, action: Action, why: str) -> None:
        """A host has not."""

    def host_ended(self, host: str, why: str) -> None:
        """A host has ended by itself, and is run again."""


class Link:
    """
    The driver, as one host sees it; and the host, as the driver sees it.

    Args:
        name: The host's name.
        host: The host.
        reports: The driver.
        settings: What the configuration says of the host.
        budget_s: How long one order may take.
    """

    def __init__(
        self,
        name: str,
        host: Host,
        reports: Reports,
        settings: Mapping[str, str],
        budget_s: float,
    ) -> None:
        self.name = name
        self._host = host
        self._reports = reports
        self._settings = settings
        self._budget_s = budget_s
        self._is_connected = False
        self._orders: asyncio.Queue[Action] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._failures = 0

    # For the host --------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._reports.plan

    @property
    def settings(self) -> Mapping[str, str]:
        """What the configuration says of the host."""
        return self._settings

    async def tell(self, event: Event) -> str:
        """Tell what happened; return once it is recorded, or does not count."""
        return await self._reports.told(event, self.name)

    async def connected(self, standing: Standing) -> None:
        """Say that the connection is there, and what exists."""
        self._is_connected = True
        self._failures = 0
        await self._reports.connected(self.name, standing)

    async def lost(self) -> None:
        """Say that the connection is gone."""
        if self._is_connected:
            self._is_connected = False
            self._forget_orders()
            await self._reports.lost(self.name)

    # For the driver ------------------------------------------------------------

    def start(self, after: tuple[asyncio.Task[None], ...] = ()) -> None:
        """Run the host, once the tasks of a former run have ended."""
        self._tasks = [
            asyncio.create_task(self._run(after), name=f"host {self.name}"),
            asyncio.create_task(self._carry_out(), name=f"orders of {self.name}"),
        ]

    def order(self, action: Action) -> None:
        """Let the host carry out an order, after those before it."""
        self._orders.put_nowait(action)

    def cut_off(self) -> None:
        """End the connection from our side; the host is run again."""
        self._is_connected = False
        self._forget_orders()
        former = tuple(self._tasks)
        for task in former:
            task.cancel()
        self._failures += 1
        self.start(former)

    async def ask(self) -> None:
        """Ask what exists."""
        try:
            async with asyncio.timeout(self._budget_s):
                standing = await self._host.standing()
        # Whatever a plugin raises, it is as good as lost.
        except Exception as error:  # noqa: BLE001
            self._reports.host_ended(self.name, f"does not say what exists: {error!r}")
            await self.lost()
            self.cut_off()
            return
        await self._reports.connected(self.name, standing)

    async def close(self) -> None:
        """End for good, once the last orders are carried out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(_LAST_ORDERS_S, self._budget_s)):
                await self._orders.join()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, after: tuple[asyncio.Task[None], ...]) -> None:
        if after:
            await asyncio.wait(after, timeout=self._budget_s)
            await self._back_off()
        while True:
            why = "returned"
            try:
                await self._host.run(self)
            # Whatever a plugin raises, it is as good as lost.
            except Exception as error:  # noqa: BLE001
                why = f"raised {error!r}"
            self._reports.host_ended(self.name, why)
            await self.lost()
            await self._back_off()

    async def _back_off(self) -> None:
        """Wait before the host is run again, longer each time that it fails at once."""
        await asyncio.sleep(min(_BACKOFF_S * 2**self._failures, _BACKOFF_S_MAX))
        self._failures = min(self._failures + 1, 16)

    async def _carry_out(self) -> None:
        while True:
            action = await self._orders.get()
            try:
                async with asyncio.timeout(self._budget_s):
                    await self._host.carry_out(action)
            except TimeoutError:
                why = f"took longer than {self._budget_s:g} s"
                self._reports.order_failed(self.name, action, why)
            # Whatever a plugin raises, the call goes on without this order.
            except Exception as error:  # noqa: BLE001
                self._reports.order_failed(self.name, action, repr(error))
            else:
                self._reports.carried_out(self.name)
            self._orders.task_done()

    def _forget_orders(self) -> None:
        while not self._orders.empty():
            self._orders.get_nowait()
            self._orders.task_done()
