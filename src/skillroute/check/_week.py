"""
Weeks: who is on shift when, in one zone, and intervals of a week in words.

A plan has no date, so a week in January and one in July stand for the year: between
zones that change their clocks on other days, or not at all, hours shift.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ..plan import WEEK_MS, compile_zone, read_weekly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._survey import Survey

__all__ = ["Intervals", "Week", "in_words", "minus"]

Intervals = tuple[tuple[int, int], ...]
"""[start, end) in local milliseconds since Monday 00:00, sorted; no two touch."""

JANUARY_MS = 1_894_752_000_000
"""2030-01-16 00:00 UTC, far from any change of clocks."""

JULY_MS = 1_910_476_800_000
"""2030-07-17 00:00 UTC, far from any change of clocks."""

_FEW = 256
"""So many agents are gone through one by one."""

_DAY_MS = 24 * 3600 * 1000
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


class Week:
    """
    Who is on shift in each part of a week; a set of parts is an integer.
    """

    def __init__(self, survey: Survey, zone: str, at_ms: int) -> None:
        """
        Cut the week wherever a shift begins or ends.

        Args:
            survey: The plan and its agents.
            zone: Of the week; schedules of other zones are moved to it.
            at_ms: The instant whose offsets count.

        Cost: schedules times parts of the week.
        """
        self._survey = survey
        names = [name for name in survey.shifts if name is not None]
        self._zone, self._at_ms = zone, at_ms
        hours = {name: self.hours(name) for name in names}
        cuts = {edge for pairs in hours.values() for pair in pairs for edge in pair}
        self._starts = sorted({0, *cuts} - {WEEK_MS})
        self._parts = {name: self._parts_of(pairs) for name, pairs in hours.items()}
        self._agents: dict[int, int] = {}
        """Who works in the same parts; the longest shifts first."""
        for name in sorted(names, key=lambda name: -self._parts[name].bit_count()):
            parts = self._parts[name]
            self._agents[parts] = self._agents.get(parts, 0) | survey.shifts[name]
        self._whole = 0
        """The parts in which anybody with a schedule is on shift."""
        for parts in self._agents:
            self._whole |= parts
        self._gaps: dict[int, Intervals] = {}
        self._of: dict[int, Intervals] = {}

    def hours(self, schedule: str) -> Intervals:
        """
        Return when a schedule is open.
        """
        return _moved(self._survey, schedule, self._zone, self._at_ms)

    def gaps(self, able: int) -> Intervals:
        """
        Return when none of these agents is on shift.

        Cost: the agents, if they are few; else agents / 8 bytes for each schedule,
            until all hours of the site are found.
        """
        if able & self._survey.shifts.get(None, 0):
            return ()
        if able not in self._of:
            self._of[able] = self._unstaffed(self._staffed(able))
        return self._of[able]

    def _unstaffed(self, staffed: int) -> Intervals:
        if staffed not in self._gaps:
            ends = [*self._starts[1:], WEEK_MS]
            self._gaps[staffed] = _joined(
                (start, end)
                for part, (start, end) in enumerate(
                    zip(self._starts, ends, strict=True)
                )
                if not staffed >> part & 1
            )
        return self._gaps[staffed]

    def _staffed(self, able: int) -> int:
        """
        Return the parts in which any of these agents, who have schedules, works.
        """
        found = 0
        if able.bit_count() <= _FEW:
            for agent in self._survey.ids(able):
                found |= self._parts[self._survey.raw.agents[agent].schedule or ""]
            return found
        for parts, agents in self._agents.items():
            if parts | found != found and agents & able:
                found |= parts
                if found == self._whole:
                    break
        return found

    def _parts_of(self, hours: Intervals) -> int:
        found = 0
        for start, end in hours:
            first = bisect_left(self._starts, start)
            last = bisect_left(self._starts, end)
            found |= (1 << last) - (1 << first)
        return found


def minus(intervals: Intervals, others: Intervals) -> Intervals:
    """
    Return the instants of *intervals* that are not in *others*.
    """
    found: list[tuple[int, int]] = []
    for start, end in intervals:
        for other_start, other_end in others:
            if other_end <= start or end <= other_start:
                continue
            if start < other_start:
                found.append((start, other_start))
            start = other_end  # noqa: PLW2901 - what is left of it
        if start < end:
            found.append((start, end))
    return tuple(found)


def in_words(intervals: Intervals) -> str:
    """
    Write intervals as a plan does: ``mo-th 18:00-09:00, fr 18:00 to mo 09:00``.

    Args:
        intervals: Not empty.
    """
    if intervals == ((0, WEEK_MS),):
        return "at any time"
    pieces = [*intervals]
    if len(pieces) > 1 and pieces[0][0] == 0 and pieces[-1][1] == WEEK_MS:
        # A night from Sunday to Monday is one.
        pieces = [*pieces[1:-1], (pieces[-1][0], WEEK_MS + pieces[0][1])]
    short: dict[tuple[int, int], list[int]] = {}
    words: list[tuple[int, str]] = []
    for start, end in pieces:
        if end - start < _DAY_MS or (end - start == _DAY_MS and not start % _DAY_MS):
            key = (start % _DAY_MS, end - start)
            short.setdefault(key, []).append(start // _DAY_MS)
        else:
            words.append((start, f"{_moment(start)} to {_moment(end)}"))
    for (clock, length), days in short.items():
        start_ms = days[0] * _DAY_MS + clock
        until = _clock((clock + length) % _DAY_MS or _DAY_MS)
        words.append((start_ms, f"{_days(days)} {_clock(clock)}-{until}"))
    return ", ".join(text for _, text in sorted(words))


def _moved(survey: Survey, name: str, zone: str, at_ms: int) -> Intervals:
    """
    Return the hours of a schedule in the local time of another zone.
    """
    schedule = survey.raw.schedules[name]
    own = schedule.zone or survey.raw.site.zone
    hours = read_weekly(schedule.weekly)
    shift_ms = _offset_ms(zone, at_ms) - _offset_ms(own, at_ms) if own != zone else 0
    pieces: list[tuple[int, int]] = []
    for start, end in hours:
        begin = (start + shift_ms) % WEEK_MS
        stop = begin + end - start
        pieces.append((begin, min(stop, WEEK_MS)))
        if stop > WEEK_MS:
            pieces.append((0, stop - WEEK_MS))
    return _joined(sorted(pieces))


def _offset_ms(zone: str, at_ms: int) -> int:
    table = compile_zone(zone)
    return table.offsets_ms[bisect_right(table.transitions_ms, at_ms)]


def _joined(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """
    Join sorted intervals that touch.
    """
    found: list[tuple[int, int]] = []
    for start, end in intervals:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _days(days: list[int]) -> str:
    """
    Write days as ``mo-fr`` or ``mo,we-fr``.
    """
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        _DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}"
        for run in runs
    )


def _moment(at_ms: int) -> str:
    at_ms %= WEEK_MS
    return f"{_DAYS[at_ms // _DAY_MS]} {_clock(at_ms % _DAY_MS)}"


def _clock(at_ms: int) -> str:
    minutes = at_ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"
