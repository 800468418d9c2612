"""
Lints of waiting: without an end, or too short for what should happen in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lint import Lint
from ._survey import rings_several
from ._ways import overflows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawPlan, RawQueue
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

OVERFLOW_CYCLE = Lint(
    code="overflow_cycle",
    severity="warning",
    meaning="Queues send calls round, until these have been in one `max_visits` times.",
    remedy="Let one of them end in voicemail, a number or the last resort.",
)

LINTS = (ENDLESS_WAIT, OVERFLOW_NEVER, OVERFLOW_CYCLE, RING_LONGER_THAN_WAIT)

_NAMED_MAX = 6


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find waits that have no end, or end too soon, and ways that have none.
    """
    yield from _cycles(survey.raw)
    for name, queue in survey.raw.queues.items():
        yield from _never_there(("queues", name), queue)
    for name in survey.entered:
        queue = survey.raw.queues[name]
        path = ("queues", name)
        if is_endless(queue) and queue.overflow is None:
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


def _never_there(path: Path, queue: RawQueue) -> Iterable[Fault]:
    """
    Find destinations of limits that a queue does not have.
    """
    if queue.overflow is not None and is_endless(queue) and not _turns_away(queue):
        yield OVERFLOW_NEVER.at(
            (*path, "overflow"),
            "no call gets there: calls wait in this queue without end",
            'set max_wait_s, or on_round_end = "overflow"',
        )
    # A queue without hours can still be closed by hand.
    missing = {
        "max_wait": (queue.max_wait_s is None, "set max_wait_s"),
        "size": (queue.size is None, "set size"),
        "size_per_caller": (queue.size_per_caller is None, "set size_per_caller"),
        "nobody_on_shift": (
            not (queue.refuse_nobody_on_shift or queue.leave_when_empty),
            "set refuse_nobody_on_shift or leave_when_empty",
        ),
        "nobody_logged_in": (
            not (queue.refuse_nobody_logged_in or queue.leave_when_empty),
            "set refuse_nobody_logged_in or leave_when_empty",
        ),
        "round_end": (not _round_overflows(queue), 'set on_round_end = "overflow"'),
    }
    for limit in queue.overflow_on:
        is_missing, hint = missing.get(limit, (False, ""))
        if is_missing:
            yield OVERFLOW_NEVER.at(
                (*path, "overflow_on", limit),
                f"no call gets there: this queue has no limit {limit!r}",
                hint,
            )


def _cycles(raw: RawPlan) -> Iterable[Fault]:
    """
    Find queues from which calls come back without having been asked (rule 10.1).
    """
    times = raw.site.max_visits
    for path, names in _rounds(raw):
        shown = [repr(name) for name in (*names, names[0])]
        if len(shown) > _NAMED_MAX:
            shown[3:-1] = [f"{len(shown) - 4} more"]
        yield OVERFLOW_CYCLE.at(
            path,
            f"calls go round: {' to '.join(shown)}; after {times} times in one of"
            " them they get the last resort",
            "let one of them end in voicemail, a number or the last resort",
        )


def _rounds(raw: RawPlan) -> Iterable[tuple[Path, list[str]]]:
    """
    Yield the destinations that lead back, each with the queues of its round.
    """
    after: dict[str, dict[str, Path]] = {name: {} for name in raw.queues}
    for source, path, target in overflows(raw, digits=False):
        after[source].setdefault(target, path)
    done: set[str] = set()
    for start in raw.queues:
        if start in done:
            continue
        way, at, work = [start], {start: 0}, [iter(after[start].items())]
        while work:
            target, path = next(work[-1], ("", ()))
            if not target:
                work.pop()
                done.add(way[-1])
                del at[way.pop()]
            elif target in at:
                yield path, way[at[target] :]
            elif target not in done:
                at[target] = len(way)
                way.append(target)
                work.append(iter(after[target].items()))


def is_endless(queue: RawQueue) -> bool:
    """
    Tell whether a call that nobody takes stays in a queue for ever.
    """
    return queue.max_wait_s is None and not _round_overflows(queue)


def _turns_away(queue: RawQueue) -> bool:
    """
    Tell whether a queue has a limit that it tests when a call comes.
    """
    return (
        queue.hours is not None
        or queue.size is not None
        or queue.size_per_caller is not None
        or queue.refuse_nobody_on_shift
        or queue.refuse_nobody_logged_in
        or queue.leave_when_empty
    )


def _round_overflows(queue: RawQueue) -> bool:
    """
    Tell whether a call leaves when everybody has been tried.
    """
    if queue.on_round_end == "next_step":
        # Behind the last step only where that is written (rule 18.5).
        return queue.overflow is not None or "round_end" in queue.overflow_on
    return queue.on_round_end == "overflow"
