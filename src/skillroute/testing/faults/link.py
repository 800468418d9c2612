"""
The connection between a switch and the driver, and all that goes wrong on it.

Events of the switch are lost, come twice, late or in another order (F1 to F3); orders
are refused, lost on the way, or their answers are (F6); the connection drops (F4) and
clogs (F16).  What was said before a connection broke may still come after it, as from
a queue that was kept; what a resync says is never lost, since it would be asked again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from ... import events
from ...actions import Action
from ...hookspecs import Standing
from .agenda import Agenda
from .mix import Injected, Mix
from .switch import Switch

__all__ = ["Driver", "Link"]

_NOTICED_MS = 3_000
"""How long a broken connection may look sound."""


class Driver(Protocol):
    """
    What a connection needs of the driver's side; nothing happens while it is not there.
    """

    def tell(self, host: str, event: events.Event) -> None:
        """
        A host says something.
        """
        ...

    def host_lost(self, host: str) -> None:
        """
        The connection to a host is gone.
        """
        ...

    def host_returned(self, host: str, standing: Standing) -> None:
        """
        The connection to a host is there, and this is what exists on it.
        """
        ...


class Link:
    """
    The connection of one switch.

    Args:
        name: Of the host.
        agenda: What happens when.
        draw: Chance.
        mix: How often what goes wrong.
        injected: Counts it.
        driver: Where events go.
    """

    def __init__(
        self,
        name: str,
        agenda: Agenda,
        *,
        draw: random.Random,
        mix: Mix,
        injected: Injected,
        driver: Callable[[], Driver | None],
    ) -> None:
        self.name = name
        self.switch: Switch
        self.mix = mix
        self.is_up = True
        self.unreachable: set[str] = set()
        """Agents whose phones the switch cannot reach."""
        self.lie: Callable[[Standing], Standing] | None = None
        """A planted fault: what is said instead of the truth."""
        self._agenda = agenda
        self._draw = draw
        self._injected = injected
        self._driver = driver
        self._clogged: list[Callable[[], None]] | None = None
        self._is_mute = False
        self._has_lost = False
        self._epoch = 0
        self._mended = 0

    # From the switch -----------------------------------------------------------

    def report(self, event: events.Event) -> None:
        """
        Take an event of the switch to the driver, or not.
        """
        if not self.is_up or self._is_mute:
            self._has_lost = True
            return
        mix, draw = self.mix, self._draw
        if mix.lost and draw.randrange(1000) < mix.lost:
            self._injected["F1"] += 1
            self._has_lost = True
            return
        delay_ms = 0
        if mix.late and draw.randrange(1000) < mix.late:
            self._injected["F3"] += 1
            delay_ms = draw.randint(1, mix.late_ms_max)
        self._later(delay_ms, lambda: self._tell(event))
        if mix.twice and draw.randrange(1000) < mix.twice:
            self._injected["F2"] += 1
            again_ms = delay_ms + draw.choice((0, 0, 1, 500, 5_000))
            self._later(again_ms, lambda: self._tell(event))

    def _later(self, delay_ms: int, what: Callable[[], None]) -> None:
        """
        Let something pass after so long, unless the connection was mended meanwhile.
        """
        if delay_ms:
            mended = self._mended
            self._agenda.after(delay_ms, lambda: self._pass(mended, what))
        else:
            self._pass(self._mended, what)

    def _pass(self, mended: int, what: Callable[[], None]) -> None:
        if mended != self._mended:
            return
        if self._clogged is not None:
            self._clogged.append(what)
        else:
            what()

    def _tell(self, event: events.Event) -> None:
        driver = self._driver()
        if driver is not None and self.is_up:
            driver.tell(self.name, event)
        else:
            self._has_lost = True

    # To the switch -------------------------------------------------------------

    def order(self, action: Action) -> str:
        """
        Take an order to the switch, or not.

        Returns:
            Empty if it was carried out as far as anybody can tell; else why not:
            ``refused``, or ``late`` if nothing was heard for the time that it has.
        """
        if not self.is_up:
            self._disturb()
            return ""
        mix, draw = self.mix, self._draw
        refuse = mute = False
        if mix.refused and draw.randrange(1000) < mix.refused:
            self._injected["F6"] += 1
            self._disturb()
            if draw.random() < 0.5:
                return "refused"
            refuse = True
        elif mix.never_answered and draw.randrange(1000) < mix.never_answered:
            self._injected["F6"] += 1
            self._disturb()
            return "late"
        elif mix.reply_lost and draw.randrange(1000) < mix.reply_lost:
            self._injected["F6"] += 1
            mute = True
        self._later(0, lambda: self._carry_out(action, refuse=refuse, mute=mute))
        if mix.twice and draw.randrange(1000) < mix.twice:
            self._injected["F2"] += 1
            again_ms = draw.choice((0, 0, 1, 500))
            self._later(
                again_ms, lambda: self._carry_out(action, refuse=refuse, mute=mute)
            )
        return ""

    def _carry_out(self, action: Action, *, refuse: bool, mute: bool) -> None:
        if not self.is_up:
            return
        self._is_mute = mute
        self.switch.carry_out(action, refuse=refuse)
        self._is_mute = False

    # The connection itself -----------------------------------------------------

    def drop(self, for_ms: int, *, keeps_calls: bool) -> None:
        """
        Break the connection; it is there again after so long.
        """
        if not self.is_up:
            return
        self._injected["F4"] += 1
        self.is_up = False
        self._epoch += 1
        epoch = self._epoch
        self._clogged = None
        noticed_ms = self._draw.randint(0, min(for_ms, _NOTICED_MS))
        self._agenda.after(noticed_ms, self._say_lost)
        if not keeps_calls:
            self.switch.lose_everything()
        self._agenda.after(for_ms, lambda: self._come_back(epoch))

    def _say_lost(self) -> None:
        driver = self._driver()
        if driver is not None:
            driver.host_lost(self.name)

    def _come_back(self, epoch: int) -> None:
        if epoch == self._epoch and not self.is_up:
            self.is_up = True
            self.connect()

    def mend(self) -> None:
        """
        Let the connection be there from now on, and tell the truth.
        """
        self._epoch += 1
        self.unclog()
        self._mended += 1
        if not self.is_up:
            self.is_up = True
        else:
            self._say_lost()
        self.connect()

    def connect(self) -> None:
        """
        Tell the driver that the switch is there, and what exists on it.
        """
        driver = self._driver()
        self._disturb()
        if driver is not None and self.is_up:
            self._has_lost = False
            driver.host_returned(self.name, self.truth())

    def _disturb(self) -> None:
        """
        Note that an order did not come to the switch.
        """
        self.switch.disturbed_ms = self._agenda.now_ms

    def tell_truth_if_needed(self) -> None:
        """
        Say what exists if anything may have been lost, as a switch does that counts.
        """
        driver = self._driver()
        if self._has_lost and driver is not None and self.is_up:
            self.connect()

    def truth(self) -> Standing:
        """
        Return what exists on the switch, and how it came.
        """
        standings = self.switch.truth()
        arrivals = (self.switch.calls[one.call].arrival for one in standings)
        standing = Standing(
            calls=tuple(standings),
            arrivals=tuple(dict.fromkeys(arrivals)),
            unreachable=tuple(sorted(self.unreachable)),
        )
        return self.lie(standing) if self.lie else standing

    def clog(self) -> None:
        """
        Let nothing pass until further notice; nothing is lost.
        """
        if self._clogged is None and self.is_up:
            self._injected["F16"] += 1
            self._clogged = []

    def unclog(self) -> None:
        """
        Let everything pass that has waited.
        """
        waiting, self._clogged = self._clogged or [], None
        for what in waiting:
            what()
