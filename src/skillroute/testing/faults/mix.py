"""
The mix of faults of one run: every seed draws its own.

A fault that is drawn in every run would hide what happens without it, so each has a
good chance to be absent ("swarm").  The ranges are those of the list of faults in the
documentation (``docs/explanation/what-may-fail.md``).
"""

from __future__ import annotations

import random
from collections import Counter

import msgspec

__all__ = ["CALM", "FAULTS", "Injected", "Mix", "draw_mix"]

FAULTS: dict[str, str] = {
    "F1": "an event of a switch is lost",
    "F2": "an event or an order comes twice",
    "F3": "an event comes late, and in another order",
    "F4": "the connection to a switch drops and returns, maybe without the old calls",
    "F5": "two things happen in one tick, or an answer comes too late",
    "F6": "an order is refused, its answer is lost, or it is never answered",
    "F7": "the wall clock jumps or stands still; time zones change; the machine sleeps",
    "F8": "the journal cannot be written, once or for ever, or takes its time",
    "F9": "the process is killed, and what was not yet durable is lost or torn",
    "F10": "the plan is reloaded: the same, another one, a broken one",
    "F11": "a plugin raises, returns nonsense, hangs, or answers too late",
    "F14": "agents log in twice, leave while it rings, are unplugged",
    "F15": "a flood of calls",
    "F16": "connections stop one by one and go on in another order",
    "F17": "the site goes on with a journal that an earlier version wrote",
}
"""Every fault that can be injected, by its number."""

_SHARE = 0.6
"""How likely a fault is to be in a mix at all."""


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """
    How often what goes wrong; chances are in thousandths.
    """

    lost: int = 0
    """F1, of each event."""
    twice: int = 0
    """F2, of each event and order."""
    late: int = 0
    """F3, of each event."""
    late_ms_max: int = 0
    drops: int = 0
    """F4, of each connection, in the run."""
    keeps_calls: int = 1000
    """F4: chance that a switch still has its calls when it is back."""
    coincidences: int = 0
    """F5, of each call."""
    refused: int = 0
    """F6, of each order."""
    reply_lost: int = 0
    """F6, of each order."""
    never_answered: int = 0
    """F6, of each order."""
    clock_jumps: int = 0
    """F7, in the run."""
    start: str = "today"
    """F7, where the wall clock begins: ``today``, ``2038`` or ``leap`` second."""
    sleeps: int = 0
    """F7: how often the whole machine stands still, in the run."""
    write_errors: int = 0
    """F8, of each commit."""
    fails_for_ever_at: int = 0
    """F8: number of the commit from which all fail until restarted; 0: none."""
    stalls: int = 0
    """F8, of each commit."""
    routes_on: bool = True
    """F8: calls go on while the journal cannot be written."""
    kills: int = 0
    """F9, in the run."""
    torn: int = 0
    """F9: chance that a group in the making is kept, wholly, at a kill."""
    reloads: int = 0
    """F10, in the run."""
    hook_faults: int = 0
    """F11, of each call of a hook."""
    staff_faults: int = 0
    """F14, of each thing that an agent does."""
    flood: int = 0
    """F15: calls that come at one instant, once."""
    swizzles: int = 0
    """F16, in the run."""
    old_journal: bool = False
    """F17."""


CALM = Mix()
"""Nothing goes wrong."""


class Injected(Counter[str]):
    """
    How often each fault was injected, by its number.
    """


def draw_mix(draw: random.Random) -> Mix:
    """
    Draw the faults of a run.
    """

    def chance(most: int) -> int:
        return draw.randint(1, most) if draw.random() < _SHARE else 0

    journal_ends = draw.random() < 0.1
    routes_on = draw.random() < 0.8
    return Mix(
        lost=chance(200),
        twice=chance(500),
        late=chance(300),
        late_ms_max=draw.choice((100, 2000, 60_000)),
        drops=chance(5),
        keeps_calls=draw.choice((0, 500, 800, 1000)),
        coincidences=draw.randint(100, 500),
        refused=chance(100),
        reply_lost=chance(100),
        never_answered=chance(100),
        clock_jumps=chance(3),
        start=draw.choice(("today", "today", "today", "2038", "leap")),
        sleeps=draw.choice((0, 0, 1)),
        # Where the first error ends the driver, many would leave no time to route.
        write_errors=chance(50) if routes_on else chance(3),
        fails_for_ever_at=draw.randint(1, 400) if journal_ends else 0,
        stalls=chance(10) if routes_on else chance(1),
        routes_on=routes_on,
        kills=chance(4),
        torn=draw.choice((0, 500, 1000)),
        reloads=draw.choice((0, 0, 1, 3, 10, 60)),
        hook_faults=chance(50),
        staff_faults=chance(200),
        flood=draw.choice((0, 0, 0, 20, 100, 300)),
        swizzles=draw.choice((0, 0, 3)),
        old_journal=draw.random() < 0.1,
    )
