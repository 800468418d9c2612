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
from types import UnionType
from typing import Any, Protocol, TypeVar, Union, get_args, get_origin

import msgspec

from ..contract import Party
from ..events import (
    CallArrived,
    Event,
    ListEntryAdded,
    ListEntryRemoved,
    MessageLeft,
)
from ..reference.state import Snapshot

__all__ = ["Texts", "personal_texts", "replaced_in_event", "replaced_in_state"]

_T = TypeVar("_T", bound=msgspec.Struct)

_OURS: dict[type, tuple[str, ...]] = {CallArrived: ("dialled",)}
"""Parties that are nobody: our own numbers."""

_TEXTS: dict[type, tuple[str, ...]] = {
    ListEntryAdded: ("mask",),
    ListEntryRemoved: ("mask",),
    MessageLeft: ("number", "to", "text"),
}
"""Plain texts of a person; the first is the number to which the others belong."""


class Texts(Protocol):
    """
    Puts something in place of a text.
    """

    def __call__(self, text: str, number: str) -> str:
        """
        Return what stands in place of *text*, which belongs to *number*.
        """
        ...


def replaced_in_event(event: Event, change: Texts) -> Event:
    """
    Return an event with its personal texts changed; the same object if it has none.
    """
    if not _fields(type(event)) and type(event) not in _TEXTS:
        return event
    return _replaced(event, change)


def replaced_in_state(state: bytes, change: Texts) -> bytes:
    """
    Return a snapshot with its personal texts changed.

    Raises:
        msgspec.DecodeError: It is no snapshot of this version.
    """
    snapshot = msgspec.msgpack.decode(state, type=Snapshot)
    return msgspec.msgpack.encode(_replaced(snapshot, change))


def personal_texts(event: Event) -> list[str]:
    """
    List the texts of an event that ``replaced_in_event`` would change.
    """
    found: list[str] = []

    def note(text: str, number: str) -> str:  # noqa: ARG001
        found.append(text)
        return text

    replaced_in_event(event, note)
    return found


def _replaced(value: _T, change: Texts) -> _T:
    """
    Return a struct with every personal text in it changed.
    """
    kind = type(value)
    changes: dict[str, Any] = {}
    for name in _fields(kind):
        changes[name] = _replaced_any(getattr(value, name), change)
    names = _TEXTS.get(kind, ())
    number = getattr(value, names[0]) if names else ""
    for name in names:
        text = getattr(value, name)
        changes[name] = change(text, number) if text else text
    return msgspec.structs.replace(value, **changes) if changes else value


def _replaced_any(value: Any, change: Texts) -> Any:
    if isinstance(value, Party):
        return _replaced_party(value, change)
    if isinstance(value, msgspec.Struct):
        return _replaced(value, change)
    if isinstance(value, list | tuple):
        return type(value)(_replaced_any(element, change) for element in value)
    return value


def _replaced_party(party: Party, change: Texts) -> Party:
    number, raw, name = party.number, party.raw, party.name
    return msgspec.structs.replace(
        party,
        number=change(number, number) if number else "",
        raw=change(raw, number) if raw else "",
        name=change(name, number) if name else "",
    )


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
