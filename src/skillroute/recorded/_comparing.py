"""
Sets two ways in which a day went side by side, and finds where they part.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import msgspec

from ..decisions import AgentAssumption, Decision, ExplainQuery
from ..errors import EventRefusedError
from ._day import Day
from ._fates import Fate, FateBook, Step
from ._rerun import Patience, Rerun, rerun_day

__all__ = [
    "Change",
    "Comparison",
    "Parting",
    "Totals",
    "compare_days",
    "explain_parting",
]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """
    Figures of a day.
    """

    offered: int
    answered: int
    abandoned: int
    voicemail: int
    other: int
    """Ended otherwise, or not ended; the five add up to ``offered``."""
    wait_mean_ms: int | None
    """Of the answered, rounded down; None: none was."""
    wait_p90_ms: int | None
    """Nine in ten of the answered waited no longer; None: none was."""
    answered_in_time: int
    """Answered within the threshold of the service level."""


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """
    The first decision that was another.
    """

    at_ms: int
    call: str
    was: str
    """What was decided in the record; empty: nothing at that instant."""
    now: str
    """What is decided now; empty: nothing at that instant."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    A call that went another way.
    """

    was: Fate
    now: Fate
    kinds: tuple[str, ...]
    """What is another: ``outcome``, ``agent``, ``wait``, ``queue``."""
    parting: Parting
    """Where the ways of this call part."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """
    A day, and the same day under another plan.
    """

    was: Totals
    now: Totals
    threshold_ms: int
    """Of the service level: answered within so long, of all offered."""
    changes: tuple[Change, ...]
    """In the order of arrival."""
    parting: Parting | None
    """The first of all decisions that was another; None: none was."""
    days: tuple[FateBook, FateBook]
    """What became of every call: recorded, and now."""


def compare_days(was: FateBook, now: FateBook, *, threshold_ms: int) -> Comparison:
    """
    Compare what became of the same calls.

    Args:
        was: As recorded.
        now: Under another plan.
        threshold_ms: Of the service level.

    Cost: linear in decisions.
    """
    then, later = _by_call(was.steps), _by_call(now.steps)
    changes = []
    for call, fate in was.fates.items():
        other = now.fates[call]
        kinds = _kinds(fate, other)
        if kinds:
            parting = _parting(then.get(call, []), later.get(call, []))
            assert parting is not None
            changes.append(Change(was=fate, now=other, kinds=kinds, parting=parting))
    return Comparison(
        was=_totals(was.fates.values(), threshold_ms),
        now=_totals(now.fates.values(), threshold_ms),
        threshold_ms=threshold_ms,
        changes=tuple(changes),
        parting=_parting(was.steps, now.steps),
        days=(was, now),
    )


def explain_parting(
    day: Day,
    plans: tuple[bytes, bytes],
    parting: Parting,
    *,
    patience: Patience = "estimated",
    backend: str = "",
) -> tuple[Decision | None, Decision | None]:
    """
    Decide once more, under both plans, where the ways part.

    Args:
        day: The day.
        plans: The recorded one and the other, compiled.
        parting: Of a comparison of the two.
        patience: As in the other run.
        backend: Which engine; empty: the active one.

    Returns:
        What is decided about the call under each; None: it is not there.

    Cost: both days once more, up to that instant.
    """
    until = (parting.at_ms, parting.call)
    was, now = (
        rerun_day(day, plan, patience=patience, backend=backend, until=until)
        for plan in plans
    )
    return _decision(was, parting, parting.was), _decision(now, parting, parting.now)


def _decision(run: Rerun, parting: Parting, what: str) -> Decision | None:
    query = ExplainQuery(now_ms=parting.at_ms, call=parting.call)
    words = what.split()
    if words[:1] == ["rings"] and len(words) == 2:
        # Whatever is assumed lets the offer be taken back and decided once more.
        same = AgentAssumption(agent=words[1], state="unchanged")
        query = msgspec.structs.replace(query, assume=(same,))
    try:
        decision: Decision = run.engine.explain(query)
    except EventRefusedError:
        return None
    return decision


def _kinds(was: Fate, now: Fate) -> tuple[str, ...]:
    differs = {
        "outcome": was.outcome != now.outcome,
        "agent": was.agent != now.agent,
        "wait": was.wait_ms != now.wait_ms,
        "queue": was.queue != now.queue,
    }
    return tuple(kind for kind, is_so in differs.items() if is_so)


def _by_call(steps: Iterable[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.call, []).append(step)
    return found


def _parting(was: list[Step], now: list[Step]) -> Parting | None:
    """
    Find the first step that differs; the earlier of the two says where.
    """
    for one, other in zip_longest(was, now):
        if one == other:
            continue
        first = min((s for s in (one, other) if s is not None), key=lambda s: s.at_ms)
        same = [
            ""
            if s is None or (s.at_ms, s.call) != (first.at_ms, first.call)
            else s.what
            for s in (one, other)
        ]
        return Parting(at_ms=first.at_ms, call=first.call, was=same[0], now=same[1])
    return None


def _totals(fates: Iterable[Fate], threshold_ms: int) -> Totals:
    fates = list(fates)
    waits = sorted(fate.wait_ms for fate in fates if fate.agent)
    counted = {"abandoned": 0, "voicemail": 0}
    for fate in fates:
        if not fate.agent and fate.outcome in counted:
            counted[fate.outcome] += 1
    return Totals(
        offered=len(fates),
        answered=len(waits),
        abandoned=counted["abandoned"],
        voicemail=counted["voicemail"],
        other=len(fates) - len(waits) - sum(counted.values()),
        wait_mean_ms=sum(waits) // len(waits) if waits else None,
        wait_p90_ms=waits[-(-9 * len(waits) // 10) - 1] if waits else None,
        answered_in_time=sum(wait_ms <= threshold_ms for wait_ms in waits),
    )
