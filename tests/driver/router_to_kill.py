"""A router in a process of its own, to be killed: it says what was acknowledged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from skillroute_simulator import SimulatorHost

from skillroute.driver import DriverSettings, Router
from skillroute.events import CallArrived, Event
from skillroute.hookspecs import HostLink, Standing
from skillroute.plan import Plan
from skillroute.simulation import Behaviour, SimulatedCall
from tests.driver.rig import PLAN


class SayingLink:
    """A link that says on stdout which arrivals were acknowledged."""

    def __init__(self, link: HostLink) -> None:
        self._link = link

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._link.plan

    @property
    def settings(self) -> dict[str, str]:
        """Nothing is said of the host."""
        return {}

    async def tell(self, event: Event) -> str:
        """Tell, and say what was acknowledged."""
        code = await self._link.tell(event)
        if isinstance(event, CallArrived) and not code:
            sys.stdout.write(f"{event.call}\n")
            sys.stdout.flush()
        return code

    async def connected(self, standing: Standing) -> None:
        """Connect."""
        await self._link.connected(standing)

    async def lost(self) -> None:
        """Be lost."""
        await self._link.lost()


class SayingHost(SimulatorHost):
    """A simulator that says what was acknowledged."""

    async def run(self, link: HostLink) -> None:
        """Play."""
        await super().run(SayingLink(link))


async def route(path: Path, run: str) -> None:
    """Route calls in real time, until killed."""
    calls = tuple(
        SimulatedCall(
            call=f"{run}-{number}",
            arrival_after_ms=number * 3,
            patience_ms=300,
            handling_ms=50,
        )
        for number in range(2_000)
    )
    behaviour = Behaviour(answer_ms=(0, 30), connect_ms=5, release_ms=5)
    host = SayingHost(calls, behaviour, seed=1)
    settings = DriverSettings(snapshot_every=200)
    async with Router(
        PLAN, host={"simulator": host}, journal=path, settings=settings
    ) as router:
        await router.run(stop_on_signals=True)


if __name__ == "__main__":
    asyncio.run(route(Path(sys.argv[1]), sys.argv[2]))
