"""
The calls of the demonstration: a morning at the shop of the starter plan.
"""

from __future__ import annotations

import random

from ..plan import Plan
from ..simulation import Behaviour, Reaction, SimulatedCall

__all__ = ["EXPLAINED", "drawn_calls", "morning", "morning_behaviour"]

SALES, SUPPORT = "+7 495 555-01-00", "+7 495 555-01-01"
ENGLISH, REGULARS = "+1 202 555 0100", "+7 495 555-01-09"

EXPLAINED = "c01"
"""The call that is explained at the end: four could take it, so it shows the rule."""

_MORNING = (
    # id, arrival s, caller, dialled, conversation s, patience s
    ("c01", 0, "8 916 100-00-01", SALES, 70, None),  # Vera, not Dina or Max
    ("c02", 8, "+1 202 555 0192", ENGLISH, 75, None),  # Anna: Vera lacks English
    ("c03", 15, "8 903 100-00-03", SUPPORT, 60, None),  # Sergei misses it
    ("c04", 24, "8 926 100-00-04", SALES, 90, None),  # Dina declines, Max answers
    ("c05", 40, "8 495 100-00-05", REGULARS, 55, None),  # only Dina is left for it
    ("c06", 50, "8 915 100-00-06", SALES, 40, None),  # waits, then Vera is free
    ("c07", 56, "8 909 100-00-07", SUPPORT, 45, None),  # Sergei is there again
    ("c08", 62, "+44 20 7946 0018", ENGLISH, 60, 20),  # hangs up in line
    ("c09", 66, "8 985 100-00-09", REGULARS, 60, None),  # nobody left: voicemail
    ("c10", 72, "", SUPPORT, 40, None),  # withheld number, Boris talks: waits
    ("c11", 140, "8 917 100-00-11", SALES, 35, None),
    ("c12", 150, "8 925 100-00-12", ENGLISH, 30, None),
)

_REACTIONS = {
    ("c03", "sergei"): Reaction(kind="ignore"),
    ("c04", "dina"): Reaction(kind="decline", after_ms=4_000),
}


def morning() -> tuple[SimulatedCall, ...]:
    """
    Return the dozen calls of the demonstration.
    """
    return tuple(
        SimulatedCall(
            call=call,
            arrival_after_ms=arrival_s * 1000,
            caller=caller,
            dialled=dialled,
            handling_ms=handling_s * 1000,
            patience_ms=None if patience_s is None else patience_s * 1000,
        )
        for call, arrival_s, caller, dialled, handling_s, patience_s in _MORNING
    )


def morning_behaviour() -> Behaviour:
    """
    Return how agents behave in it: two events are written, the rest is drawn.
    """
    return Behaviour(
        answer_ms=(2_000, 5_000),
        connect_ms=500,
        reactions=_REACTIONS,
        message_ms=12_000,
    )


def drawn_calls(plan: Plan, seed: int) -> tuple[tuple[SimulatedCall, ...], Behaviour]:
    """
    Draw a dozen calls to the numbers of any plan, and how its agents behave.
    """
    chance = random.Random(seed)  # noqa: S311 - calls to look at, no secret
    numbers = tuple(plan.raw.numbers)
    calls = tuple(
        SimulatedCall(
            call=f"c{number:02}",
            arrival_after_ms=chance.randrange(120_000),
            caller=f"+7916100{number:04}",
            dialled=chance.choice(numbers) if numbers else "",
            patience_ms=chance.choice((None, None, 45_000)),
        )
        for number in range(1, 13)
    )
    return calls, Behaviour(
        answer_ms=(2_000, 8_000),
        connect_ms=500,
        ignore_percent=15,
        decline_percent=10,
        handling_ms=(40_000, 120_000),
    )
