"""
What happens of itself at a site, and the faults that come once.

Callers come, agents do something, supervisors too, until the faults stop; kills, lost
connections, reloads, sleeps and floods come at the events for which they were drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from ... import events
from ...contract import Party
from ...plan.compiled import encode, plan_id
from .. import random_plans, supervisors
from .place import Place
from .switch import Caller

__all__ = ["Happenings"]

_HOUR_MS = 3_600_000


class Happenings:
    """
    Everything that happens at a site.

    Args:
        place: The site.
        length: Events of the safety phase.
    """

    def __init__(self, place: Place, length: int) -> None:
        self._place = place
        self._length = length
        self._arrivals = 0
        self._ids_from = 0
        self._gap_ms = place.draw.choice((300, 1_000, 2_000, 4_000))
        self._triggers = self._draw_triggers()

    def begin(self) -> None:
        """
        Let callers come, and people do things, from now on.
        """
        self._come()
        self._staff_acts()
        self._supervisors_act()
        self._truths()

    def happen(self, event: int) -> None:
        """
        Let come what was drawn for the events up to this one.
        """
        while self._triggers and self._triggers[-1][0] <= event:
            self._triggers.pop()[1]()

    def stop(self) -> None:
        """
        Let nothing come any more of what was drawn.
        """
        self._triggers.clear()

    def _come(self) -> None:
        """
        Let a caller come, and the next one after a while.
        """
        if self._place.is_safe:
            return
        self._one_call()
        self._place.agenda.after(
            self._place.draw.randint(1, 2 * self._gap_ms), self._come
        )

    def _one_call(self) -> None:
        draw = self._place.draw
        self._arrivals += 1
        host = draw.choice(("sim", "sim", "other"))
        switch = self._place.links[host].switch
        id = f"{host}-{self._arrivals - self._ids_from}"
        if id in switch.calls:
            return
        numbers = [number.number for number in self._place.plan.numbers]
        dialled = draw.choice(numbers) if numbers and draw.random() < 0.98 else "+999"
        arrival = events.CallArrived(
            call=id,
            host=host,
            caller=_party(draw),
            dialled=Party(kind="e164", number=dialled),
            priority=draw.choice((0, 0, 0, 1, -1)),
        )
        caller: Caller = switch.call_comes(arrival)
        caller.has_used_id = self._ids_from > 0
        self._place.crowd.caller_waits(switch, caller)

    def _staff_acts(self) -> None:
        if self._place.is_safe:
            return
        self._place.crowd.agent_does_something()
        self._place.agenda.after(self._place.draw.randint(500, 8_000), self._staff_acts)

    def _supervisors_act(self) -> None:
        if self._place.is_safe:
            return
        draw = self._place.draw
        calls = [id for link in self._place.links.values() for id in link.switch.calls]
        if calls and draw.random() < 0.7:
            self._place.console(
                supervisors.act_on_call(draw, self._place.plan, draw.choice(calls), ())
            )
        else:
            agent = draw.choice(self._place.plan.agents).id
            self._place.console(
                supervisors.act_on_agent(
                    draw, self._place.plan, agent, random_plans.TAGS
                )
            )
        self._place.agenda.after(draw.randint(5_000, 30_000), self._supervisors_act)

    def _truths(self) -> None:
        """
        Let switches notice that something was lost, and say what exists.
        """
        if self._place.is_safe:
            return
        for name in sorted(self._place.links):
            self._place.links[name].tell_truth_if_needed()
        self._place.agenda.after(self._place.draw.randint(10_000, 40_000), self._truths)

    # What comes once ----------------------------------------------------------------

    def _draw_triggers(self) -> list[tuple[int, Callable[[], None]]]:
        """
        Draw at which event each rare fault happens, the latest first.
        """
        mix, draw = self._place.mix, self._place.draw
        what: list[Callable[[], None]] = []
        what += [self._kill_soon] * mix.kills
        what += [self._reload] * mix.reloads
        what += [self._jump_clock] * mix.clock_jumps
        what += [self._sleep] * mix.sleeps
        what += [self._swizzle] * mix.swizzles
        if mix.flood:
            what.append(self._flood)
        for host in random_plans.HOSTS:
            what += [partial(self._drop, host)] * mix.drops
        dated = [(draw.randint(1, max(1, self._length - 1)), what_) for what_ in what]
        return sorted(dated, key=lambda each: -each[0])

    def _kill_soon(self) -> None:
        """
        Kill the process in the middle of whatever it does then.
        """
        self._place.agenda.after(self._place.draw.randint(0, 3_000), self._place.kill)

    def _drop(self, host: str) -> None:
        draw = self._place.draw
        link = self._place.links[host]
        for_ms = draw.choice((0, 100, 5_000, 60_000, 600_000))
        keeps = draw.randrange(1000) < self._place.mix.keeps_calls
        link.drop(for_ms, keeps_calls=keeps)
        if not keeps and draw.random() < 0.3:
            self._ids_from = self._arrivals

    def _reload(self) -> None:
        """
        Reload the same plan, another one, or something that is none (F10).
        """
        if self._place.process is None:
            return
        self._place.injected["F10"] += 1
        plan = self._place.draw.choice(self._place.variants)
        compiled = encode(plan)
        if self._place.draw.random() < 0.2:
            cut = self._place.draw.randrange(len(compiled))
            if self._place.process.reload(compiled[:cut]):
                self._place.books.say("a broken plan was taken")
            return
        id = plan_id(compiled)
        self._place.plans[id] = plan
        if self._place.process.reload(compiled):
            self._place.plan = self._place.crowd.plan = plan

    def _jump_clock(self) -> None:
        """
        Let the wall clock jump, or stand still for a while (F7).
        """
        self._place.injected["F7"] += 1
        draw = self._place.draw
        if draw.random() < 0.2:
            self._place.wall.freeze()
            self._place.agenda.after(draw.randint(1, 600_000), self._place.wall.thaw)
            return
        jumps = (-_HOUR_MS, _HOUR_MS, -1_000, 1_000, draw.randint(-_HOUR_MS, _HOUR_MS))
        self._place.wall.jump(draw.choice(jumps))

    def _sleep(self) -> None:
        if self._place.process is not None:
            self._place.process.sleep(self._place.draw.choice((1_000, 7_000, 300_000)))

    def _flood(self) -> None:
        """
        Let many callers come at one instant (F15).
        """
        self._place.injected["F15"] += 1
        for _ in range(self._place.mix.flood):
            self._one_call()

    def _swizzle(self) -> None:
        """
        Stop the connections one by one, and let them go on in another order (F16).
        """
        draw = self._place.draw
        links = list(self._place.links.values())
        for order, link in enumerate(draw.sample(links, len(links))):
            self._place.agenda.after(order * draw.randint(0, 3_000), link.clog)
        for order, link in enumerate(draw.sample(links, len(links))):
            delay_ms = 5_000 + order * draw.randint(0, 10_000)
            self._place.agenda.after(delay_ms, link.unclog)


def _party(draw: random.Random) -> Party:
    if draw.random() < 0.1:
        return Party(kind="anonymous", number="")
    return Party(kind="e164", number=f"+120255501{draw.randint(0, 30):02}")
