"""
Weekly schedules in a zone: is it open, when does that change, since when.

An interval is the set of instants whose local wall time lies in [start, end):
an hour that a clock change repeats is inside twice, one that it skips does not
exist (rule 3.1).  So the question is always asked of local time, and a change
can come from the week or from the zone.

Instants are wall-clock milliseconds since the Unix epoch.
"""

from __future__ import annotations

from bisect import bisect_right

from ..plan.compiled import CompiledSchedule, CompiledZone

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS

_EPOCH_IN_WEEK_MS = 3 * DAY_MS
"""1970-01-01 was a Thursday: three days after Monday 00:00."""

_SEGMENTS_MAX = 16
"""A week holds at most a few clock changes; a schedule that did not change over
this many is one that never will."""


def is_open(schedule: CompiledSchedule, zone: CompiledZone, at_ms: int) -> bool:
    """
    Tell whether the local time at an instant lies in one of the intervals.
    """
    return _covers(schedule, _in_week(at_ms + _offset_ms(zone, at_ms)))


def next_change_ms(
    schedule: CompiledSchedule, zone: CompiledZone, at_ms: int
) -> int | None:
    """
    Return the first instant after *at_ms* at which it opens or closes.

    None: it never will.
    """
    before = is_open(schedule, zone, at_ms)
    segment = bisect_right(zone.transitions_ms, at_ms)
    start_ms = at_ms
    for _ in range(_SEGMENTS_MAX):
        last = segment == len(zone.transitions_ms)
        end_ms = start_ms + 2 * WEEK_MS if last else zone.transitions_ms[segment]
        local_ms = _in_week(start_ms + zone.offsets_ms[segment])
        for edge_ms in _edges_after(schedule, local_ms):
            instant_ms = start_ms + edge_ms - local_ms
            if instant_ms >= end_ms:
                break
            if is_open(schedule, zone, instant_ms) != before:
                return instant_ms
        if last:
            return None
        if is_open(schedule, zone, end_ms) != before:
            return end_ms
        start_ms = end_ms
        segment += 1
    return None


def opened_at_ms(
    schedule: CompiledSchedule, zone: CompiledZone, at_ms: int
) -> int | None:
    """
    Return the instant at which the present opening began.

    None: it is closed, or has always been open.
    """
    if not is_open(schedule, zone, at_ms):
        return None
    segment = bisect_right(zone.transitions_ms, at_ms)
    end_ms = at_ms
    for _ in range(_SEGMENTS_MAX):
        first = segment == 0
        start_ms = end_ms - 2 * WEEK_MS if first else zone.transitions_ms[segment - 1]
        local_ms = _in_week(end_ms + zone.offsets_ms[segment])
        for edge_ms in _edges_until(schedule, local_ms):
            instant_ms = end_ms + edge_ms - local_ms
            if instant_ms < start_ms:
                break
            if not is_open(schedule, zone, instant_ms - 1):
                return instant_ms
        if first:
            return None
        if not is_open(schedule, zone, start_ms - 1):
            return start_ms
        end_ms = start_ms - 1
        segment -= 1
    return None


def _in_week(local_ms: int) -> int:
    return (local_ms + _EPOCH_IN_WEEK_MS) % WEEK_MS


def _offset_ms(zone: CompiledZone, at_ms: int) -> int:
    return zone.offsets_ms[bisect_right(zone.transitions_ms, at_ms)]


def _covers(schedule: CompiledSchedule, week_ms: int) -> bool:
    return any(start <= week_ms < end for start, end in schedule.weekly_ms)


def _edges(schedule: CompiledSchedule) -> list[int]:
    return [edge for interval in schedule.weekly_ms for edge in interval]


def _edges_after(schedule: CompiledSchedule, week_ms: int) -> list[int]:
    """
    List the edges after a local instant over two weeks, ascending.
    """
    edges = _edges(schedule)
    weeks = (0, WEEK_MS, 2 * WEEK_MS)
    return [edge + week for week in weeks for edge in edges if edge + week > week_ms]


def _edges_until(schedule: CompiledSchedule, week_ms: int) -> list[int]:
    """
    List the edges at or before a local instant over two weeks, descending.
    """
    edges = _edges(schedule)[::-1]
    weeks = (0, WEEK_MS, 2 * WEEK_MS)
    return [edge - week for week in weeks for edge in edges if edge - week <= week_ms]
