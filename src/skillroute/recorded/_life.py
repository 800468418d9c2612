"""
Follows one call through a journal, from its arrival to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..actions import Action, OfferCall, RecordOutcome
from ..errors import EventRefusedError, UnknownIdError
from ..events import CallArrived, Event, Gap, HostLost, PlanReloaded
from ..journal import Record, StartedJournal, restart

__all__ = ["LifeMoment", "arrival_of", "follow_call"]


class LifeMoment(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that happened to a call, and what was ordered about it.
    """

    at_ms: int
    seq: int
    """The record; of a timer, the one that was recorded behind it."""
    event: Event | None
    """That names the call or one of its offers, or happened to the router; None: a
    timer, or something that happened to others."""
    actions: tuple[Action, ...]
    """Only those about the call."""


def follow_call(
    journal: StartedJournal,
    call: str,
    *,
    until_ms: int | None = None,
    backend: str = "",
) -> tuple[LifeMoment, ...]:
    """
    Follow a call from its arrival to its end.

    Args:
        journal: The journal.
        call: Id of the call.
        until_ms: Stop there; None: at its end.
        backend: Which engine; empty: the active one.

    Returns:
        What happened to it, in order.

    Raises:
        UnknownIdError: The journal has no such call (``unknown_call``).
        JournalError: The journal is damaged.

    Cost: reading the journal to the call's arrival, and a replay from the last snapshot
        before it to its end.
    """
    seq = arrival_of(journal, call).seq
    engine = restart(journal, backend=backend, until_seq=seq - 1).engine
    follower = _Follower(call)
    for record in journal.records(after_seq=seq - 1):
        if until_ms is not None and record.at_ms > until_ms:
            break
        for moment in follower.moments(engine, record):
            follower.life.append(moment)
        if follower.has_ended:
            break
    return tuple(follower.life)


def arrival_of(journal: StartedJournal, call: str) -> Record:
    """
    Find the record with which a call arrived.

    Raises:
        UnknownIdError: There is none (``unknown_call``).
    """
    for record in journal.records():
        event = record.event
        if isinstance(event, CallArrived) and event.call == call and not record.refused:
            return record
    begins = f", which begins behind record {journal.base_seq:,}"
    raise UnknownIdError(
        code="unknown_call",
        message=f"there is no call {call!r} in the journal"
        + (begins if journal.base_seq else ""),
        kind="call",
        id=call,
    )


class _Follower:
    """
    Tells what concerns a call from what concerns others.
    """

    def __init__(self, call: str) -> None:
        self._call = call
        self._offers: set[int] = set()
        self.life: list[LifeMoment] = []
        self.has_ended = False

    def moments(self, engine: Any, record: Record) -> Iterator[LifeMoment]:
        """Handle a record, each timer before it at its own instant."""
        event, at_ms, seq = record.event, record.at_ms, record.seq
        if event is None:
            return
        while (due_ms := engine.next_deadline_ms) is not None and due_ms <= at_ms:
            if isinstance(event, Gap):
                break
            yield from self._told(None, due_ms, seq, engine.advance(due_ms))
        refused = False
        try:
            actions = engine.handle(event, at_ms)
        except EventRefusedError as refusal:
            refused, actions = True, refusal.actions
        is_its = getattr(event, "call", "") == self._call
        is_its = is_its or getattr(event, "offer", 0) in self._offers
        # What happened to the router may have delayed or ended every call.
        is_its = is_its or isinstance(event, (Gap, HostLost, PlanReloaded))
        told = event if is_its and not refused else None
        yield from self._told(told, at_ms, seq, actions)

    def _told(
        self, event: Event | None, at_ms: int, seq: int, actions: tuple[Action, ...]
    ) -> Iterator[LifeMoment]:
        own = tuple(a for a in actions if getattr(a, "call", "") == self._call)
        self._offers.update(a.offer for a in own if isinstance(a, OfferCall))
        self.has_ended |= any(isinstance(a, RecordOutcome) for a in own)
        if event is not None or own:
            yield LifeMoment(at_ms=at_ms, seq=seq, event=event, actions=own)
