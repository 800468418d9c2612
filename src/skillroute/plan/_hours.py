"""
How weekly hours are written: ``mo-fr 09:00-12:00 13:00-18:00``.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from ..errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["WEEK_MS", "merge", "overlapping", "parse_weekly", "read_weekly"]

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
WEEK_MS = 7 * DAY_MS

_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")


def parse_weekly(text: str) -> list[tuple[int, int]]:
    """
    Read one line of weekly hours.

    Args:
        text: Days (``mo-fr``, ``mo,we``, ``sa-mo``, in any case), then one or more
            intervals with spaces between.  An interval whose end is not after its
            start ends the next day; 24:00 is an end.

    Returns:
        [start, end) in local milliseconds since Monday 00:00, one pair per day and
        interval, in the order written; what runs past Sunday is cut there and goes
        on from 0.

    Raises:
        PlanError: It cannot be read (``hours_malformed``).
    """
    days, *intervals = text.lower().split() or [""]
    if not intervals:
        _refuse(text, "write days, a space and hours: 'mo-fr 09:00-18:00'")
    spans = [_parse_interval(interval, text) for interval in intervals]
    return [
        piece
        for day in _parse_days(days, text)
        for start, end in spans
        for piece in _cut(day * DAY_MS + start, day * DAY_MS + end)
    ]


def read_weekly(lines: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """
    Read all lines of weekly hours.

    Args:
        lines: As for ``parse_weekly``.

    Returns:
        [start, end) in local milliseconds since Monday 00:00, sorted; no two touch.

    Raises:
        PlanError: As ``parse_weekly``.
    """
    return merge(interval for text in lines for interval in parse_weekly(text))


def merge(intervals: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """
    Sort intervals and join those that overlap or touch.

    Args:
        intervals: [start, end), in any order.

    Returns:
        The same instants as sorted intervals that do not touch.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def overlapping(intervals: Iterable[tuple[int, int]]) -> bool:
    """
    Tell whether two of the intervals share an instant.
    """
    return any(first[1] > second[0] for first, second in pairwise(sorted(intervals)))


def _parse_days(text: str, whole: str) -> list[int]:
    """
    Read ``mo,we-fr`` as day indexes, Monday is 0, each once, in order.
    """
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _day(first, whole), _day(last or first, whole)
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return sorted(days)


def _day(text: str, whole: str) -> int:
    if text not in DAYS:
        known = f"; did you mean {text[:2]!r}?" if text[:2] in DAYS else ""
        _refuse(whole, f"{text!r} is no day; days are {' '.join(DAYS)}{known}")
    return DAYS.index(text)


def _parse_interval(text: str, whole: str) -> tuple[int, int]:
    """
    Read ``22:00-06:00`` as milliseconds since 00:00; an end past 24:00 is tomorrow.
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        _refuse(whole, f"{text!r} is no interval; write it as '09:00-18:00'")
    start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
    if max(start_minute, end_minute) > 59 or start_hour > 23:
        _refuse(whole, f"{text!r} has no such time; a start is 00:00 to 23:59")
    start = (start_hour * 60 + start_minute) * MINUTE_MS
    end = (end_hour * 60 + end_minute) * MINUTE_MS
    if end > DAY_MS:
        _refuse(whole, f"{text!r} ends after 24:00; write '22:00-06:00' for a night")
    if end == start:
        _refuse(whole, f"{text!r} is empty; a whole day is '00:00-24:00'")
    return start, end if end > start else end + DAY_MS


def _cut(start: int, end: int) -> list[tuple[int, int]]:
    """
    Cut what runs past Sunday 24:00 and let it go on from Monday 00:00.
    """
    if end <= WEEK_MS:
        return [(start, end)]
    return [(start, WEEK_MS), (0, end - WEEK_MS)]


def _refuse(text: str, hint: str) -> NoReturn:
    raise PlanError(
        code="hours_malformed", message=f"cannot read the hours {text!r}", hint=hint
    )
