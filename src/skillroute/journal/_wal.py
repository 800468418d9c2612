"""
What SQLite's write-ahead log holds, read before SQLite reads it.

After a crash SQLite keeps the transactions of the log up to the first frame whose
checksum is wrong and drops the rest without a word.  If that rest is one unfinished
transaction, it is a torn tail: nothing of it was acknowledged.  If whole
transactions follow the bad frame, they were acknowledged once and are damage, which
must be said.

Source: SQLite, "WAL-mode File Format", https://www.sqlite.org/walformat.html, read
for versions 3.40 to 3.46: a header of 32 bytes, then frames of 24 bytes and a page;
two salts that change whenever the log begins again; a checksum that goes on from
frame to frame; a frame with a database size ends a transaction.
"""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec

__all__ = ["LogFound", "read_log"]

_HEADER = struct.Struct(">IIIIIIII")
_FRAME = struct.Struct(">IIIIII")
_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
"""By which order of bytes the checksums are computed."""


class LogFound(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a write-ahead log holds.
    """

    torn_bytes: int = 0
    """Bytes of this log behind its last whole transaction."""
    bad_frame: int | None = None
    """The first bad frame, from 0, if whole transactions follow it; None: no damage."""


def read_log(file: Path) -> LogFound:
    """
    Read a write-ahead log without changing it.

    Args:
        file: The log; it may be absent.

    Returns:
        How it ends.

    Cost: linear in the file, which SQLite keeps at some megabytes.
    """
    data = file.read_bytes() if file.exists() else b""
    if len(data) < _HEADER.size:
        return LogFound(torn_bytes=len(data))
    magic, _version, page, _number, salt_1, salt_2, sum_1, sum_2 = _HEADER.unpack_from(
        data
    )
    order = _MAGIC.get(magic, "")
    sums = _summed(order, data[:24], (0, 0)) if order else (-1, -1)
    if sums != (sum_1, sum_2):
        return _without_header(data)
    size = _FRAME.size + page
    good = _HEADER.size
    frame, position = 0, _HEADER.size
    while position + size <= len(data):
        head = _FRAME.unpack_from(data, position)
        if head[2:4] != (salt_1, salt_2):
            break
        sums = _summed(order, data[position : position + 8], sums)
        body = data[position + _FRAME.size : position + size]
        sums = _summed(order, body, sums)
        if sums != head[4:6]:
            break
        frame += 1
        position += size
        if head[1]:
            good = position
    return _behind(data, good, position, frame, size, (salt_1, salt_2))


def _behind(  # noqa: PLR0917
    data: bytes, good: int, bad: int, frame: int, size: int, salts: tuple[int, int]
) -> LogFound:
    """
    Tell a torn tail from damage: is something whole behind the first bad frame?
    """
    own = [
        (position, bool(_FRAME.unpack_from(data, position)[1]))
        for position in range(bad, len(data) - _FRAME.size + 1, size)
        if _FRAME.unpack_from(data, position)[2:4] == salts
    ]
    commits = [position for position, ends in own if ends]
    if commits and own[-1][0] > commits[0]:
        return LogFound(bad_frame=frame, torn_bytes=len(data) - good)
    if own:
        return LogFound(torn_bytes=len(data) - good)
    # What is left has other salts: an older turn of the log, long in the database.
    unfinished = bad - good
    rest = len(data) - bad
    return LogFound(torn_bytes=unfinished + (rest if rest < size else 0))


def _without_header(data: bytes) -> LogFound:
    """
    Look at a log whose header is bad: SQLite would drop all of it.
    """
    for page in (4096, *(2**power for power in range(9, 17))):
        size = _FRAME.size + page
        heads = [
            _FRAME.unpack_from(data, position)
            for position in range(_HEADER.size, len(data) - size + 1, size)
        ]
        if any(head[1] for head in heads) and len({head[2:4] for head in heads}) == 1:
            return LogFound(bad_frame=0, torn_bytes=len(data))
    return LogFound(torn_bytes=len(data))


def _summed(order: str, data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """
    Go on with SQLite's checksum over more bytes, a multiple of eight.
    """
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
