"""
Lints of priorities: who waits as long as others come, and who overtakes whom when.

Calls are compared by grade: their priority when they arrive, and what it gains by
waiting.  A plan of thousands of queues has few grades.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..reference.limits import PRIORITY_MAX
from ._lint import Lint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..plan import Fault, Path
    from ..plan.model import RawQueue
    from ._survey import Entry, Survey

__all__ = ["LINTS", "find"]

STARVATION = Lint(
    code="starvation",
    severity="warning",
    meaning="Calls of a priority wait as long as calls of a higher one come.",
    remedy="Set `aging_per_min`, and an `aging_cap` that reaches the difference.",
)
OVERTAKING = Lint(
    code="overtaking",
    severity="note",
    meaning="By waiting, calls of a priority overtake new calls of a higher one.",
    remedy="Change `aging_per_min` if the times are not those that are meant.",
)
QUEUE_ALWAYS_SECOND = Lint(
    code="queue_always_second",
    severity="warning",
    meaning="All who can take a queue's calls serve other queues before it.",
    remedy="Give an agent `priority` 1 for this queue, or the same for both.",
)

LINTS = (STARVATION, OVERTAKING, QUEUE_ALWAYS_SECOND)

_OVERTAKES_AFTER_S = 300
"""What the hint aims at: five minutes is long for a caller, and is not for ever."""

_NAMED_MAX = 4


class _Grade(NamedTuple):
    """
    What calls are worth, and become worth by waiting.
    """

    priority: int
    aging_milli: int
    """Thousandths gained a minute; 0: they do not age."""
    aging_cap: int
    raises: tuple[tuple[float, int], ...]
    """Seconds of waiting, and what the calls have gained by steps from then on."""
    is_fixed: bool
    """The queue's line is not one of priorities."""


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find priorities that others hold back, and say when each overtakes each.
    """
    grades: dict[_Grade, list[Entry]] = {}
    for entry in survey.entries:
        grades.setdefault(_grade(survey, entry), []).append(entry)
    able = {grade: _union(entries) for grade, entries in grades.items()}
    for low in sorted(grades):
        yield from _compared(survey, low, grades, able)
    yield from _always_second(survey)


def _union(entries: Iterable[Entry]) -> int:
    found = 0
    for entry in entries:
        found |= entry.able
    return found


def _grade(survey: Survey, entry: Entry) -> _Grade:
    """
    Return the grade of a number's calls (rules 8.2, 8.3 and 18.14).
    """
    queue = survey.raw.queues[entry.queue]
    if queue.line != "priority":
        return _Grade(queue.priority, 0, 0, (), is_fixed=True)
    raised, raises = 0, []
    for step in queue.steps:
        raised += step.raise_priority
        if step.raise_priority:
            raises.append((step.after_s, raised))
    aging_milli = round(queue.aging_per_min * 1000)
    total = queue.priority + survey.raw.numbers[entry.number].priority
    priority = max(-PRIORITY_MAX, min(PRIORITY_MAX, total))
    cap = queue.aging_cap if aging_milli else 0
    return _Grade(priority, aging_milli, cap, tuple(raises), is_fixed=False)


def _compared(
    survey: Survey,
    low: _Grade,
    grades: Mapping[_Grade, list[Entry]],
    able: Mapping[_Grade, int],
) -> Iterable[Fault]:
    """
    Compare a grade with all higher ones whose calls the same agents can take.
    """
    higher = [g for g in grades if g.priority > low.priority and able[g] & able[low]]
    if not higher:
        return
    rivals: dict[int, int] = {}
    for grade in higher:
        rivals[grade.priority] = rivals.get(grade.priority, 0) | able[grade]
    times = {priority: _after_s(low, priority) for priority in sorted(rivals)}
    never = [priority for priority, after_s in times.items() if after_s is None]
    soon = {p: after_s for p, after_s in times.items() if after_s is not None}
    if never:
        entries = _rivalled(grades[low], rivals, never)
        yield STARVATION.at(
            _place(survey, entries[0]),
            f"calls of {_whose(low, entries)} wait as long as calls of priority"
            f" {_listed(_rivals_named(grades, p, low, able) for p in never)} come",
            _hint(survey.raw.queues[entries[0].queue], low, never),
        )
    if soon:
        entries = _rivalled(grades[low], rivals, soon)
        overtaken = _listed(f"{p} after {s:g} s" for p, s in soon.items())
        yield OVERTAKING.at(
            ("queues", entries[0].queue, "aging_per_min"),
            f"calls of {_whose(low, entries)} overtake new calls of priority"
            f" {overtaken}",
            _leaves(survey.raw.queues[entries[0].queue], max(soon.values())),
        )


def _after_s(low: _Grade, priority: int) -> float | None:
    """
    Return after how much waiting a call comes before a new one; None: never.

    With equal priority the one that has waited longer comes first.
    """
    periods = [(0.0, 0), *low.raises]
    ends = [begins_s for begins_s, _ in low.raises]
    for (begins_s, raised), end_s in zip(periods, [*ends, None], strict=True):
        short = priority - low.priority - raised
        if short <= 0:
            return begins_s
        if low.aging_milli and short <= low.aging_cap:
            ages_s = -(-short * 60_000_000 // low.aging_milli) / 1000
            after_s = max(begins_s, ages_s)
            if end_s is None or after_s < end_s:
                return after_s
    return None


def _rivalled(
    entries: Iterable[Entry], rivals: Mapping[int, int], priorities: Iterable[int]
) -> list[Entry]:
    """
    Return the entries whose agents could take calls of these priorities, too.
    """
    others = 0
    for priority in priorities:
        others |= rivals[priority]
    return [entry for entry in entries if entry.able & others]


def _rivals_named(
    grades: Mapping[_Grade, list[Entry]],
    priority: int,
    low: _Grade,
    able: Mapping[_Grade, int],
) -> str:
    """
    Write a priority with the queues that have it and share agents.
    """
    queues = dict.fromkeys(
        repr(entry.queue)
        for grade, entries in grades.items()
        if grade.priority == priority
        for entry in entries
        if entry.able & able[low]
    )
    return f"{priority} in {_listed(queues)}"


def _place(survey: Survey, entry: Entry) -> Path:
    """
    Return where the priority of a number's calls is written, or would be.
    """
    if entry.is_direct and survey.raw.numbers[entry.number].priority:
        return (*entry.path, "priority")
    return ("queues", entry.queue, "priority")


def _whose(low: _Grade, entries: list[Entry]) -> str:
    queues = dict.fromkeys(repr(entry.queue) for entry in entries)
    text = f"priority {low.priority} in {_listed(queues)}"
    if low.aging_milli:
        text += f", which gain {low.aging_milli / 1000:g} a minute"
        text += f" up to {low.aging_cap}" if low.aging_cap < 1000 else ""
        text += ","
    return text


def _listed(words: Iterable[str]) -> str:
    """
    List words; of many only the first.
    """
    all_words = list(words)
    if len(all_words) > _NAMED_MAX:
        more = len(all_words) - _NAMED_MAX + 1
        all_words = [*all_words[: _NAMED_MAX - 1], f"{more} more"]
    *most, last = all_words
    return f"{', '.join(most)} and {last}" if most else last


def _hint(queue: RawQueue, low: _Grade, never: list[int]) -> str:
    if low.is_fixed:
        return (
            f'calls gain no priority where line = "{queue.line}";'
            ' line = "priority" has aging_per_min'
        )
    short = max(never) - low.priority
    if low.aging_milli and low.aging_cap < short:
        return f"aging_cap = {short} or more would let them overtake in the end"
    within_s = min(_OVERTAKES_AFTER_S, (queue.max_wait_s or 86400) / 2)
    aging = -(-short * 60 // max(1, int(within_s)))
    return (
        f"aging_per_min = {aging} would let them overtake after"
        f" {short * 60 / aging:.0f} s"
    )


def _leaves(queue: RawQueue, after_s: float) -> str:
    if queue.max_wait_s is not None and queue.max_wait_s <= after_s:
        return f"they leave the queue after {queue.max_wait_s:g} s, before that"
    return "aging_per_min and the steps' raise_priority say how fast"


def _always_second(survey: Survey) -> Iterable[Fault]:
    """
    Find queues whose agents all serve another queue first (rule 8.3).
    """
    places = {name: _places(survey, name) for name in survey.entered}
    before: dict[int, int] = {}
    for of_queue in places.values():
        for priority, agents in of_queue.items():
            before[priority] = before.get(priority, 0) | agents
    for name, of_queue in places.items():
        if survey.able[name] and all(
            not agents & ~_union_before(before, priority)
            for priority, agents in of_queue.items()
        ):
            yield QUEUE_ALWAYS_SECOND.at(
                ("queues", name, "members"),
                f"calls of {name!r} wait as long as calls of other queues come that"
                " its agents serve first, however urgent they are",
                "give somebody priority = 1 for this queue",
            )


def _places(survey: Survey, name: str) -> dict[int, int]:
    """
    Return who can take a queue's calls, by their priority for it.
    """
    queue = survey.raw.queues[name]
    able = survey.able[name]
    found: dict[int, int] = {}
    placed = 0
    # Who is named twice is served by the last line.
    for members in reversed(queue.members):
        agents = survey.named(members.agents, members.teams) & able & ~placed
        placed |= agents
        if agents:
            found[members.priority] = found.get(members.priority, 0) | agents
    if able & ~placed:
        found[1] = found.get(1, 0) | (able & ~placed)
    return found


def _union_before(before: Mapping[int, int], priority: int) -> int:
    found = 0
    for other, agents in before.items():
        if other < priority:
            found |= agents
    return found
