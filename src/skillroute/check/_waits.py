"""
Lints of waiting: without an end, or too short for what should happen in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lint import Lint
from ._survey import rings_several

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault
    from ..plan.model import RawQueue
    from ._survey import Survey

__all__ = ["LINTS", "find", "is_endless"]

ENDLESS_WAIT = Lint(
    code="endless_wait",
    severity="warning",
    meaning="If nobody takes a call, it waits in a queue until its caller hangs up.",
    remedy="Set `max_wait_s`, and an `overflow`.",
)
OVERFLOW_NEVER = Lint(
    code="overflow_never",
    severity="warning",
    meaning="An `overflow` is written, but nothing leads there.",
    remedy='Set `max_wait_s`, or `on_round_end = "overflow"`.',
)
RING_LONGER_THAN_WAIT = Lint(
    code="ring_longer_than_wait",
    severity="warning",
    meaning="One agent is rung for as long as calls wait, so no second one is.",
    remedy="Make `ring_s` shorter, or `max_wait_s` longer.",
)

LINTS = (ENDLESS_WAIT, OVERFLOW_NEVER, RING_LONGER_THAN_WAIT)


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find waits that have no end, or end too soon.
    """
    for name in survey.entered:
        queue = survey.raw.queues[name]
        path = ("queues", name)
        if is_endless(queue) and queue.overflow is not None:
            yield OVERFLOW_NEVER.at(
                (*path, "overflow"),
                "no call gets there: calls wait in this queue without end",
                'set max_wait_s, or on_round_end = "overflow"',
            )
        elif is_endless(queue):
            yield ENDLESS_WAIT.at(
                path,
                f"calls that nobody takes wait in the queue {name!r} without end",
                "such as max_wait_s = 300, and an overflow",
            )
        one = not rings_several(queue.strategy)
        if one and queue.max_wait_s and queue.ring_s >= queue.max_wait_s:
            yield RING_LONGER_THAN_WAIT.at(
                (*path, "ring_s"),
                f"one agent is rung for {queue.ring_s:g} s, and calls leave after"
                f" {queue.max_wait_s:g} s",
                f"ring for less than {queue.max_wait_s:g} s, or wait longer",
            )


def is_endless(queue: RawQueue) -> bool:
    """
    Tell whether a call that nobody takes stays in a queue for ever.
    """
    stays = {
        "wait": True,
        # Behind the last step it overflows only where that is written (rule 18.5).
        "next_step": queue.overflow is None,
        "overflow": False,
    }
    return queue.max_wait_s is None and stays[queue.on_round_end]
