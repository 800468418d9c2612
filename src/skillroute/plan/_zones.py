"""
IANA zones as tables of transitions, always from the ``tzdata`` package.

The system's own files are never read: two machines with one ``tzdata`` must
compile a plan to the same bytes.
"""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from .compiled import CompiledZone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["compile_zone", "zone_names"]

FIRST_S = 0
"""1970-01-01 00:00 UTC: where tables begin."""

LAST_S = 4_133_980_800
"""2101-01-01 00:00 UTC: where tables end; the last offset holds from there on."""

# No zone changes its offset twice within a week once its listed transitions are
# over: what follows is one yearly rule.
_STRIDE_S = 7 * 24 * 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER = struct.Struct(">4sc15x6L")


@cache
def zone_names() -> frozenset[str]:
    """
    Return the names of all IANA zones that ``tzdata`` has.
    """
    return frozenset(_tzdata("zones").decode().split())


@cache
def compile_zone(name: str) -> CompiledZone:
    """
    Make the table of one zone, 1970 to 2100, exact to the second.

    Args:
        name: One of ``zone_names``.

    Returns:
        The table.

    Cost: about 50 ms for a zone with daylight saving time; remembered.
    Source: TZif version 2, RFC 9636 section 3; beyond the file's last transition
        ``zoneinfo`` applies the file's rule and the changes are bisected.
    """
    data = _tzdata("zoneinfo", *name.split("/"))
    zone = _zone_info(name, data)
    listed = [at for at in _listed_transitions(data) if FIRST_S < at < LAST_S]
    times = [*listed, *_ruled_transitions(zone, max([FIRST_S, *listed]))]
    transitions: list[int] = []
    offsets = [_offset_s(zone, FIRST_S)]
    for at in times:
        offset = _offset_s(zone, at)
        if offset != offsets[-1]:
            transitions.append(at)
            offsets.append(offset)
    return CompiledZone(
        name=name,
        transitions_ms=tuple(at * 1000 for at in transitions),
        offsets_ms=tuple(offset * 1000 for offset in offsets),
    )


def _tzdata(*path: str) -> bytes:
    """
    Read a file of the ``tzdata`` package.
    """
    from importlib.resources import files  # noqa: PLC0415  # slow to import

    return files("tzdata").joinpath(*path).read_bytes()


def _zone_info(name: str, data: bytes) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # slow to import

    return ZoneInfo.from_file(io.BytesIO(data), key=name)


def _listed_transitions(data: bytes) -> tuple[int, ...]:
    """
    Read the transition times, in epoch seconds, of a TZif file's 64-bit part.
    """
    _, version, *counts = _HEADER.unpack_from(data)
    if version == b"\0":
        return _times(data, 0, counts, ">%dl", 4)
    isut, isstd, leap, time, kind, char = counts
    second = _HEADER.size + time * 5 + kind * 6 + char + leap * 8 + isstd + isut
    _, _, *counts = _HEADER.unpack_from(data, second)
    return _times(data, second, counts, ">%dq", 8)


def _times(
    data: bytes, at: int, counts: list[int], layout: str, size: int
) -> tuple[int, ...]:
    count = counts[3]
    start = at + _HEADER.size
    return struct.unpack(layout % count, data[start : start + count * size])


def _ruled_transitions(zone: ZoneInfo, from_s: int) -> list[int]:
    """
    Find the changes of offset after *from_s*, to the second.
    """
    found: list[int] = []
    before = _offset_s(zone, from_s)
    for end in range(from_s + _STRIDE_S, LAST_S + _STRIDE_S, _STRIDE_S):
        after = _offset_s(zone, min(end, LAST_S - 1))
        if after != before:
            found.append(_bisect(zone, end - _STRIDE_S, min(end, LAST_S - 1)))
            before = after
    return found


def _bisect(zone: ZoneInfo, low: int, high: int) -> int:
    """
    Find the one instant in (low, high] at which the offset changes.
    """
    before = _offset_s(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_s(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset_s(zone: ZoneInfo, at_s: int) -> int:
    """
    Return local minus UTC at an instant, in seconds.
    """
    instant = _EPOCH + timedelta(seconds=at_s)
    offset = instant.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
