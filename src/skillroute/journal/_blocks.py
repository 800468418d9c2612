"""
Blocks: the records of one commit as bytes, and the chain of checksums over them.

A block holds its events as frames, just as ``Engine.replay`` reads them: four bytes
of length, big end first, then MessagePack ``[now_ms, event]``.  What no engine needs
stands beside them in ``marks``: the digests of the orders, codes of refusals, notes,
and which frames have an opaque id in place of a number or a name.

The checksum of a block covers that of the block before it, so that a record can
neither be changed nor be taken away without every later checksum being wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate, chain, compress
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from ..actions import Action
from ..events import Event
from ._interface import Record
from ._personal import personal_kinds

__all__ = [
    "Block",
    "Entries",
    "Note",
    "chained",
    "digest_of",
    "pack",
    "personal_events",
    "replayable",
    "unpack",
]

DIGEST_LENGTH = 4
_NO_DIGEST = bytes(DIGEST_LENGTH)
_LENGTH = 4
_FRAME_LENGTH = struct.Struct(">I")
_HEADER = struct.Struct(">QIIQQIQ")

_encode = msgspec.msgpack.Encoder().encode
_FRAME = msgspec.msgpack.Decoder(tuple[int, Event])


class Note(msgspec.Struct, frozen=True):
    """
    A note for people, on its way into a block.
    """

    kind: str
    text: str


class Entries(NamedTuple):
    """
    Records on their way into a block, column by column.
    """

    times: list[int]
    told: list[Any]
    """Events and notes."""
    orders: list[Sequence[Action]]
    codes: list[str]
    """Of a refusal; empty: none."""

    def part(self, begin: int, end: int) -> Entries:
        """
        Return those from one place up to another.
        """
        each = slice(begin, end)
        times, told, orders, codes = self
        return Entries(times[each], told[each], orders[each], codes[each])


class Marks(msgspec.Struct, array_like=True):
    """
    What stands beside the frames of a block.
    """

    digests: bytes
    """Four bytes a frame; zero: no orders."""
    refused: tuple[tuple[int, str], ...]
    """(frame, code), ascending."""
    personal: tuple[int, ...]
    """Where the frames start that have an opaque id in place of a number or a name,
    ascending."""
    notes: tuple[tuple[int, int, str, str], ...]
    """(place among the records of the block, at_ms, kind, text), ascending."""


_MARKS = msgspec.msgpack.Decoder(Marks)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """
    The records of one commit, as they are kept.
    """

    first_seq: int
    count: int
    lost: int
    """How many records are missing right before the first."""
    first_ms: int
    last_ms: int
    semantics: int
    frames: bytes
    marks: bytes

    @property
    def last_seq(self) -> int:
        """
        Number of its last record.
        """
        return self.first_seq + self.count - 1


def digest_of(actions: Sequence[Action]) -> bytes:
    """
    Return what a record keeps of the orders that the engine gave.

    Args:
        actions: The orders, in their order.

    Returns:
        Four bytes, equal for equal orders; empty if there are none.

    Source: CRC-32 as in RFC 1952 over their MessagePack.  It finds what changed by
    mistake; against purpose stands the chain over everything.
    """
    if not actions:
        return b""
    return crc32(_encode(actions)).to_bytes(DIGEST_LENGTH, "big")


def chained(before: bytes, block: Block) -> bytes:
    """
    Return the checksum of a block, which covers that of the block before it.
    """
    header = _HEADER.pack(
        block.first_seq,
        block.count,
        block.lost,
        block.first_ms,
        block.last_ms,
        block.semantics,
        len(block.frames),
    )
    state = blake2b(before, digest_size=32)
    state.update(header)
    state.update(block.frames)
    state.update(block.marks)
    return state.digest()


def pack(
    entries: Entries,
    conceal: Callable[[list[Any]], list[Event]],
    *,
    first_seq: int,
    lost: int,
    semantics: int,
) -> Block:
    """
    Make a block of records.

    A group is worked on column by column, in calls that loop by themselves: a line of
    Python for each record would cost as much again as all that is done here.

    Args:
        entries: The records, at least one.
        conceal: Puts opaque ids in place of numbers and names.
        first_seq: Number of the first.
        lost: How many are missing before it.
        semantics: By which number of behaviour they were decided.
    """
    (times, events, orders, codes), notes = _without_notes(entries)
    kinds = personal_kinds()
    personal = [n for n, event in enumerate(events) if type(event) in kinds]
    # What was told goes nowhere else.
    events = events.copy()
    for n, event in zip(personal, conceal([events[n] for n in personal]), strict=True):
        events[n] = event
    bodies = list(map(_encode, zip(times, events, strict=True)))
    lengths = list(map(len, bodies))
    heads = map(_FRAME_LENGTH.pack, lengths)
    frames = b"".join(chain.from_iterable(zip(heads, bodies, strict=True)))
    starts = list(accumulate((_LENGTH + length for length in lengths), initial=0))
    digests = [crc32(_encode(each)) if each else 0 for each in orders]
    marks = Marks(
        struct.pack(f">{len(digests)}I", *digests),
        tuple((n, code) for n, code in enumerate(codes) if code) if any(codes) else (),
        tuple(starts[n] for n in personal),
        notes,
    )
    return Block(
        first_seq=first_seq,
        count=len(entries.times),
        lost=lost,
        first_ms=entries.times[0],
        last_ms=entries.times[-1],
        semantics=semantics,
        frames=frames,
        marks=_encode(marks),
    )


def _without_notes(
    entries: Entries,
) -> tuple[Entries, tuple[tuple[int, int, str, str], ...]]:
    """
    Take apart what engines are told and what is for people.
    """
    if Note not in set(map(type, entries.told)):
        return entries, ()
    is_told = [type(what) is not Note for what in entries.told]
    notes = tuple(
        (place, at_ms, what.kind, what.text)
        for place, (at_ms, what) in enumerate(zip(*entries[:2], strict=True))
        if not is_told[place]
    )
    return Entries(*(list(compress(column, is_told)) for column in entries)), notes


def unpack(block: Block, reveal: Callable[[Event], Event]) -> Iterator[Record]:
    """
    Read the records of a block whose checksum is right.

    Args:
        block: The block.
        reveal: Puts numbers and names back in place of opaque ids.
    """
    marks = _MARKS.decode(block.marks)
    refused, personal = dict(marks.refused), set(marks.personal)
    notes = {note[0]: note for note in marks.notes}
    frames = enumerate(_bodies(block.frames))
    for place in range(block.count):
        seq = block.first_seq + place
        if place in notes:
            _, at_ms, kind, text = notes[place]
            yield Record(
                seq=seq,
                at_ms=at_ms,
                event=None,
                note_kind=kind,
                text=text,
                semantics=block.semantics,
            )
            continue
        frame, (position, body) = next(frames)
        at_ms, event = _FRAME.decode(body)
        start = frame * DIGEST_LENGTH
        digest = marks.digests[start : start + DIGEST_LENGTH]
        yield Record(
            seq=seq,
            at_ms=at_ms,
            event=reveal(event) if position in personal else event,
            digest=b"" if digest == _NO_DIGEST else digest,
            refused=refused.get(frame, ""),
            semantics=block.semantics,
        )


def replayable(
    block: Block, reveal: Callable[[Event], Event], first: int, last: int
) -> bytes:
    """
    Return frames of a block for ``Engine.replay``, numbers and names put back.

    Args:
        block: The block.
        reveal: Puts them back.
        first: Number of the first record that is wanted.
        last: Number of the last.
    """
    marks = _MARKS.decode(block.marks)
    begin, end = 0, len(block.frames)
    if first > block.first_seq or last < block.last_seq:
        begin, end = _span(block, marks, first, last)
    pieces = []
    for start, body in _personal_bodies(block, marks):
        if begin <= start < end:
            shown = _revealed(body, reveal)
            length = len(shown).to_bytes(_LENGTH, "big")
            pieces += [block.frames[begin:start], length, shown]
            begin = start + _LENGTH + len(body)
    pieces.append(block.frames[begin:end])
    return b"".join(pieces)


def personal_events(block: Block) -> Iterator[Event]:
    """
    Read the events of a block that have opaque ids in them, as they are kept.
    """
    for _start, body in _personal_bodies(block, _MARKS.decode(block.marks)):
        yield _FRAME.decode(body)[1]


def _span(block: Block, marks: Marks, first: int, last: int) -> tuple[int, int]:
    """
    Find where the frames of some records begin and end.
    """
    notes = [block.first_seq + place for place, *_ in marks.notes]
    begin = first - block.first_seq - sum(seq < first for seq in notes)
    end = last + 1 - block.first_seq - sum(seq <= last for seq in notes)
    starts = [start for start, _body in _bodies(block.frames)]
    starts.append(len(block.frames))
    return starts[max(begin, 0)], starts[min(end, len(starts) - 1)]


def _personal_bodies(block: Block, marks: Marks) -> Iterator[tuple[int, bytes]]:
    for start in marks.personal:
        begin = start + _LENGTH
        end = begin + int.from_bytes(block.frames[start:begin], "big")
        yield start, block.frames[begin:end]


def _revealed(body: bytes, reveal: Callable[[Event], Event]) -> bytes:
    at_ms, event = _FRAME.decode(body)
    return _encode((at_ms, reveal(event)))


def _bodies(frames: bytes) -> Iterator[tuple[int, bytes]]:
    """
    Yield where each frame starts, and what is in it.
    """
    start = 0
    while start < len(frames):
        begin = start + _LENGTH
        end = begin + int.from_bytes(frames[start:begin], "big")
        yield start, frames[begin:end]
        start = end
