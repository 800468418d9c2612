"""Days that a router has routed, in journals: what the tests here ask about."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from skillroute_simulator import SimulatorHost

from skillroute.driver import DriverSettings, Router
from skillroute.journal import open_journal
from skillroute.plan import Plan
from skillroute.simulation import Behaviour, SimulatedCall
from skillroute.testing.virtual_time import VirtualClock, run_virtually

HOUR_MS = 3_600_000
ACCELERATED = DriverSettings(heartbeat_ms=60_000, gap_after_ms=300_000)


def record_day(
    path: Path, plan: Plan, *, calls: int, start_ms: int, hours: int = 2, seed: int = 1
) -> None:
    """Let a router route some hours of calls in virtual time, with a journal."""
    run_virtually(_day(path, plan, _calls(plan, calls, hours, seed), start_ms, seed))


def _calls(plan: Plan, number: int, hours: int, seed: int) -> tuple[SimulatedCall, ...]:
    draws = random.Random(seed)
    dialled = list(plan.raw.numbers)
    return tuple(
        SimulatedCall(
            call=f"c{n}",
            caller=f"+1202555{n:04}",
            dialled=draws.choice(dialled),
            arrival_after_ms=draws.randrange(hours * HOUR_MS),
            patience_ms=draws.randrange(2_000, draws.choice((20_000, 300_000))),
        )
        for n in range(number)
    )


async def _day(
    path: Path, plan: Plan, calls: tuple[SimulatedCall, ...], start_ms: int, seed: int
) -> None:
    behaviour = Behaviour(
        answer_ms=(2_000, 11_000),
        ignore_percent=8,
        decline_percent=8,
        connect_ms=500,
    )
    host = SimulatorHost(calls, behaviour, seed=seed, start_ms=start_ms)
    clock = VirtualClock(asyncio.get_running_loop(), start_ms)
    with open_journal(path, plan=plan.compiled, durability="off") as journal:
        async with Router(
            plan,
            host={"simulator": host},
            journal=journal,
            settings=ACCELERATED,
            clock=clock,
            threads=False,
        ) as router:
            running = asyncio.create_task(router.run())
            await host.finished.wait()
            router.stop()
            await running
