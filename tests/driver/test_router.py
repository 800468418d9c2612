"""Whole days through the router, in virtual time: nothing sleeps, all is repeatable."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from skillroute_simulator import SimulatorHost

import skillroute as sr
from skillroute import events
from skillroute.actions import Action, RecordOutcome
from skillroute.driver import DriverSettings, Router
from skillroute.errors import PlanProblemsError, PluginError
from skillroute.hookspecs import Host, HostLink, Standing
from skillroute.journal import Record, open_journal, restart, state_hash
from skillroute.plan import parse_plan
from skillroute.simulation import Behaviour, SimulatedCall
from skillroute.testing.virtual_time import VirtualClock, run_virtually
from tests.driver.rig import PLAN, START_MS, arrival, engine_of

HOUR_MS = 3_600_000
ACCELERATED = DriverSettings(heartbeat_ms=60_000, gap_after_ms=300_000)


def calls(number: int, length_ms: int = HOUR_MS) -> tuple[SimulatedCall, ...]:
    """Draw calls of some length of time."""
    draws = random.Random(number)
    return tuple(
        SimulatedCall(
            call=f"c{n}",
            arrival_after_ms=draws.randrange(length_ms),
            patience_ms=draws.randrange(20_000, 200_000),
        )
        for n in range(number)
    )


def simulator(*, number: int = 60, seed: int = 1) -> SimulatorHost:
    """Return a host that plays an hour."""
    behaviour = Behaviour(
        answer_ms=(2_000, 8_000),
        ignore_percent=10,
        decline_percent=10,
        connect_ms=500,
    )
    return SimulatorHost(calls(number), behaviour, seed=seed, start_ms=START_MS)


async def hour(
    path: Path,
    host: SimulatorHost,
    meanwhile: Callable[[Router], object] | None = None,
    *,
    through: Host | None = None,
) -> bytes:
    """
    Route an hour, stop in an orderly way, and return the engine's state.

    The router may know the host only *through* another one around it.
    """
    clock = VirtualClock(asyncio.get_running_loop(), START_MS)
    with open_journal(path, plan=PLAN.compiled, durability="off") as journal:
        async with Router(
            PLAN,
            host={"simulator": through or host},
            journal=journal,
            settings=ACCELERATED,
            clock=clock,
            threads=False,
        ) as router:
            running = asyncio.create_task(router.run())
            if meanwhile is not None:
                meanwhile(router)
            await host.finished.wait()
            router.stop()
            await running
        last = journal.last_snapshot()
        assert last is not None
        return last.state


def recorded(path: Path) -> list[Record]:
    """Read all records of a journal."""
    with open_journal(path, read_only=True) as journal:
        return list(journal.records())


def test_every_call_ends_once(tmp_path: Path) -> None:
    """None is lost between switch, driver, engine and journal."""
    path = tmp_path / "site.journal"
    run_virtually(hour(path, simulator()))
    engine = engine_of(PLAN)
    outcomes: Counter[str] = Counter()
    for record in recorded(path):
        assert record.event is not None
        assert "" == record.refused
        for action in engine.handle(record.event, record.at_ms):
            if isinstance(action, RecordOutcome):
                outcomes[action.call] += 1
    assert {f"c{n}": 1 for n in range(60)} == outcomes


def test_the_journal_leads_to_the_same_state(tmp_path: Path) -> None:
    """Else what is explained later is not what happened."""
    path = tmp_path / "site.journal"
    state = run_virtually(hour(path, simulator()))
    with open_journal(path, read_only=True) as journal:
        engine = engine_of(PLAN)
        for frames in journal.frames():
            engine.replay(frames)  # type: ignore[attr-defined]
        later_ms = (journal.alive_ms or 0) + 1
        kept = restart(journal).engine
    engine.advance(later_ms)
    kept.advance(later_ms)
    assert state_hash(kept.snapshot()) == state_hash(engine.snapshot())
    assert state


def test_equal_runs_give_equal_journals(tmp_path: Path) -> None:
    """A fault that was seen once can be seen again."""
    for name in ("first", "second"):
        run_virtually(hour(tmp_path / name, simulator()))
    assert recorded(tmp_path / "first") == recorded(tmp_path / "second")
    run_virtually(hour(tmp_path / "third", simulator(seed=2)))
    assert recorded(tmp_path / "first") != recorded(tmp_path / "third")


def test_an_hour_takes_a_moment(tmp_path: Path) -> None:
    """Whoever tries a plan does not wait for its calls."""
    begun_s = time.perf_counter()
    run_virtually(hour(tmp_path / "site.journal", simulator()))
    assert time.perf_counter() - begun_s < 60


class BreakingHost:
    """A switch whose connection breaks, by raising or by returning."""

    def __init__(self, host: SimulatorHost, every: int) -> None:
        self._host = host
        self._every = every
        self.broke = 0

    async def run(self, link: HostLink) -> None:
        """Run the host inside, but not for long."""
        limit_s = 60 + self.broke
        try:
            async with asyncio.timeout(limit_s):
                await self._host.run(link)
        except TimeoutError:
            self.broke += 1
        if self.broke % self._every:
            raise OSError("connection reset by peer")

    async def carry_out(self, action: Action) -> None:
        """Let the host inside carry it out."""
        await self._host.carry_out(action)

    async def standing(self) -> Standing:
        """Say what the host inside says."""
        return await self._host.standing()


def test_a_host_that_breaks_is_run_again(tmp_path: Path) -> None:
    """Each call still ends exactly once, most of them answered."""
    path = tmp_path / "site.journal"
    inside = simulator()
    host = BreakingHost(inside, 2)
    run_virtually(hour(path, inside, through=host))
    assert host.broke > 10
    names = Counter(type(record.event).__name__ for record in recorded(path))
    assert names["HostLost"] == host.broke
    assert 60 == names["CallArrived"]
    engine = engine_of(PLAN)
    ended: Counter[str] = Counter()
    for record in recorded(path):
        if record.event is None or record.refused:
            continue
        for action in engine.handle(record.event, record.at_ms):
            if isinstance(action, RecordOutcome):
                ended[action.call] += 1
    assert {f"c{n}": 1 for n in range(60)} == ended


class SlowHost:
    """A switch that never finishes what it is ordered."""

    def __init__(self) -> None:
        self.link: HostLink | None = None
        self.connected = asyncio.Event()

    async def run(self, link: HostLink) -> None:
        """Connect, and tell nothing."""
        self.link = link
        await link.connected(Standing())
        self.connected.set()
        await asyncio.Event().wait()

    async def carry_out(self, action: Action) -> None:
        """Hang."""
        del action
        await asyncio.Event().wait()

    async def standing(self) -> Standing:
        """Say that nothing exists."""
        return Standing()


async def _with_host(
    path: Path,
    host: Host,
    use: Callable[[Router], object],
    settings: DriverSettings | None = None,
) -> None:
    clock = VirtualClock(asyncio.get_running_loop(), START_MS)
    with open_journal(path, plan=PLAN.compiled, durability="off") as journal:
        async with Router(
            PLAN,
            host={"pbx": host},
            journal=journal,
            settings=settings,
            clock=clock,
            threads=False,
        ) as router:
            running = asyncio.create_task(router.run())
            used = use(router)
            if asyncio.iscoroutine(used):
                await used
            router.stop()
            await running


def test_an_order_that_takes_too_long_has_failed(tmp_path: Path) -> None:
    """The engine rings somebody else, instead of waiting for a dead command."""
    host = SlowHost()

    async def use(_router: Router) -> None:
        await host.connected.wait()
        assert host.link is not None
        assert "" == await host.link.tell(arrival())
        await asyncio.sleep(25)

    run_virtually(_with_host(tmp_path / "j", host, use))
    names = [type(record.event).__name__ for record in recorded(tmp_path / "j")]
    assert "OfferFailed" in names


def test_a_host_that_owes_too_much_is_run_again(tmp_path: Path) -> None:
    """Cut off, it connects anew, and only one run of it is ever alive."""

    class Counted(SlowHost):
        """One that counts its runs."""

        alive = 0
        runs = 0

        async def run(self, link: HostLink) -> None:
            """Count, and connect."""
            self.alive += 1
            self.runs += 1
            assert self.alive == 1
            try:
                await super().run(link)
            finally:
                self.alive -= 1

    host = Counted()

    async def use(_router: Router) -> None:
        await host.connected.wait()
        assert host.link is not None
        for number in range(4):
            await host.link.tell(arrival(f"c{number}"))
        await asyncio.sleep(5)

    settings = DriverSettings(orders_max=3)
    run_virtually(_with_host(tmp_path / "j", host, use, settings))
    assert host.runs > 1
    names = [type(record.event).__name__ for record in recorded(tmp_path / "j")]
    assert "HostLost" in names


def test_a_host_may_be_asked_through_its_link(tmp_path: Path) -> None:
    """A host needs the plan, and its settings."""
    host = SlowHost()

    async def use(_router: Router) -> None:
        await host.connected.wait()
        assert host.link is not None
        assert PLAN == host.link.plan
        assert {} == host.link.settings

    run_virtually(_with_host(tmp_path / "j", host, use))


def test_a_person_is_told_whether_it_counted(tmp_path: Path) -> None:
    """A console shows a log-in only once it is recorded."""
    host = SlowHost()

    async def use(router: Router) -> None:
        assert "" == await router.tell(events.AgentPaused(agent="anna"))
        unknown = events.AgentPaused(agent="nobody")
        assert "unknown_agent" == await router.tell(unknown)

    run_virtually(_with_host(tmp_path / "j", host, use))


def test_a_broken_plan_is_refused_while_running(tmp_path: Path) -> None:
    """The running plan is kept."""
    host = SlowHost()
    broken = tmp_path / "broken.toml"
    broken.write_text("[site\n", "utf-8")

    async def use(router: Router) -> None:
        with pytest.raises(PlanProblemsError):
            await router.reload(broken)
        assert PLAN == router.plan
        other = parse_plan('[site]\nname = "lab"\n[queues.q]\n[agents.carl]\n')
        assert "" == await router.reload(other)
        assert other == router.plan

    run_virtually(_with_host(tmp_path / "j", host, use))
    names = [type(record.event).__name__ for record in recorded(tmp_path / "j")]
    assert 1 == names.count("PlanReloaded")


def test_a_restart_takes_the_plan_that_it_is_given(tmp_path: Path) -> None:
    """Whoever changes the file and restarts means the file."""
    path = tmp_path / "j"
    run_virtually(hour(path, simulator(number=5)))
    changed = parse_plan('[site]\nname = "lab"\n[queues.q]\n[agents.carl]\n')

    async def again() -> None:
        clock = VirtualClock(asyncio.get_running_loop(), START_MS + 2 * HOUR_MS)
        host = simulator(number=5, seed=2)
        async with Router(
            changed, host={"simulator": host}, journal=path, clock=clock, threads=False
        ) as router:
            running = asyncio.create_task(router.run())
            await asyncio.sleep(2)
            router.stop()
            await running

    run_virtually(again())
    with open_journal(path, read_only=True) as journal:
        assert changed.plan_id == journal.plan_id
        names = [type(record.event).__name__ for record in journal.records()]
    assert "Gap" in names
    assert names.index("Gap") < names.index("PlanReloaded")


def test_a_plugin_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """Better than a router that waits for calls which never come."""

    async def enter() -> None:
        async with Router(PLAN, host="ateric", journal=tmp_path / "j"):
            pass

    with pytest.raises(PluginError) as caught:
        asyncio.run(enter())
    assert "host_unknown" == caught.value.code


def test_the_public_name_routes_in_real_time(tmp_path: Path) -> None:
    """As the first example of the documentation has it: files, threads, fsync."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[site]\nname = "lab"\n[queues.q]\nring_s = 5\n[agents.anna]\n'
        '[numbers."+12025550101"]\nqueue = "q"\n',
        "utf-8",
    )
    settings = {"simulator": {"count": "3", "every_s": "0"}}

    async def routed() -> None:
        async with sr.Router(
            plan,
            host="simulator",
            journal=tmp_path / "site.journal",
            host_settings=settings,
        ) as router:
            running = asyncio.create_task(router.run())
            await asyncio.sleep(1)
            router.stop()
            await running

    asyncio.run(routed())
    names = Counter(
        type(record.event).__name__ for record in recorded(tmp_path / "site.journal")
    )
    assert 3 == names["CallArrived"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"on_failure": "retry"}, "must be 'route' or 'stop', not 'retry'"),
        ({"in_flight_max": 0}, "in_flight_max must be a whole number from 1, not 0"),
        ({"drain_ms": -1}, "drain_ms must be a whole number from 0, not -1"),
        ({"retry_ms": 0.5}, "retry_ms must be a whole number from 0, not 0.5"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(
    settings: dict[str, Any], said: str
) -> None:
    """A misspelt on_failure would show on the day the disk is full."""
    with pytest.raises(ValueError, match=re.escape(said)):
        DriverSettings(**settings)


def test_settings_of_a_host_that_is_not_there_are_refused(tmp_path: Path) -> None:
    """A misspelt name would leave the switch's address at its default."""

    async def enter() -> None:
        async with Router(
            PLAN,
            host="simulator",
            journal=tmp_path / "site.journal",
            host_settings={"simulater": {"count": "1"}},
        ):
            pass

    with pytest.raises(PluginError, match="a host 'simulater': there is simulator"):
        asyncio.run(enter())
