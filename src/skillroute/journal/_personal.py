"""
Where numbers and names of people stand in events and snapshots.

They are found by type: every ``Party`` is personal (its number, its spelling as the
switch gave it, its name), but for the number of ours that was dialled.  A few events
have a number or words of a person as plain text; ``_TEXTS`` names them.

What replaces them is text as well, so that an engine which is told the opaque id in
place of a number decides alike: today it only asks whether two numbers are equal
(rule 9.3, size per caller); region, operator and zones ride in the event beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin

import msgspec

from ..contract import Party
from ..events import (
    EVENTS,
    CallArrived,
    Event,
    ListEntryAdded,
    ListEntryRemoved,
    MessageLeft,
)
from ..reference.state import Snapshot

__all__ = [
    "Change",
    "Spelling",
    "is_in_state",
    "personal_kinds",
    "replaced_in_event",
    "replaced_in_state",
    "spellings",
]

_T = TypeVar("_T", bound=msgspec.Struct)
_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)

Spelling: TypeAlias = tuple[str, str, str]
"""A number, how the switch spelt it, and the name with it; each may be empty."""

Change: TypeAlias = Callable[[Spelling], Spelling]
"""Gives what stands in place of a spelling."""

_OURS: dict[type, tuple[str, ...]] = {CallArrived: ("dialled",)}
"""Parties that are nobody: our own numbers."""

_PARTY = ("number", "raw", "name")
_TEXTS: dict[type, tuple[str, ...]] = {
    ListEntryAdded: ("mask",),
    ListEntryRemoved: ("mask",),
    MessageLeft: ("number", "to", "text"),
}
"""Plain texts of a person: a number, then what belongs to it."""


@functools.cache
def personal_kinds() -> frozenset[type]:
    """
    Return the classes of events that have personal texts.
    """
    return frozenset(kind for kind in EVENTS if kind in _TEXTS or _fields(kind))


def replaced_in_event(event: Event, change: Change) -> Event:
    """
    Return an event with its personal texts changed; the same object if it has none.
    """
    return _replaced(event, change) if type(event) in personal_kinds() else event


def replaced_in_state(state: bytes, change: Change) -> bytes:
    """
    Return a snapshot with its personal texts changed.

    Raises:
        msgspec.DecodeError: It is no snapshot of this version.
    """
    snapshot = _SNAPSHOT.decode(state)
    return msgspec.msgpack.encode(_replaced(snapshot, change))


def is_in_state(state: bytes, number: str) -> bool:
    """
    Tell whether a call in a snapshot is from a number.

    Args:
        state: What ``Engine.snapshot`` gave.
        number: The number, normalised.
    """
    found = False

    def look(spelling: Spelling) -> Spelling:
        nonlocal found
        found = found or spelling[0] == number
        return spelling

    replaced_in_state(state, look)
    return found


def spellings(event: Event) -> list[Spelling]:
    """
    List the spellings of an event that ``replaced_in_event`` would change.
    """
    found: list[Spelling] = []

    def note(spelling: Spelling) -> Spelling:
        found.append(spelling)
        return spelling

    replaced_in_event(event, note)
    return found


def _replaced(value: _T, change: Change) -> _T:
    """
    Return a struct with every personal text in it changed.
    """
    kind = type(value)
    if kind in _TEXTS:
        return _respelt(value, _TEXTS[kind], change)
    changes = {name: _any(getattr(value, name), change) for name in _fields(kind)}
    return msgspec.structs.replace(value, **changes) if changes else value


def _any(value: Any, change: Change) -> Any:
    if isinstance(value, Party):
        return _respelt(value, _PARTY, change)
    if isinstance(value, msgspec.Struct):
        return _replaced(value, change)
    if isinstance(value, list | tuple):
        return type(value)(_any(element, change) for element in value)
    return value


def _respelt(value: _T, fields: tuple[str, ...], change: Change) -> _T:
    number, raw, name = (*(getattr(value, field) for field in fields), "", "")[:3]
    other = change((number, raw, name))
    changes = dict(zip(fields, other, strict=False))
    return msgspec.structs.replace(value, **changes)


@functools.cache
def _fields(kind: type) -> tuple[str, ...]:
    """
    Name the fields of a struct in which a party may stand.
    """
    return tuple(
        field.name
        for field in msgspec.structs.fields(kind)
        if field.name not in _OURS.get(kind, ()) and _holds_party(field.type)
    )


def _holds_party(annotation: Any) -> bool:
    if annotation is Party:
        return True
    if get_origin(annotation) in (list, tuple, Union, UnionType):
        return any(_holds_party(part) for part in get_args(annotation))
    is_struct = isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)
    return is_struct and bool(_fields(annotation))
