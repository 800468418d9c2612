"""
Lints of hours: when nobody who could take a queue's calls is on shift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plan import WEEK_MS
from ._lint import Lint
from ._week import JANUARY_MS, JULY_MS, Intervals, Week, in_words, minus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ._survey import Survey

__all__ = ["LINTS", "find"]

CLOSED = Lint(
    code="closed",
    severity="note",
    meaning="At some hours of the week nobody at all is on shift for the queues.",
    remedy="Nothing, if the site is closed then; calls wait as their queue says.",
)
QUEUE_GAP = Lint(
    code="queue_gap",
    severity="note",
    meaning="Nobody who could take a queue's calls is on shift while others are.",
    remedy="Nothing, if that is meant; else change the shifts, or add agents.",
)
HOURS_UNSTAFFED = Lint(
    code="hours_unstaffed",
    severity="warning",
    meaning="Within a queue's `hours` nobody who could take its calls is on shift.",
    remedy="Change the shifts or the hours, or add agents.",
)
NEVER_ON_SHIFT = Lint(
    code="never_on_shift",
    severity="warning",
    meaning="Nobody who could take a queue's calls is ever on shift.",
    remedy="Write the hours of their schedules, or add agents.",
)

LINTS = (HOURS_UNSTAFFED, CLOSED, QUEUE_GAP, NEVER_ON_SHIFT)

_WHOLE_WEEK: Intervals = ((0, WEEK_MS),)
_NAMED_MAX = 3


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find gaps between shifts, those that queues share as one.
    """
    if not survey.raw.schedules:
        return
    gaps = _Gaps(survey)
    yield from gaps.never()
    yield from gaps.shared()
    yield from gaps.of_queues()


class _Gaps:
    """
    The week of a site, as it is in winter and in summer.
    """

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.zone = _zone(survey)
        self.weeks = [Week(survey, self.zone, JANUARY_MS)] * 2
        if len(survey.zones) > 1:
            self.weeks[1] = Week(survey, self.zone, JULY_MS)
        self.able: dict[Path, int] = {}
        for name in survey.entered:
            self.able["queues", name] = survey.able[name]
        self.numbers = [entry for entry in survey.entries if entry.is_direct]
        for entry in self.numbers:
            self.able[entry.path] = entry.able
        self.somebody = {
            p: able for p, able in self.able.items() if not self._is_idle(able)
        }
        union = 0
        for path, able in self.somebody.items():
            union |= 0 if self._hours(path) else able
        self.common = [week.gaps(union) for week in self.weeks]

    def never(self) -> Iterable[Fault]:
        """
        Find queues whose agents are never on shift.
        """
        for path, able in self.able.items():
            if able and path not in self.somebody and path[0] == "queues":
                yield NEVER_ON_SHIFT.at(
                    path,
                    f"nobody who could take calls of {path[1]!r} is ever on shift",
                    "write the hours of their schedules, or add agents",
                )

    def shared(self) -> Iterable[Fault]:
        """
        Say when nobody is there at all.
        """
        without_hours = any(self._hours(path) is None for path in self.somebody)
        if without_hours and any(self.common):
            yield CLOSED.at(
                ("schedules",),
                f"nobody is on shift {self._words(self.common)}",
                "calls wait then as their queue says; with hours a queue would send"
                " them on at once",
            )

    def of_queues(self) -> Iterable[Fault]:
        """
        Find further gaps, of queues and of numbers that ask for more.
        """
        alike: dict[tuple[Lint, tuple[Intervals, ...]], list[Path]] = {}
        own = {path: self._own(path) for path in self.somebody}
        for entry in self.numbers:
            # What a number's queue has in common with it is said of the queue.
            if own.get(entry.path) == own.get(("queues", entry.queue)):
                own.pop(entry.path, None)
        for path, gaps in own.items():
            if any(gaps):
                is_open = self._hours(path) and path[0] == "queues"
                lint = HOURS_UNSTAFFED if is_open else QUEUE_GAP
                alike.setdefault((lint, gaps), []).append(path)
        for (lint, gaps), (first, *others) in alike.items():
            kind = "the queue" if first[0] == "queues" else "the number"
            more = f" and of {len(others):,} more" if others else ""
            open_ = " though it is open" if lint is HOURS_UNSTAFFED else ""
            yield lint.at(
                (*first, "hours") if open_ else first,
                f"nobody who could take calls of {kind} {first[1]!r}{more} is on"
                f" shift {self._words(gaps)}{open_}",
                "if somebody should be there, change shifts or add agents",
            )

    def _own(self, path: Path) -> tuple[Intervals, ...]:
        """
        Return the gaps of a queue or number within its hours.

        Without hours they are those beyond the gaps of the whole site.
        """
        able, hours = self.able[path], self._hours(path)
        pairs = zip(self.weeks, self.common, strict=True)
        if hours is None:
            return tuple(minus(week.gaps(able), common) for week, common in pairs)
        return tuple(
            minus(week.gaps(able), minus(_WHOLE_WEEK, week.hours(hours)))
            for week in self.weeks
        )

    def _hours(self, path: Path) -> str | None:
        """
        Return the schedule in which a queue, or a number's, takes calls.
        """
        raw, name = self.survey.raw, str(path[1])
        queue = name if path[0] == "queues" else raw.numbers[name].queue
        return raw.queues[queue].hours

    def _is_idle(self, able: int) -> bool:
        return not able or all(w.gaps(able) == _WHOLE_WEEK for w in self.weeks)

    def _words(self, gaps: Iterable[Intervals]) -> str:
        """
        Write gaps with their zone; twice, if they move with the clocks.
        """
        january, july = (in_words(each) if each else "never" for each in gaps)
        if january == july:
            return f"{january} ({self.zone})"
        return f"{january} in January, {july} in July ({self.zone})"


def _zone(survey: Survey) -> str:
    """
    Return the zone in which hours are told: that of all schedules, or the site's.
    """
    return next(iter(survey.zones)) if len(survey.zones) == 1 else survey.raw.site.zone
