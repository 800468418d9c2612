"""
The lints: what a plan without errors can hardly mean, and what follows from it.

``skillroute.plan.check_plan`` asks for them; whoever only loads a plan does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from . import (
    _agents,
    _devices,
    _effects,
    _gaps,
    _needs,
    _priorities,
    _steps,
    _unused,
    _waits,
)
from ._lint import Lint
from ._survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault
    from ..plan.model import RawPlan

__all__ = ["LINTS", "Lint", "find_doubts"]

_KINDS = (
    _unused,
    _needs,
    _agents,
    _devices,
    _steps,
    _waits,
    _gaps,
    _priorities,
    _effects,
)

_OF_THE_TEXT = (
    Lint(
        code="hours_overlap",
        severity="warning",
        meaning="Some weekly hours are said twice.",
        remedy="Remove them from one of the lines; they count once.",
    ),
    Lint(
        code="repeated",
        severity="warning",
        meaning="A tag, agent, team or endpoint is named twice in one list.",
        remedy="Remove one of the two; of two levels the higher counts.",
    ),
)
"""Found by ``plan/_check.py``, where texts are read, beside errors too."""

LINTS: tuple[Lint, ...] = (
    *_OF_THE_TEXT,
    *(lint for kind in _KINDS for lint in kind.LINTS),
)
"""Every lint there is, in the order of the reference."""

_LISTED_MAX = 100
"""A plan with ten thousand idle agents has one fault, not ten thousand."""


def find_doubts(raw: RawPlan) -> list[Fault]:
    """
    Find what is probably not meant, and what somebody should know.

    Args:
        raw: A plan in which ``find_faults`` found no error.

    Returns:
        Warnings and notes, in no particular order; of more than a hundred with one
        code the first hundred, the last of which tells how many more there are.

    Cost: linear in the plan, plus queues and numbers times agents / 8 bytes for
        every need and every part of the week.
    """
    survey = Survey(raw)
    return list(_limited(fault for kind in _KINDS for fault in kind.find(survey)))


def _limited(faults: Iterable[Fault]) -> Iterable[Fault]:
    by_code: dict[str, list[Fault]] = {}
    for fault in faults:
        by_code.setdefault(fault.code, []).append(fault)
    for found in by_code.values():
        *first, last = found[:_LISTED_MAX]
        yield from first
        if more := len(found) - _LISTED_MAX if len(found) > _LISTED_MAX else 0:
            message = f"{last.message}; there are {more:,} more like this"
            last = msgspec.structs.replace(last, message=message)
        yield last
