"""The simulated switch: a world of callers and agents, played as time goes on."""

from __future__ import annotations

import asyncio
import random
from collections import deque

from skillroute.actions import Action, ActionId
from skillroute.errors import HostError
from skillroute.events import CallArrived
from skillroute.hookspecs import HostLink, Standing
from skillroute.simulation import (
    Behaviour,
    SimulatedCall,
    World,
    read_calls,
)

__all__ = ["SimulatorHost"]

_SEEN_MAX = 100_000


class SimulatorHost:
    """
    Play callers, agents and a switch for a driver.

    Time is that of the running loop: in a loop whose time jumps, such as
    ``skillroute.testing.virtual_time``, a day takes as long as its computation.

    Settings (all of them optional): ``calls``, a file as on the page "Calls as CSV";
    without it ``count`` calls (20) come, one about every ``every_s`` seconds (6);
    ``seed`` (1) decides what is drawn, ``ignore_percent`` and ``decline_percent`` (0)
    what agents do.

    Args:
        calls: Who calls; None: as the settings say.
        behaviour: How everybody behaves; None: as the settings say.
        seed: Where every draw starts; None: as the settings say.
        start_ms: Instant of the world's second 0, epoch milliseconds; only the order of
            what happens depends on it.
    """

    def __init__(
        self,
        calls: tuple[SimulatedCall, ...] | None = None,
        behaviour: Behaviour | None = None,
        *,
        seed: int | None = None,
        start_ms: int = 0,
    ) -> None:
        self._calls = calls
        self._behaviour = behaviour
        self._seed = seed
        self._start_ms = start_ms
        self._world: World | None = None
        self._begun_s = 0.0
        self._changed = asyncio.Event()
        self._seen: set[ActionId] = set()
        self._order: deque[ActionId] = deque()
        self._arrived: dict[str, CallArrived] = {}
        self.finished = asyncio.Event()
        """Set when nothing more will happen."""

    async def run(self, link: HostLink) -> None:
        """Play until cancelled."""
        if self._world is None:
            self._world = self._made_world(link)
            self._begun_s = asyncio.get_running_loop().time()
        await link.connected(self._standing(self._world))
        while True:
            await self._play(self._world, link)

    async def carry_out(self, action: Action) -> None:
        """Let the world react to an order, once."""
        if self._world is None or self._is_repeated(action.id):
            return
        self._world.react(action, self._now_ms())
        self._changed.set()

    async def standing(self) -> Standing:
        """Say what exists."""
        return Standing() if self._world is None else self._standing(self._world)

    async def _play(self, world: World, link: HostLink) -> None:
        """Let the next thing happen, unless an order comes first."""
        self._changed.clear()
        next_ms = world.next_ms
        if next_ms is None:
            self.finished.set()
            await self._changed.wait()
            return
        wait_s = (next_ms - self._now_ms()) / 1000
        if wait_s > 0:
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                pass
            return
        _, event = world.next_event()
        if event is None:
            return
        if isinstance(event, CallArrived):
            self._arrived[event.call] = event
        code = await link.tell(event)
        if code and isinstance(event, CallArrived):
            world.refuse(event.call)

    def _standing(self, world: World) -> Standing:
        calls = world.standing()
        here = {standing.call for standing in calls}
        self._arrived = {id: a for id, a in self._arrived.items() if id in here}
        return Standing(calls=calls, arrivals=tuple(self._arrived.values()))

    def _now_ms(self) -> int:
        passed_s = asyncio.get_running_loop().time() - self._begun_s
        return self._start_ms + round(passed_s * 1000)

    def _is_repeated(self, id: ActionId) -> bool:
        if id in self._seen:
            return True
        self._seen.add(id)
        self._order.append(id)
        if len(self._order) > _SEEN_MAX:
            self._seen.discard(self._order.popleft())
        return False

    def _made_world(self, link: HostLink) -> World:
        seed = _number(link, "seed", 1) if self._seed is None else self._seed
        behaviour = self._behaviour
        if behaviour is None:
            behaviour = Behaviour(
                answer_ms=(2_000, 8_000),
                ignore_percent=_number(link, "ignore_percent", 0),
                decline_percent=_number(link, "decline_percent", 0),
                connect_ms=500,
            )
        calls = self._calls
        if calls is None:
            calls = _calls_of(link, seed)
        return World(link.plan, calls, behaviour, seed=seed, start_ms=self._start_ms)


def _calls_of(link: HostLink, seed: int) -> tuple[SimulatedCall, ...]:
    """Read the calls, or draw some."""
    if "calls" in link.settings:
        return _read(link.settings["calls"])
    draws = random.Random(seed)  # noqa: S311 - calls, no secrets
    every_ms = 1000 * _number(link, "every_s", 6)
    at_ms = 0
    calls = []
    for number in range(1, 1 + _number(link, "count", 20)):
        at_ms += draws.randint(0, 2 * every_ms)
        call = SimulatedCall(
            call=f"simulated-{number}",
            arrival_after_ms=at_ms,
            patience_ms=draws.randint(30_000, 300_000),
        )
        calls.append(call)
    return tuple(calls)


def _read(path: str) -> tuple[SimulatedCall, ...]:
    calls, problems = read_calls(path)
    if problems:
        first = problems[0]
        message = f"{path}:{first.line}: {first.message}"
        raise HostError(code="calls_unreadable", message=message)
    return calls


def _number(link: HostLink, name: str, default: int) -> int:
    text = link.settings.get(name, str(default))
    if not text.isdecimal():
        message = f"the setting {name} of the simulator is {text!r}, not a number"
        raise HostError(code="setting_malformed", message=message)
    return int(text)
